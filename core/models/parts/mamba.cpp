#include "core/models/parts/mamba.h"

#include <cmath>

#include "core/models/parts/part_init.h"
#include "core/nn/activation.h"
#include "core/nn/add.h"
#include "core/nn/causal_conv.h"
#include "core/nn/gates.h"
#include "core/nn/head_norm.h"
#include "core/nn/linear.h"
#include "core/nn/selective_scan.h"

namespace lw {

namespace {

class Mamba : public Mixer {
public:
    Mamba(PartReader& r, const std::string& prefix, const MambaShape& shape) : m_shape(shape) {
        const int D = shape.width, E = shape.inner, N = shape.stateSize, R = shape.rank;
        m_in = r.take(WeightId::MixerInProj, prefix + "in_proj.weight", 2 * E, D);
        if (shape.bias) m_inBias = r.take(WeightId::MixerInBias, prefix + "in_proj.bias", 1, 2 * E);
        m_conv = r.take(WeightId::MixerConv, prefix + "conv1d.weight", E, shape.taps, convolutionInit(shape.taps));
        if (shape.convBias) m_convBias = r.take(WeightId::MixerConvBias, prefix + "conv1d.bias", 1, E);
        m_x = r.take(WeightId::MixerXProj, prefix + "x_proj.weight", R + 2 * N, E);
        m_dt = r.take(WeightId::MixerDtProj, prefix + "dt_proj.weight", E, R, Init::uniform(-1 / std::sqrt(R), 1 / std::sqrt(R)));
        m_dtBias = r.take(WeightId::MixerDtBias, prefix + "dt_proj.bias", 1, E, stepBiasInit());
        m_aLog = r.take(WeightId::MixerALog, prefix + "A_log", E, N, diagonalInit());
        m_d = r.take(WeightId::MixerSkip, prefix + "D", 1, E);
        m_out = r.take(WeightId::MixerOutProj, prefix + "out_proj.weight", D, E);
        if (shape.bias) m_outBias = r.take(WeightId::MixerOutBias, prefix + "out_proj.bias", 1, D);
        if (!shape.innerNormEps) return;
        m_dtNorm = r.take(WeightId::MixerDtNorm, prefix + "dt_layernorm.weight", 1, R);
        m_bNorm = r.take(WeightId::MixerBNorm, prefix + "b_layernorm.weight", 1, N);
        m_cNorm = r.take(WeightId::MixerCNorm, prefix + "c_layernorm.weight", 1, N);
    }

    void describe(BlockInfo& block) const override {
        MixerInfo& m = block.mixer;
        m.kind = MixerKind::Mamba;
        m.inner = m_shape.inner;
        m.stateSize = m_shape.stateSize;
        m.projected = 2 * m_shape.inner;
        m.xProjected = m_shape.rank + 2 * m_shape.stateSize;
        m.convWidth = m_shape.taps;
        m.convChannels = m_shape.inner;
        m.activation = m_shape.activation;
        m.innerNormEps = m_shape.innerNormEps.value_or(0);
    }

    std::unique_ptr<PartState> start() const override {
        return std::make_unique<MatrixPartState>(
            std::vector<Matrix>{Matrix::Zero(m_shape.taps - 1, m_shape.inner), Matrix::Zero(m_shape.inner, m_shape.stateSize)});
    }

    Tensor forward(const Tensor& x, PartState& state, const PartPlace& at) const override {
        std::vector<Matrix>& memory = static_cast<MatrixPartState&>(state).matrices;  // last inputs of the convolution; h
        const int E = m_shape.inner, N = m_shape.stateSize, R = m_shape.rank;
        const auto show = [&](SiteId id, const Tensor& value) { at.tap.show(id, at.layer, value); };
        const auto normed = [&](const Tensor& value, const Weight& gain) {
            return m_shape.innerNormEps ? nn::headNorm(value, 1, gain, *m_shape.innerNormEps) : value;
        };
        const Tensor projected = nn::linear(x, m_in, m_inBias);  // [T, 2E]: the way through the state, and the gate
        const Tensor gate = nn::columns(projected, E, E);
        const Tensor conv = nn::causalConv(nn::columns(projected, 0, E), m_conv, m_convBias, memory[0]);
        const Tensor input = nn::activate(conv, m_shape.activation);
        const Tensor asked = nn::linear(input, m_x);  // [T, R + 2N]
        const Tensor step = nn::linear(normed(nn::columns(asked, 0, R), m_dtNorm), m_dt, m_dtBias);
        const Tensor delta = nn::softplus(step);
        const Tensor B = normed(nn::columns(asked, R, N), m_bNorm), C = normed(nn::columns(asked, R + N, N), m_cNorm);
        const Tensor y =
            nn::selectiveScan(input, delta, nn::negativeExp(m_aLog), B, C, memory[1], at.tap.stateGradients(at.layer));
        const Tensor out = nn::add(y, nn::scaleColumns(input, m_d));
        show(SiteId::MixerInProj, projected);
        show(SiteId::MixerConv, conv);
        show(SiteId::MixerXProj, asked);
        show(SiteId::MixerDtProj, step);
        show(SiteId::SsmInput, input);
        show(SiteId::SsmDelta, delta);
        show(SiteId::SsmB, B);
        show(SiteId::SsmC, C);
        show(SiteId::SsmY, y);
        show(SiteId::SsmOutput, out);
        show(SiteId::SsmSkip, gate);
        return nn::linear(nn::multiply(out, nn::activate(gate, m_shape.activation)), m_out, m_outBias);
    }

private:
    MambaShape m_shape;
    Weight m_in, m_inBias, m_conv, m_convBias, m_x, m_dt, m_dtBias, m_aLog, m_d, m_out, m_outBias, m_dtNorm, m_bNorm, m_cNorm;
};

}  // namespace

std::unique_ptr<Mixer> readMamba(PartReader& reader, const std::string& prefix, const MambaShape& shape) {
    return std::make_unique<Mamba>(reader, prefix, shape);
}

}  // namespace lw
