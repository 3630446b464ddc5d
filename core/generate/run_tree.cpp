#include "core/generate/run_tree.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "core/run.h"

namespace lw {

std::vector<RunNodePtr> pathTo(const RunNodePtr& node) {
    std::vector<RunNodePtr> path;
    for (RunNodePtr at = node; at; at = at->parent()) path.push_back(at);
    std::reverse(path.begin(), path.end());
    return path;
}

std::shared_ptr<const Trace> traceTo(const RunNodePtr& node, std::shared_ptr<const ModelInfo> model, const CaptureSpec& spec) {
    std::vector<std::shared_ptr<const TraceBlock>> blocks;
    for (const RunNodePtr& at : pathTo(node)) blocks.push_back(at->block());
    return std::make_shared<Trace>(std::move(model), spec, std::move(blocks));
}

RunNodePtr withRandom(const RunNodePtr& node, const Pcg32& random) {
    return std::make_shared<RunNode>(node->parent(), node->block(), node->state(), node->choice(), random);
}

Result<RunNodePtr> step(const Model& model, const RunNodePtr& node, const CaptureSpec& spec, const StepRequest& request,
                        const Job& job) {
    const ModelInfo& info = model.info();
    if (auto ok = check(request.settings); !ok) return Unexpected(ok.error());
    const int length = node->state()->length();
    if (info.context > 0 && length >= info.context && !(request.beyondContext && info.canGoBeyondContext)) {
        return fail(ErrorKind::OverContext,
                    fmt::format("The text has {} tokens and the context of {} is {}, so there is no room for another.", length,
                                info.name, info.context),
                    "", info.canGoBeyondContext ? "Allow going beyond the context." : "");
    }
    const Matrix& logits = node->block()->values.front()[static_cast<std::size_t>(SiteId::Logits)].value();
    const std::span<const float> last(logits.row(logits.rows() - 1).data(), static_cast<std::size_t>(logits.cols()));
    Pcg32 random = node->random();
    Choice choice;
    if (request.forced) {
        if (auto ok = checkIds(info, std::array{*request.forced}, true); !ok) return Unexpected(ok.error());
        choice = force(last, request.settings, *request.forced);
        choice.kept = request.kept;
    } else {
        choice = choose(last, request.settings, random);
        if (choice.id < 0) return notADistribution(info, length - 1);
    }
    std::unique_ptr<State> state = node->state()->clone();
    Recorder recorder(spec, info.layers());
    const auto begin = std::chrono::steady_clock::now();
    Result<Tensor> out = model.forward(std::array{choice.id}, *state, Tap(&recorder), job);
    if (!out) return Unexpected(out.error());
    if (auto same = model.intact(); !same) return Unexpected(same.error());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return std::make_shared<RunNode>(node, recorder.finish(length, {choice.id}, *out, seconds),
                                     std::shared_ptr<const State>(std::move(state)), choice, random);
}

Result<RunNodePtr> root(const Model& model, std::vector<TokenId> ids, const CaptureSpec& spec, std::uint64_t seed,
                        std::int64_t budget, bool beyondContext, const Job& job) {
    Result<RunResult> ran = run(model, std::move(ids), spec, {.budget = budget, .beyondContext = beyondContext}, job);
    if (!ran) return Unexpected(ran.error());
    return std::make_shared<RunNode>(nullptr, ran->trace->blocks().front(), ran->state, Choice{}, Pcg32(seed));
}

}  // namespace lw
