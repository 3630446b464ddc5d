// One block at one position as its tensors in order: stream in, norm, attention or mixer, stream between, norm, feed-forward,
// stream out, and how exactly the additions give the next stream. A block has only the parts that its model describes. Read from
// a trace; from the model only gains are taken. Qt-free.
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

// A vector inside attention or a mixer: of the chosen head, or of all channels.
struct InnerPart {
    SiteId site = SiteId::Q;
    std::optional<Head> head;
    RowVector values;
};

struct BlockFacts {
    Position position;
    Layer layer;
    BlockInfo block;
    RowVector streamIn, streamMid, streamOut;  // hook_resid_pre, _mid, _post [D]; mid is empty where the block adds once
    RowVector firstOut, feedForwardOut;        // the additions of attention or the mixer, and of the feed-forward part [D]
    NormFacts norm1, norm2;                    // without numbers where the block has no such norm
    Head head;                                 // the head whose parts are shown
    std::vector<InnerPart> inside;             // attention: q, k, v, z; mixers: what goes into their memory and comes out
    RowVector neurons;                         // hook_post, all of them [M]; of experts their weights
    double largestDifference = 0;              // max |resid_pre + the additions − resid_post|

    bool hasFeedForward() const { return feedForwardOut.size() > 0; }
};

/// The head is clamped into the block. Fails: a layer or position outside; a site that was not captured (named).
Result<BlockFacts> blockFacts(const Trace& trace, const Model& model, Layer layer, Head head, Position position);

}  // namespace lw
