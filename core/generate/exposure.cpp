#include "core/generate/exposure.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/generate/generate.h"
#include "core/generate/most_probable.h"
#include "core/run.h"

namespace lw {

namespace {

// −log p of a token, in double.
double lossOf(const Matrix& logits, Eigen::Index row, TokenId token) {
    const RowVectorD x = logits.row(row).cast<double>();
    const double most = x.maxCoeff();
    return most + std::log((x.array() - most).exp().sum()) - x(token);
}

}  // namespace

double Exposure::taughtMean() const {
    double sum = 0;
    for (const ExposureStep& step : steps) sum += step.taught;
    return sum / static_cast<double>(steps.size());
}

double Exposure::freeMean() const {
    double sum = 0;
    for (const ExposureStep& step : steps) sum += step.free;
    return sum / static_cast<double>(steps.size());
}

double Exposure::wrongMean() const {
    double sum = 0;
    int count = 0;
    for (const ExposureStep& step : steps) {
        if (!step.wrong) continue;
        sum += *step.wrong;
        ++count;
    }
    return count > 0 ? sum / count : 0;
}

double Exposure::taughtMeanAfterFirst() const {
    double sum = 0;
    for (std::size_t i = 1; i < steps.size(); ++i) sum += steps[i].taught;
    return steps.size() > 1 ? sum / static_cast<double>(steps.size() - 1) : 0;
}

double Exposure::wrongCost() const {
    double sum = 0;
    for (const ExposureStep& step : steps)
        if (step.wrong) sum += *step.wrong - step.taught;
    return sum;
}

std::optional<int> Exposure::firstSlip() const {
    const auto slip = std::ranges::find_if(steps, [](const ExposureStep& step) { return !step.agrees(); });
    return slip == steps.end() ? std::nullopt : std::optional(slip->position);
}

Result<Exposure> exposure(const Model& model, const std::vector<TokenId>& ids, int from, std::optional<TokenId> wrong,
                          bool beyondContext, const Job& job) {
    const ModelInfo& info = model.info();
    if (auto ok = checkIds(info, ids, beyondContext); !ok) return Unexpected(ok.error());
    const int T = static_cast<int>(ids.size());
    if (from < 1 || from >= T)
        return fail(
            ErrorKind::BadInput,
            fmt::format("Position {} cannot be the first that the model says itself; expected 1 to {} (the text has {} tokens).",
                        from, T - 1, T));
    if (wrong && (*wrong < 0 || *wrong >= info.vocabulary))
        return fail(ErrorKind::BadInput, fmt::format("The wrong token {} is outside the vocabulary of {} (0 to {}).", *wrong,
                                                     info.name, info.vocabulary - 1));
    const Job inner{job.stop, {}};
    const auto start = model.start();
    const auto prefix = std::span(ids).first(static_cast<std::size_t>(from)),
               rest = std::span(ids).subspan(static_cast<std::size_t>(from));
    const auto first = model.forward(prefix, *start, Tap(), inner, LogitRows::Last);
    if (!first) return Unexpected(first.error());
    if (mostProbable(first->value(), 0) < 0) return notADistribution(info, from - 1);

    Exposure result;
    result.from = from;
    result.wrongToken = wrong;
    for (int i = 0; i < T - from; ++i) {
        ExposureStep step;
        step.position = from + i;
        step.truth = rest[static_cast<std::size_t>(i)];
        result.steps.push_back(step);
    }
    // The true tokens, and the same with the first one wrong, in one pass each.
    const auto read = [&](std::vector<TokenId> text, auto&& see) -> Result<void> {
        see(first->value(), 0, 0);
        if (text.size() < 2) return {};
        const auto state = start->clone();
        text.pop_back();
        const auto logits = model.forward(text, *state, Tap(), inner, LogitRows::All);
        if (!logits) return Unexpected(logits.error());
        for (std::size_t i = 0; i < text.size(); ++i) see(logits->value(), static_cast<Eigen::Index>(i), i + 1);
        return {};
    };
    std::vector<TokenId> text(rest.begin(), rest.end());
    auto ok = read(text, [&](const Matrix& logits, Eigen::Index row, std::size_t i) {
        result.steps[i].taught = lossOf(logits, row, result.steps[i].truth);
        result.steps[i].best = mostProbable(logits, row);
    });
    if (!ok) return Unexpected(ok.error());
    if (wrong) {
        result.wrongLoss = lossOf(first->value(), 0, *wrong);
        text.front() = *wrong;
        ok = read(text, [&](const Matrix& logits, Eigen::Index row, std::size_t i) {
            if (i > 0) result.steps[i].wrong = lossOf(logits, row, result.steps[i].truth);
        });
        if (!ok) return Unexpected(ok.error());
    }
    // The model's own tokens, one after the other.
    Matrix logits = first->value();
    for (std::size_t i = 0; i < result.steps.size(); ++i) {
        if (job.cancelled()) return cancelledError();
        job.progress(static_cast<double>(i) / static_cast<double>(result.steps.size()), "tokens");
        result.steps[i].free = lossOf(logits, 0, result.steps[i].truth);
        result.steps[i].said = mostProbable(logits, 0);
        if (result.steps[i].said < 0 || result.steps[i].best < 0) return notADistribution(info, result.steps[i].position - 1);
        if (i + 1 == result.steps.size()) break;
        const auto next = model.forward(std::array{result.steps[i].said}, *start, Tap(), inner, LogitRows::Last);
        if (!next) return Unexpected(next.error());
        logits = next->value();
    }
    if (auto same = model.intact(); !same) return Unexpected(same.error());
    return result;
}

}  // namespace lw
