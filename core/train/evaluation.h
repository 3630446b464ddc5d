// The loss of a model on given sequences, without learning.
#pragma once

#include <span>

#include "core/base/job.h"
#include "core/models/model.h"
#include "core/train/sequence.h"

namespace lw::train {

struct Evaluation {
    std::int64_t predicted = 0;   // targets counted
    double nats = 0;              // Σ −log p(target)
    std::int64_t correct = 0;     // targets that had the highest logit
    std::int64_t allCorrect = 0;  // sequences whose every target had
    std::int64_t sequences = 0;

    double loss() const { return nats / static_cast<double>(predicted); }  // nats per token
    /// Given the bytes that the targets stand for.
    double bitsPerByte(std::int64_t bytes) const;
    double accuracy() const { return static_cast<double>(correct) / static_cast<double>(predicted); }
};

/// Sequences run beside one another on all threads; sums are in double, in the order of the sequences.
/// Fails: as Model::forward; Cancelled.
Result<Evaluation> evaluate(const Model& model, std::span<const Sequence> sequences, const Job& job = {});

}  // namespace lw::train
