// Many tokens after a node, one after the other by the sampler's settings, as nodes that can be hung into the tree. Pure work for
// a background job; what was made before it is stopped is kept.
#pragma once

#include <atomic>

#include "app/run/branches.h"
#include "core/base/job.h"
#include "core/generate/generate.h"

namespace lw {

struct LongRequest {
    int count = 0;
    SamplingSettings settings = {};
    Pcg32 dice;                      // for the first roll
    std::vector<TokenId> ends = {};  // one of them ends the text
    std::int64_t budget = 0;         // bytes of captures of the whole text; 0 = the default
    bool beyondContext = false;
};

struct LongRun {
    std::vector<RunNodePtr> nodes;  // each the parent of the next
    StopReason reason = StopReason::Count;
    bool stopped = false;  // by `stop`
    double seconds = 0;
    double tokensPerSecond() const { return seconds > 0 ? static_cast<double>(nodes.size()) / seconds : 0; }
};

/// `stop`: ends it after the token that is being made; what is there is the result. The job's progress says tokens and tokens/s.
/// Fails: as step(), for the first token; OverBudget where the captures would not fit (with what would); Cancelled.
Result<LongRun> runLong(const Branches& branches, const RunNodePtr& from, const LongRequest& request,
                        const std::atomic<bool>& stop, const Job& job = {});

/// Adds the nodes to the tree; result: the last of them (children that were there already are walked, not made again), or
/// `from` if there is none.
RunNodePtr addPath(Branches& branches, const RunNodePtr& from, const std::vector<RunNodePtr>& nodes);

}  // namespace lw
