#include "core/generate/jacobi.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "core/generate/most_probable.h"
#include "core/run.h"

namespace lw {

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

// The same tokens one after the other: only its time is wanted.
Result<double> stepByStep(const Model& model, const State& prompted, const std::vector<TokenId>& ids, const Job& job) {
    const auto begin = Clock::now();
    const auto state = prompted.clone();
    for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
        const auto logits = model.forward(std::array{ids[i]}, *state, Tap(), job, LogitRows::Last);
        if (!logits) return Unexpected(logits.error());
    }
    return since(begin);
}

}  // namespace

Result<Jacobi> jacobi(const Model& model, const std::vector<TokenId>& prompt, const JacobiRequest& request, const Job& job) {
    const ModelInfo& info = model.info();
    if (auto ok = checkIds(info, prompt, request.beyondContext); !ok) return Unexpected(ok.error());
    if (request.count < 1)
        return fail(ErrorKind::BadInput, fmt::format("{} tokens are asked for; expected at least 1.", request.count));
    if (request.guess >= info.vocabulary)
        return fail(ErrorKind::BadInput, fmt::format("The guess {} is outside the vocabulary of {} (0 to {}).", request.guess,
                                                     info.name, info.vocabulary - 1));
    Jacobi result;
    int count = request.count;
    const bool bounded = info.context > 0 && !(request.beyondContext && info.canGoBeyondContext);
    if (bounded && static_cast<std::int64_t>(prompt.size()) + count > info.context) {
        count = info.context - static_cast<int>(prompt.size());
        result.reason = StopReason::Context;
    }
    const Job inner{job.stop, {}};
    const auto prompted = model.start();
    const auto first = model.forward(prompt, *prompted, Tap(), inner, LogitRows::Last);
    if (!first) return Unexpected(first.error());
    const TokenId sure = mostProbable(first->value(), 0);
    if (sure < 0) return notADistribution(info, prompted->length() - 1);

    const auto begin = Clock::now();
    result.rounds.push_back(
        {std::vector<TokenId>(static_cast<std::size_t>(count), request.guess < 0 ? prompt.back() : request.guess), 0});
    while (count > 0) {
        if (job.cancelled()) return cancelledError();
        const std::vector<TokenId>& before = result.rounds.back().ids;
        JacobiRound round{std::vector<TokenId>{sure}, 0};
        if (count > 1) {
            const auto state = prompted->clone();
            const auto logits = model.forward(std::span(before).first(before.size() - 1), *state, Tap(), inner, LogitRows::All);
            if (!logits) return Unexpected(logits.error());
            for (int i = 0; i + 1 < count; ++i) {
                round.ids.push_back(mostProbable(logits->value(), i));
                if (round.ids.back() < 0) return notADistribution(info, static_cast<int>(prompt.size()) + i);
            }
        }
        const bool same = round.ids == before;
        result.rounds.push_back(std::move(round));
        if (same) break;
        job.progress(static_cast<double>(result.passes()) / (count + 1), "rounds");
    }
    result.seconds = since(begin);
    const auto steps = stepByStep(model, *prompted, result.ids(), inner);
    if (!steps) return Unexpected(steps.error());
    result.stepSeconds = *steps;
    if (auto same = model.intact(); !same) return Unexpected(same.error());
    for (JacobiRound& round : result.rounds)
        round.settled = static_cast<int>(std::ranges::mismatch(round.ids, result.ids()).in1 - round.ids.begin());
    return result;
}

}  // namespace lw
