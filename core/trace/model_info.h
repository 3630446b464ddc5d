// What can be said of a model without its weights: sizes, and per block what is really in it. Views draw from this and never
// ask for a model's family by name.
#pragma once

#include <string>
#include <vector>

#include "core/base/index.h"
#include "core/tensor/activation.h"
#include "core/trace/site.h"

namespace lw {

enum class NormKind { LayerNorm, RmsNorm };

struct AttentionInfo {
    int heads = 0, kvHeads = 0, headWidth = 0;
    float scale = 1;     // scores = scale · q·k
    int window = 0;      // > 0: query i sees keys j with i - window < j <= i
    bool rotary = false; // rot_q and rot_k exist, and scores are made of them
    int kvHead(int head) const { return head / (heads / kvHeads); }
};

struct MlpInfo {
    int width = 0;
    bool gated = false;  // post = act(pre) ⊙ pre_linear
    Activation activation = Activation::GeluTanh;
};

// One block: stream → norm → attention → add → norm → feed-forward → add.
struct BlockInfo {
    AttentionInfo attention;
    MlpInfo mlp;
};

struct ModelInfo {
    std::string name;          // shown to people: "stories260K"
    std::string architecture;  // "llama", "gpt2"
    int width = 0;             // D
    int vocabulary = 0;        // V
    int context = 0;           // tokens; 0 = no limit
    bool hasPosEmbed = false;
    bool canGoBeyondContext = false;  // false where positions are a learned table
    NormKind norm = NormKind::LayerNorm;
    double normEps = 1e-5;
    bool tiedHead = false;
    std::int64_t parameters = 0;
    std::vector<BlockInfo> blocks;

    int layers() const { return static_cast<int>(blocks.size()); }
    bool has(SiteId id) const;                    // does this model have such a value at all
    int widthOf(SiteId id, Layer layer) const;    // columns of the [T, width] matrix of the site (heads joined); HeadQueryKey: 0
    /// Shape of the site's array for T tokens, outermost first, as trace files have it.
    std::vector<std::int64_t> shapeOf(SiteId id, Layer layer, int T) const;
};

}  // namespace lw
