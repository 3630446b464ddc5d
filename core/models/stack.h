// Stack: embedding, blocks of two parts each, final norm, unembedding. The one forward pass of every architecture whose blocks
// are put together from parts (models/parts): state-space models, matrix memories, hybrids.
// Not a format: an architecture's own file reads its configuration and tensors and hands the parts over.
#pragma once

#include <memory>
#include <vector>

#include "core/models/model.h"
#include "core/models/parts/feed_forward.h"
#include "core/models/parts/mixer.h"
#include "core/models/weight_table.h"

namespace lw {

struct StackBlock {
    std::unique_ptr<Mixer> mixer;
    std::unique_ptr<FeedForward> feedForward;  // may be null
};

class Stack : public Model {
public:
    /// Norms, table and unembedding are taken from the table: Embed, Ln1Gain …, FinalGain, Unembed (biases where they are set).
    /// gainOffset: 1 where norm gains are stored minus one.
    Stack(std::shared_ptr<const ModelInfo> info, WeightTable weights, std::vector<StackBlock> blocks, float gainOffset = 0,
          std::vector<double> frequencies = {});

    std::unique_ptr<State> start() const override;
    Result<Tensor> forward(std::span<const TokenId> ids, State& state, Tap tap, const Job& job, LogitRows rows) const override;
    Matrix readOut(const Matrix& stream) const override;
    /// Gains of norms as they multiply, also where they are stored minus one.
    const Weight& weight(WeightId id, Layer layer) const override;
    std::vector<Parameter> parameters() const override { return m_weights.parameters; }
    std::vector<double> rotaryFrequencies() const override { return m_frequencies; }

private:
    Tensor normed(const Tensor& x, WeightId gain, WeightId bias, Layer layer, const Tap& tap, SiteId scale) const;
    const Weight& w(WeightId id, Layer layer = Layer(0)) const { return m_weights.get(id, layer); }

    WeightTable m_weights;
    WeightTable m_gains;  // with the offset; empty where there is none
    std::vector<StackBlock> m_blocks;
    float m_gainOffset;
    std::vector<double> m_frequencies;
};

}  // namespace lw
