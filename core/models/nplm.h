// The feed-forward (neural probabilistic) language model: the embeddings of the last few tokens beside each other, one hidden
// layer, a read-out. Nothing older than its window reaches it.
// Source: Bengio et al. 2003, "A Neural Probabilistic Language Model", section 2.
#pragma once

#include "core/models/registry.h"
#include "core/models/weight_table.h"

namespace lw {

class Nplm final : public Model {
public:
    /// direct: the window's own way past the hidden layer [D, window · D], or undefined.
    Nplm(std::shared_ptr<const ModelInfo> info, WeightTable weights, int window, Weight direct);

    int window() const { return m_window; }  // tokens, the present one included
    const Weight& direct() const { return m_direct; }

    std::unique_ptr<State> start() const override;
    Result<Tensor> forward(std::span<const TokenId> ids, State& state, Tap tap, const Job& job, LogitRows rows) const override;
    /// What the hidden layer hands on, read out: [n, D] → [n, V].
    Matrix readOut(const Matrix& stream) const override;
    const Weight& weight(WeightId id, Layer layer) const override { return m_weights.get(id, layer); }
    std::vector<Parameter> parameters() const override { return m_weights.parameters; }

private:
    const Weight& w(WeightId id) const { return m_weights.get(id, Layer(0)); }

    WeightTable m_weights;
    int m_window;
    Weight m_direct;
};

Architecture nplmArchitecture();

}  // namespace lw
