#include "core/train/evaluation.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "core/base/parallel.h"
#include "core/tensor/elementwise.h"

namespace lw::train {

namespace {

Evaluation count(const Matrix& logits, std::span<const TokenId> targets) {
    Evaluation result;
    result.sequences = 1;
    std::vector<float> row(static_cast<std::size_t>(logits.cols()));
    for (std::size_t t = 0; t < targets.size(); ++t) {
        if (targets[t] < 0) continue;
        const float* values = logits.data() + static_cast<Eigen::Index>(t) * logits.cols();
        std::copy_n(values, row.size(), row.begin());
        result.nats += softmaxRow(row.data(), static_cast<std::int64_t>(row.size())) - values[targets[t]];
        result.correct += std::max_element(values, values + logits.cols()) - values == targets[t];
        ++result.predicted;
    }
    result.allCorrect = result.correct == result.predicted;
    return result;
}

}  // namespace

double Evaluation::bitsPerByte(std::int64_t bytes) const { return nats / std::numbers::ln2 / static_cast<double>(bytes); }

Result<Evaluation> evaluate(const Model& model, std::span<const Sequence> sequences, const Job& job) {
    std::vector<Evaluation> parts(sequences.size());
    std::vector<std::optional<Error>> errors(sequences.size());
    std::atomic<std::size_t> done = 0;
    parallelFor(static_cast<std::int64_t>(sequences.size()), 1, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
            const auto state = model.start();
            const auto logits = model.forward(sequences[i].ids, *state, Tap(), {.stop = job.stop});
            if (!logits) {
                errors[i] = logits.error();
                return;
            }
            parts[i] = count(logits->value(), sequences[i].targets);
            ++done;
        }
    });
    Evaluation sum;
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        if (errors[i]) return Unexpected(*errors[i]);
        if (!std::isfinite(parts[i].nats))
            return fail(ErrorKind::BadFormat,
                        fmt::format("{} gives logits that are no distribution (not a number, or infinite); its weights may be "
                                    "damaged.",
                                    model.info().name));
        sum.predicted += parts[i].predicted;
        sum.nats += parts[i].nats;
        sum.correct += parts[i].correct;
        sum.allCorrect += parts[i].allCorrect;
        sum.sequences += parts[i].sequences;
    }
    return sum;
}

}  // namespace lw::train
