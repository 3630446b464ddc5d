// One block at one position as its tensors in order: stream in, norm, attention, stream between, norm, feed-forward, stream
// out, and how exactly the two additions give the next stream. Read from a trace; from the model only gains are taken. Qt-free.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/models/model.h"
#include "core/trace/trace.h"

namespace lw {

struct NormFacts {
    std::optional<double> mean;  // of the input; only where the norm takes it off (LayerNorm)
    double scale = 0;            // √(mean(x²) + ε), of the centred input for LayerNorm
    RowVector normalized;        // before gain and bias [D]
    RowVector gain, bias;        // [D], or empty where the model has none
};

struct BlockFacts {
    Position position;
    Layer layer;
    RowVector streamIn, streamMid, streamOut;  // hook_resid_pre, _mid, _post [D]
    RowVector attentionOut, feedForwardOut;    // the additions [D]
    NormFacts norm1, norm2;
    Head head;                     // the head whose parts are shown
    int kvHead = 0;                // the key/value head it uses
    RowVector q, k, v, z;          // of that head [Dh]
    bool rotary = false;           // q and k are turned by their position before they meet
    RowVector neurons;             // hook_post, all of them [M]
    double largestDifference = 0;  // max |resid_pre + attn_out + mlp_out − resid_post|
};

/// The head is clamped into the block. Fails: a layer or position outside; a site that was not captured (named).
Result<BlockFacts> blockFacts(const Trace& trace, const Model& model, Layer layer, Head head, Position position);

}  // namespace lw
