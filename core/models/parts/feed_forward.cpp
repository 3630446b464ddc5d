#include "core/models/parts/feed_forward.h"

#include "core/nn/activation.h"
#include "core/nn/linear.h"

namespace lw {

namespace {

class Gated : public FeedForward {
public:
    Gated(PartReader& r, const std::string& prefix, const FeedForwardShape& shape)
        : m_shape(shape),
          m_gate(r.take(WeightId::Gate, prefix + "gate_proj.weight", shape.inner, shape.width)),
          m_up(r.take(WeightId::In, prefix + "up_proj.weight", shape.inner, shape.width)),
          m_down(r.take(WeightId::Out, prefix + "down_proj.weight", shape.width, shape.inner)) {}

    void describe(BlockInfo& block) const override { block.mlp = {m_shape.inner, true, m_shape.activation}; }

    Tensor forward(const Tensor& x, const PartPlace& at) const override {
        const Tensor gate = nn::linear(x, m_gate), up = nn::linear(x, m_up);  // [T, M]
        at.tap.show(SiteId::MlpPre, at.layer, gate);
        at.tap.show(SiteId::MlpPreLinear, at.layer, up);
        return nn::linear(nn::multiply(nn::activate(gate, m_shape.activation), up), m_down);
    }

private:
    FeedForwardShape m_shape;
    Weight m_gate, m_up, m_down;
};

}  // namespace

std::unique_ptr<FeedForward> readGatedFeedForward(PartReader& reader, const std::string& prefix, const FeedForwardShape& shape) {
    return std::make_unique<Gated>(reader, prefix, shape);
}

}  // namespace lw
