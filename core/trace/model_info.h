// What can be said of a model without its weights: sizes, and per block what is really in it. Views draw from this and never
// ask for a model's family by name.
#pragma once

#include <string>
#include <vector>

#include "core/base/index.h"
#include "core/tensor/activation.h"
#include "core/trace/mixer_info.h"
#include "core/trace/site.h"

namespace lw {

enum class NormKind { LayerNorm, RmsNorm };

struct AttentionInfo {
    int heads = 0, kvHeads = 0, headWidth = 0;
    float scale = 1;          // scores = scale · q·k
    int window = 0;           // > 0: query i sees keys j with i - window < j <= i
    bool rotary = false;      // rot_q and rot_k exist, and scores are made of them
    bool outputGate = false;  // z is multiplied by the sigmoid of a gate; W_Q holds each head's query rows, then its gate's
    double headNormEps = 0;   // > 0: each head's query and key pass an RMS norm before they are turned
    int kvHead(int head) const { return head / (heads / kvHeads); }
};

struct MlpInfo {
    int width = 0;       // neurons; 0 = the block has no feed-forward part. Of one expert where there are experts
    bool gated = false;  // post = act(pre) ⊙ pre_linear
    Activation activation = Activation::GeluTanh;
    int experts = 0;                 // > 0: a router chooses some of so many feed-forward layers; their neurons are no sites
    int chosenExperts = 0;           // so many are run for each token …
    bool normalisedExperts = false;  // … and their weights divided by their sum
};

// One block: stream → norm → attention or mixer → add → norm → feed-forward → add. Parts that are not there have no size.
struct BlockInfo {
    AttentionInfo attention = {};
    MlpInfo mlp = {};
    MixerInfo mixer = {};
    bool norm1 = true, norm2 = true;  // before attention or mixer, before the feed-forward part

    bool hasAttention() const { return attention.heads > 0; }
    bool hasMixer() const { return mixer.kind != MixerKind::None; }
    bool hasMlp() const { return mlp.width > 0; }
    /// What the block's first part adds to the stream: attention's addition or the mixer's.
    SiteId firstOut() const { return hasMixer() ? SiteId::MixerOut : SiteId::AttnOut; }
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
    bool finalNorm = true;       // the last stream is normed before it is read out
    bool residualStream = true;  // blocks add to a stream that runs from the embedding to the final norm
    std::int64_t parameters = 0;
    std::vector<BlockInfo> blocks;

    int layers() const { return static_cast<int>(blocks.size()); }
    const BlockInfo& block(Layer layer) const { return blocks.at(static_cast<std::size_t>(layer.value)); }
    bool has(SiteId id) const;               // does this model have such a value at all
    bool has(SiteId id, Layer layer) const;  // has it in this layer (any layer for sites without one)
    bool hasAttention() const;               // in some layer
    bool hasMixer() const;
    int widthOf(SiteId id, Layer layer) const;  // columns of the [T, width] matrix of the site (heads joined); HeadQueryKey: 0
    /// Heads that a site's array is divided into; 1 where it has no heads. For HeadQueryKey: its first axis.
    int headsOf(SiteId id, Layer layer) const;
    /// Shape of the site's array for T tokens, outermost first, as trace files have it. Of a state: of one position.
    std::vector<std::int64_t> shapeOf(SiteId id, Layer layer, int T) const;
};

}  // namespace lw
