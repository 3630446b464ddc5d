// A model that learns: its replicas, their gradients, and the optimizer's step.
// The sequences of a batch are dealt out to `lanes` replicas in turn; each runs forward and backward for its own, one after the
// other, beside the other lanes. Gradients are added up lane by lane, so a result depends on the number of lanes, never on
// threads or timing.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/job.h"
#include "core/models/init.h"
#include "core/models/model.h"
#include "core/train/adamw.h"
#include "core/train/sequence.h"

namespace lw::train {

class Learner {
public:
    /// A new model of this configuration (config.json's fields), its weights made from the seed.
    /// Fails: as the architecture's build; Unsupported if it has no weights to learn.
    static Result<Learner> create(const nlohmann::json& config, const std::string& name, const std::string& where,
                                  std::uint64_t seed, int lanes);

    // One matrix that is learned: its values in lane 0, and the optimizer's moments.
    struct Part {
        std::string name;  // the tensor's name in the file; "name#1" for the second part of a joined one
        bool decays = true;
        Matrix moment1, moment2;
    };

    const Model& model() const { return *m_models.front(); }
    const std::vector<std::string>& warnings() const { return m_warnings; }
    /// The tensors as a file of them has them: names and shapes.
    std::span<const TensorEntry> tensors() const { return m_source->entries(); }
    int lanes() const { return static_cast<int>(m_models.size()); }
    std::vector<Part>& parts() { return m_parts; }
    const std::vector<Part>& parts() const { return m_parts; }
    const Matrix& values(std::size_t part) const { return leaf(part, 0).value(); }
    const Matrix& gradient(std::size_t part) const { return leaf(part, 0).grad(); }
    /// Replaces the values of a part (same shape, asserted) in every lane.
    void setValues(std::size_t part, const Matrix& values);

    /// Tells which parts are not decayed: gains and biases (one row), those whose tensor's name ends in one of `endings`, and the
    /// embeddings if asked.
    void chooseDecay(bool embeddings, std::span<const std::string> endings);

    /// Mean loss over the counted targets of all sequences, in nats; afterwards gradient() holds its gradient.
    /// `dropout` > 0 drops values with that probability, drawn for each sequence from `seed` and its number (`first` + index).
    /// Fails: as forward; Cancelled.
    Result<double> gradients(std::span<const Sequence> batch, double dropout, std::uint64_t seed, std::int64_t first,
                             const Job& job = {});
    /// √Σ g² over all parts.
    double gradientNorm() const;
    /// The optimizer's step, `step` counting from 1, with the gradients at hand multiplied by `gradientScale`.
    void update(const AdamW& optimizer, std::int64_t step, double rate, double decay, double gradientScale);

private:
    Learner() = default;
    const Tensor& leaf(std::size_t part, std::size_t lane) const { return m_leaves[lane][part]; }

    std::shared_ptr<const InitSource> m_source;
    std::vector<std::shared_ptr<const Model>> m_models;
    std::vector<std::string> m_warnings;
    std::vector<Part> m_parts;
    std::vector<std::vector<Tensor>> m_leaves;  // [lane][part]
};

}  // namespace lw::train
