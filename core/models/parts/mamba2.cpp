#include "core/models/parts/mamba.h"

#include <cmath>

#include "core/models/parts/part_init.h"
#include "core/nn/activation.h"
#include "core/nn/add.h"
#include "core/nn/causal_conv.h"
#include "core/nn/gates.h"
#include "core/nn/head_norm.h"
#include "core/nn/linear.h"
#include "core/nn/matrix_state.h"

namespace lw {

namespace {

class Mamba2 : public Mixer {
public:
    Mamba2(PartReader& r, const std::string& prefix, const Mamba2Shape& shape) : m_shape(shape) {
        const int D = shape.width, H = shape.heads;
        m_in = r.take(WeightId::MixerInProj, prefix + "in_proj.weight", inner() + convChannels() + H, D);
        if (shape.bias) m_inBias = r.take(WeightId::MixerInBias, prefix + "in_proj.bias", 1, inner() + convChannels() + H);
        m_conv = r.take(WeightId::MixerConv, prefix + "conv1d.weight", convChannels(), shape.taps, convolutionInit(shape.taps));
        if (shape.convBias) m_convBias = r.take(WeightId::MixerConvBias, prefix + "conv1d.bias", 1, convChannels());
        m_dtBias = r.take(WeightId::MixerDtBias, prefix + "dt_bias", 1, H, stepBiasInit());
        m_aLog = r.take(WeightId::MixerALog, prefix + "A_log", 1, H, scalarDecayInit());
        m_d = r.take(WeightId::MixerSkip, prefix + "D", 1, H);
        m_norm = r.take(WeightId::MixerNormGain, prefix + "norm.weight", 1, inner());
        m_out = r.take(WeightId::MixerOutProj, prefix + "out_proj.weight", D, inner());
        if (shape.bias) m_outBias = r.take(WeightId::MixerOutBias, prefix + "out_proj.bias", 1, D);
    }

    void describe(BlockInfo& block) const override {
        MixerInfo& m = block.mixer;
        m.kind = MixerKind::Mamba2;
        m.heads = m_shape.heads;
        m.keyWidth = m.stateSize = m_shape.stateSize;
        m.valueWidth = m_shape.headWidth;
        m.inner = inner();
        m.groups = m_shape.groups;
        m.projected = inner() + convChannels() + m_shape.heads;
        m.convWidth = m_shape.taps;
        m.convChannels = convChannels();
        m.activation = m_shape.activation;
        m.innerNormEps = m_shape.eps;
        m.leastStep = m_shape.leastStep;
        m.mostStep = m_shape.mostStep;
    }

    std::unique_ptr<PartState> start() const override {
        return std::make_unique<MatrixPartState>(std::vector<Matrix>{
            Matrix::Zero(m_shape.taps - 1, convChannels()), Matrix::Zero(m_shape.heads * m_shape.stateSize, m_shape.headWidth)});
    }

    Tensor forward(const Tensor& x, PartState& state, const PartPlace& at) const override {
        std::vector<Matrix>& memory = static_cast<MatrixPartState&>(state).matrices;
        const int H = m_shape.heads, N = m_shape.stateSize, G = m_shape.groups, I = inner();
        const auto show = [&](SiteId id, const Tensor& value) { at.tap.show(id, at.layer, value); };
        const Tensor projected = nn::linear(x, m_in, m_inBias);  // gate, (x, B, C), step
        const Tensor gate = nn::columns(projected, 0, I);
        const Tensor conv = nn::causalConv(nn::columns(projected, I, convChannels()), m_conv, m_convBias, memory[0]);
        const Tensor mixed = nn::activate(conv, m_shape.activation);
        const Tensor input = nn::columns(mixed, 0, I), B = nn::columns(mixed, I, G * N), C = nn::columns(mixed, I + G * N, G * N);
        const Tensor delta = nn::clamp(nn::softplus(nn::addBias(nn::columns(projected, I + convChannels(), H), m_dtBias)),
                                       static_cast<float>(m_shape.leastStep), static_cast<float>(m_shape.mostStep));
        const Tensor logDecay = nn::scaleByRow(delta, nn::negativeExp(m_aLog));
        const Tensor y = nn::matrixState({.query = nn::repeatHeads(C, G, H / G),
                                          .write = nn::repeatHeads(B, G, H / G),
                                          .value = nn::scaleHeads(input, delta),
                                          .decay = nn::exp(logDecay)},
                                         {H, N, m_shape.headWidth}, memory[1], at.tap.stateGradients(at.layer));
        const Tensor out = nn::add(y, nn::scaleColumns(input, m_d));
        const Tensor normed = nn::headNorm(nn::multiply(out, nn::activate(gate, Activation::Silu)), G, m_norm, m_shape.eps);
        show(SiteId::MixerInProj, projected);
        show(SiteId::MixerConv, conv);
        show(SiteId::SsmInput, input);
        show(SiteId::SsmDelta, delta);
        show(SiteId::MixerLogDecay, logDecay);
        show(SiteId::SsmB, B);
        show(SiteId::SsmC, C);
        show(SiteId::SsmY, y);
        show(SiteId::SsmOutput, out);
        show(SiteId::SsmSkip, gate);
        show(SiteId::MixerInnerNorm, normed);
        return nn::linear(normed, m_out, m_outBias);
    }

private:
    int inner() const { return m_shape.heads * m_shape.headWidth; }
    int convChannels() const { return inner() + 2 * m_shape.groups * m_shape.stateSize; }

    Mamba2Shape m_shape;
    Weight m_in, m_inBias, m_conv, m_convBias, m_dtBias, m_aLog, m_d, m_norm, m_out, m_outBias;
};

}  // namespace

std::unique_ptr<Mixer> readMamba2(PartReader& reader, const std::string& prefix, const Mamba2Shape& shape) {
    return std::make_unique<Mamba2>(reader, prefix, shape);
}

}  // namespace lw
