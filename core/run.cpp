#include "core/run.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace lw {

Result<void> checkIds(const ModelInfo& model, std::span<const TokenId> ids, bool beyondContext) {
    if (ids.empty()) return fail(ErrorKind::BadInput, "There is nothing to run: the text has no tokens.");
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i] < 0 || ids[i] >= model.vocabulary) {
            return fail(ErrorKind::BadInput,
                        fmt::format("The id {} at position {} is outside the vocabulary of {}, whose ids go from 0 to {}.",
                                    ids[i], i, model.name, model.vocabulary - 1));
        }
    }
    const auto T = static_cast<std::int64_t>(ids.size());
    if (model.context > 0 && T > model.context && !(beyondContext && model.canGoBeyondContext)) {
        const std::string sentence =
            fmt::format("The text has {} tokens; the context of {} is {}.", T, model.name, model.context);
        if (beyondContext)
            return fail(ErrorKind::OverContext,
                        sentence + " Its positions are a learned table that ends there, so it cannot go beyond.");
        return fail(
            ErrorKind::OverContext, sentence, "",
            model.canGoBeyondContext ? "Give --beyond-context to run it all the same, or cut the text." : "Cut the text.");
    }
    return {};
}

Result<RunResult> run(const Model& model, std::vector<TokenId> ids, const CaptureSpec& spec, const RunOptions& options,
                      const Job& job) {
    const ModelInfo& info = model.info();
    if (auto ok = checkIds(info, ids, options.beyondContext); !ok) return Unexpected(ok.error());
    const int T = static_cast<int>(ids.size());
    const std::int64_t budget = options.budget > 0 ? options.budget : defaultCaptureBudget(), bytes = spec.bytes(info, T);
    if (bytes > budget) {
        const std::int64_t less = CaptureSpec::none().bytes(info, T);
        return fail(
            ErrorKind::OverBudget,
            fmt::format("Capturing {} tokens of {} needs {}; the budget is {}.", T, info.name, printBytes(bytes),
                        printBytes(budget)),
            "",
            less <= budget
                ? fmt::format("The logits alone need {}; capture fewer sites, or give more memory (--memory).", printBytes(less))
                : fmt::format("Even the logits alone need {}: shorten the text, or give more memory (--memory).",
                              printBytes(less)));
    }
    std::unique_ptr<State> state = model.start();
    std::vector<std::shared_ptr<const TraceBlock>> blocks;
    const int chunk = options.chunk > 0 ? options.chunk : T;
    for (int first = 0; first < T; first += chunk) {
        const int n = std::min(chunk, T - first);
        Recorder recorder(spec, info.layers());
        const auto begin = std::chrono::steady_clock::now();
        Result<Tensor> logits = model.forward(
            std::span(ids).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(n)), *state, Tap(&recorder), job);
        if (!logits) return Unexpected(logits.error());
        if (auto same = model.intact(); !same) return Unexpected(same.error());
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        blocks.push_back(recorder.finish(first, {ids.begin() + first, ids.begin() + first + n}, *logits, seconds));
    }
    return RunResult{std::make_shared<Trace>(model.sharedInfo(), spec, std::move(blocks)),
                     std::shared_ptr<const State>(std::move(state))};
}

}  // namespace lw
