#include "core/generate/generate.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "core/run.h"

namespace lw {

Unexpected notADistribution(const ModelInfo& model, int position) {
    return fail(
        ErrorKind::BadFormat,
        fmt::format(
            "{} gives logits at position {} that are no distribution (not a number, or infinite); its weights may be damaged.",
            model.name, position));
}

Result<Generated> generate(const Model& model, const std::vector<TokenId>& prompt, const GenerateRequest& request,
                           const Job& job) {
    const ModelInfo& info = model.info();
    if (auto ok = check(request.settings); !ok) return Unexpected(ok.error());
    if (auto ok = checkIds(info, prompt, request.beyondContext); !ok) return Unexpected(ok.error());
    Generated result;
    if (request.count <= 0) return result;
    const bool bounded = info.context > 0 && !(request.beyondContext && info.canGoBeyondContext);

    std::unique_ptr<State> state = model.start();
    const Job inner{job.stop, {}};  // progress is told by tokens, not by layers
    job.progress(0, "prompt");
    Result<Tensor> logits = model.forward(prompt, *state, Tap(), inner, LogitRows::Last);
    if (!logits) return Unexpected(logits.error());
    if (auto same = model.intact(); !same) return Unexpected(same.error());
    const auto begin = std::chrono::steady_clock::now();
    Pcg32 random(request.settings.seed);
    for (int i = 0; i < request.count; ++i) {
        if (job.cancelled()) return cancelledError();
        if (bounded && static_cast<std::int64_t>(prompt.size()) + i >= info.context) {
            result.reason = StopReason::Context;
            break;
        }
        const Matrix& row = logits->value();
        const Choice choice = choose({row.data(), static_cast<std::size_t>(row.cols())}, request.settings, random);
        if (choice.id < 0) return notADistribution(info, state->length() - 1);
        result.steps.push_back(choice);
        if (request.each) request.each(choice);
        job.progress(static_cast<double>(i + 1) / request.count, "tokens");
        if (!request.ignoreEnd && std::find(request.ends.begin(), request.ends.end(), choice.id) != request.ends.end()) {
            result.reason = StopReason::End;
            break;
        }
        if (i + 1 == request.count || (bounded && state->length() + 1 >= info.context))
            continue;  // nobody asks for the logits after it
        logits = model.forward(std::array{choice.id}, *state, Tap(), inner, LogitRows::Last);
        if (!logits) return Unexpected(logits.error());
        if (auto same = model.intact(); !same) return Unexpected(same.error());
        ++result.ran;
    }
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return result;
}

}  // namespace lw
