// The whole run in double precision, straight from the token ids: a second, independent implementation of the forward pass for
// checks. Written for reading, not for speed; shares no code with core/nn, core/models or what a Trace derives: of the model it
// takes only the description (ModelInfo), the weights as float32 and the rotary frequencies.
#pragma once

#include <functional>
#include <span>

#include "core/base/job.h"
#include "core/models/model.h"

namespace lw {

// One site's values, as the run comes to it. Sites per head come head by head; others with head -1.
struct DoubleSite {
    SiteId site;
    Layer layer;
    int head;              // attention scores, pattern: [T, T] of this head; hook_result: [T, D]; a state and its terms: of one
                           // position, hook_read [1, V]
    const MatrixD& value;  // else [T, width], heads joined, as in a Trace
};

struct DoubleRunRequest {
    std::span<const TokenId> ids = {};                // inside the vocabulary, not empty (asserted)
    std::optional<Position> logitsOf = {};            // logits of this position only: one row [1, V]
    std::optional<Position> stateOf = {};             // a mixer's state and the terms of its step, of this position only
    bool results = false;                             // hook_result too: as large as all other sites of a layer together
    std::function<bool(const DoubleSite&)> see = {};  // false: enough seen, the run ends here
};

/// All sites of the model in the order of the forward pass, each shown once (per layer, per head).
/// Fails: Unsupported (a block with neither attention nor mixer); Cancelled; more tokens than a position table holds.
Result<void> doubleRun(const Model& model, const DoubleRunRequest& request, const Job& job = {});

}  // namespace lw
