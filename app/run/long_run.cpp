#include "app/run/long_run.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace lw {

Result<LongRun> runLong(const Branches& branches, const RunNodePtr& from, const LongRequest& request,
                        const std::atomic<bool>& stop, const Job& job) {
    using Clock = std::chrono::steady_clock;
    const Model& model = *branches.model()->model;
    const ModelInfo& info = model.info();
    const int length = from->state()->length();
    const bool bounded = info.context > 0 && !(request.beyondContext && info.canGoBeyondContext);
    const int count = bounded ? std::min(request.count, std::max(1, info.context - length)) : request.count;
    const std::int64_t budget = request.budget > 0 ? request.budget : defaultCaptureBudget(),
                       needed = branches.spec().bytes(info, length + count);
    if (needed > budget) {
        return fail(ErrorKind::OverBudget,
                    fmt::format("{} more tokens would keep {} of values, but the memory budget is {}: fewer tokens fit, or keep "
                                "only stream and attention.",
                                count, printBytes(needed), printBytes(budget)));
    }
    LongRun result;
    RunNodePtr at = from;
    const Job inner{job.stop, {}};  // progress is told by tokens, not by layers
    const auto begin = Clock::now();
    auto told = begin;
    for (int i = 0; i < count; ++i) {
        if (job.cancelled()) return cancelledError();
        if (stop.load(std::memory_order_relaxed)) {
            result.stopped = true;
            break;
        }
        const bool first = at == from;
        auto child = step(model, first ? withDice(from, request.dice) : at, branches.spec(),
                          {.settings = request.settings, .forced = {}, .beyondContext = request.beyondContext}, inner);
        if (!child) {
            if (first || child.error().kind == ErrorKind::Cancelled) return tl::unexpected(child.error());
            break;  // what is there is good
        }
        at = first ? rehung(*child, from) : *child;
        result.nodes.push_back(at);
        const auto now = Clock::now();
        result.seconds = std::chrono::duration<double>(now - begin).count();
        if (now - told > std::chrono::milliseconds(100)) {
            told = now;
            job.progress(static_cast<double>(i + 1) / count,
                         fmt::format("{} of {} tokens · {:.0f} tokens/s", i + 1, count, result.tokensPerSecond()));
        }
        if (std::find(request.ends.begin(), request.ends.end(), at->choice().id) != request.ends.end()) {
            result.reason = StopReason::End;
            break;
        }
    }
    if (result.reason == StopReason::Count && !result.stopped && count < request.count) result.reason = StopReason::Context;
    return result;
}

RunNodePtr addPath(Branches& branches, const RunNodePtr& from, const std::vector<RunNodePtr>& nodes) {
    RunNodePtr at = from;
    for (const RunNodePtr& node : nodes) at = branches.add(node->parent() == at ? node : rehung(node, at));
    return at;
}

}  // namespace lw
