#include "core/generate/cache_check.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "core/run.h"
#include "core/trace/trace.h"

namespace lw {

namespace {

using Clock = std::chrono::steady_clock;

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

struct Ran {
    std::shared_ptr<const TraceBlock> block;
    double seconds = 0;  // the median; of passes without captures
};

// The tokens after `start` (null: from nothing), captured once and timed `repeats` times.
Result<Ran> ran(const Model& model, std::span<const TokenId> ids, const State* start, const CaptureSpec& spec, int repeats,
                const Job& job) {
    const auto fresh = [&] { return start ? start->clone() : model.start(); };
    Ran result;
    std::vector<double> seconds;
    for (int i = 0; i < repeats; ++i) {
        const std::unique_ptr<State> state = fresh();
        const auto begin = Clock::now();
        Result<Tensor> logits = model.forward(ids, *state, Tap(), job, LogitRows::Last);
        if (!logits) return Unexpected(logits.error());
        seconds.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    }
    result.seconds = median(std::move(seconds));
    const std::unique_ptr<State> state = fresh();
    Recorder recorder(spec, model.info().layers());
    Result<Tensor> logits = model.forward(ids, *state, Tap(&recorder), job);
    if (!logits) return Unexpected(logits.error());
    if (auto same = model.intact(); !same) return Unexpected(same.error());
    result.block = recorder.finish(0, {ids.begin(), ids.end()}, *logits, 0);
    return result;
}

}  // namespace

Result<CacheCheck> cacheCheck(const Model& model, const std::vector<TokenId>& ids, int repeats, bool beyondContext,
                              const Job& job) {
    const ModelInfo& info = model.info();
    if (auto ok = checkIds(info, ids, beyondContext); !ok) return Unexpected(ok.error());
    if (ids.size() < 2)
        return fail(ErrorKind::BadInput, "With one token nothing is kept from before: two tokens are needed to compare.");
    if (repeats < 1) return fail(ErrorKind::BadInput, fmt::format("It must be measured at least once, not {} times.", repeats));
    const Job inner{job.stop, {}};
    const CaptureSpec spec = CaptureSpec::all(info);
    CacheCheck result;
    result.length = static_cast<int>(ids.size());
    result.repeats = repeats;

    const std::unique_ptr<State> before = model.start();
    const auto earlier = std::span(ids).first(ids.size() - 1);
    if (Result<Tensor> logits = model.forward(earlier, *before, Tap(), inner, LogitRows::Last); !logits)
        return Unexpected(logits.error());
    result.stateBytes = before->bytes();
    job.progress(0.1, "from the state");
    auto with = ran(model, std::span(ids).last(1), before.get(), spec, repeats, inner);
    if (!with) return Unexpected(with.error());
    result.withSeconds = with->seconds;
    job.progress(0.3, "from nothing");
    auto without = ran(model, ids, nullptr, spec, repeats, inner);
    if (!without) return Unexpected(without.error());
    result.withoutSeconds = without->seconds;

    result.withRows = with->block->rows();
    result.withoutRows = without->block->rows();

    // A trace derives the streams that are not stored.
    const Trace one(model.sharedInfo(), spec, {with->block}), whole(model.sharedInfo(), spec, {without->block});
    const Position last(result.length - 1);
    const ConstRow x = one.logits(Position(0)), y = whole.logits(last);
    result.logitDifference = (x - y).cwiseAbs().maxCoeff();
    result.largestLogit = y.cwiseAbs().maxCoeff();
    Eigen::Index bestX = 0, bestY = 0;
    x.maxCoeff(&bestX);
    y.maxCoeff(&bestY);
    result.sameToken = bestX == bestY;
    for (int l = 0; l < info.layers(); ++l) {
        if (!one.has(SiteId::ResidPost, Layer(l))) continue;
        const RowVector a = one.row(SiteId::ResidPost, Layer(l), Position(0)), b = whole.row(SiteId::ResidPost, Layer(l), last);
        result.streamDifference.push_back((a - b).cwiseAbs().maxCoeff());
        result.largestStream.push_back(b.cwiseAbs().maxCoeff());
    }
    return result;
}

}  // namespace lw
