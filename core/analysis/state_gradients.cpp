#include "core/analysis/state_gradients.h"

#include <fmt/format.h>

#include <cmath>

#include "core/analysis/softmax_stats.h"
#include "core/trace/trace.h"

namespace lw {

Result<StateGradients> stateGradients(const Model& model, std::span<const TokenId> ids, Position position, TokenId target,
                                      const Job& job) {
    const ModelInfo& info = model.info();
    if (!info.hasMixer()) return fail(ErrorKind::BadInput, fmt::format("No layer of {} carries a state.", info.name));
    if (position.value < 0 || static_cast<std::size_t>(position.value) >= ids.size())
        return fail(ErrorKind::BadInput,
                    fmt::format("The position {} is outside the text of {} tokens.", position.value, ids.size()));
    if (target < 0 || target >= info.vocabulary)
        return fail(ErrorKind::BadInput, fmt::format("The token {} is outside the vocabulary, whose ids go from 0 to {}.", target,
                                                     info.vocabulary - 1));
    Recorder recorder(CaptureSpec::none(), info.layers());
    recorder.askForStateGradients();
    const auto read = ids.first(static_cast<std::size_t>(position.value) + 1);
    const auto state = model.start();
    const auto logits = model.forward(read, *state, Tap(&recorder), job);
    if (!logits) return tl::unexpected(logits.error());
    if (job.cancelled()) return cancelledError();

    StateGradients result{.position = position.value, .target = target, .loss = 0, .layers = {}, .norms = {}, .all = {}};
    const Matrix& values = logits->value();
    const auto row = values.row(position.value);
    const std::span<const float> last(row.data(), static_cast<std::size_t>(row.size()));
    result.loss = surprisal(last, target);
    // ∂loss/∂logits = softmax − one-hot, at this position only
    const std::vector<double> p = softmax(last);
    Matrix seed = Matrix::Zero(values.rows(), values.cols());
    for (Eigen::Index i = 0; i < seed.cols(); ++i) seed(position.value, i) = static_cast<float>(p[static_cast<std::size_t>(i)]);
    seed(position.value, target) -= 1;
    logits->backward(seed);

    std::vector<double> squares(read.size(), 0.0);
    for (int l = 0; l < info.layers(); ++l) {
        if (!info.block(Layer(l)).hasMixer()) continue;
        const auto norms = recorder.stateGradients(Layer(l));
        if (!norms || norms->size() != read.size())
            return fail(ErrorKind::Unsupported, fmt::format("Layer {} of {} gives no gradients of its state.", l, info.name));
        for (std::size_t t = 0; t < squares.size(); ++t) squares[t] += (*norms)[t] * (*norms)[t];
        result.layers.push_back(Layer(l));
        result.norms.push_back(*norms);
    }
    for (const double square : squares) result.all.push_back(std::sqrt(square));
    if (const auto intact = model.intact(); !intact) return tl::unexpected(intact.error());
    return result;
}

}  // namespace lw
