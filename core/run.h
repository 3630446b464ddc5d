// One forward pass over a text, captured: the function behind "Trace".
#pragma once

#include <memory>
#include <vector>

#include "core/base/job.h"
#include "core/models/model.h"
#include "core/trace/trace.h"

namespace lw {

struct RunOptions {
    std::int64_t budget = 0;      // bytes; 0 = defaultCaptureBudget()
    bool beyondContext = false;   // run past the model's context where the architecture can
    int chunk = 0;                // tokens per forward call; 0 = all at once (results agree within float error)
};

struct RunResult {
    std::shared_ptr<const Trace> trace;
    std::shared_ptr<const State> state;  // after the last token, to step on from
};

/// Fails: nothing to run; an id outside the vocabulary; OverContext (both numbers); OverBudget (with a cheaper offer); Cancelled.
Result<RunResult> run(const Model& model, std::vector<TokenId> ids, const CaptureSpec& spec, const RunOptions& options = {},
                      const Job& job = {});

/// Checks that the ids can be run; the same sentences as run's.
Result<void> checkIds(const ModelInfo& model, std::span<const TokenId> ids, bool beyondContext);

}  // namespace lw
