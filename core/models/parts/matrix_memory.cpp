#include "core/models/parts/matrix_memory.h"

#include <algorithm>
#include <cmath>

#include "core/models/parts/part_init.h"
#include "core/nn/activation.h"
#include "core/nn/causal_conv.h"
#include "core/nn/gates.h"
#include "core/nn/head_norm.h"
#include "core/nn/linear.h"
#include "core/nn/matrix_state.h"
#include "core/nn/normalised_read.h"
#include "core/nn/rotary.h"

namespace lw {

namespace {

constexpr double unitEps = 1e-6;   // under the root when keys are made unit vectors
constexpr float readEps = 1e-10f;  // added to the normaliser

bool isDelta(MixerKind kind) { return kind == MixerKind::DeltaNet || kind == MixerKind::GatedDeltaNet; }

}  // namespace

MixerInfo MatrixMemoryShape::info() const {
    MixerInfo m;
    m.kind = kind;
    m.heads = heads;
    m.keyWidth = keyWidth;
    m.valueWidth = valueWidth;
    m.convWidth = taps;
    m.normalised = normalised;
    m.outputGate = outputGate;
    m.frequencies = frequencies;
    m.mostBeta = mostBeta;
    m.decayTemperature = decayTemperature;
    m.innerNormEps = eps;
    m.readScale = 1 / std::sqrt(static_cast<float>(keyWidth));
    return m;
}

Tensor readMemory(const MatrixMemoryShape& shape, const MemoryInputs& in, const Weight& gain, Matrix& memory,
                  const PartPlace& at) {
    const int H = shape.heads;
    const auto show = [&](SiteId id, const Tensor& value) {
        if (value.defined()) at.tap.show(id, at.layer, value);
    };
    Tensor q = in.q, k = in.k;
    if (isDelta(shape.kind)) {
        q = nn::unitHeads(q, H, unitEps);
        k = nn::unitHeads(k, H, unitEps);
    } else if (shape.normalised) {
        q = nn::eluPlusOne(q);
        k = nn::eluPlusOne(k);
    }
    if (!shape.frequencies.empty()) {
        q = nn::rotary(q, H, at.first, shape.frequencies);
        k = nn::rotary(k, H, at.first, shape.frequencies);
    }
    nn::MatrixStateInputs step;
    step.query = nn::scale(q, 1 / std::sqrt(static_cast<float>(shape.keyWidth)));
    step.write = k;
    step.value = shape.normalised ? nn::withOnes(in.v, H) : in.v;
    if (in.logDecay.defined()) step.decay = nn::exp(in.logDecay);
    Tensor beta;
    if (in.betaLogit.defined()) {
        beta = nn::scale(nn::sigmoid(in.betaLogit), shape.mostBeta);
        step.write = step.erase = nn::scaleHeads(k, beta);
        // What stands under the key is looked up in the memory that has faded already.
        step.eraseRead = step.decay.defined() ? nn::scaleHeads(k, step.decay) : k;
    }
    Tensor read = nn::matrixState(step, {H, shape.keyWidth, shape.valueWidth + (shape.normalised ? 1 : 0)}, memory,
                                  at.tap.stateGradients(at.layer));
    if (shape.normalised) read = nn::divideByLast(read, H, readEps);
    show(SiteId::MixerQ, q);
    show(SiteId::MixerK, k);
    show(SiteId::MixerV, in.v);
    show(SiteId::MixerBetaLogit, in.betaLogit);
    show(SiteId::MixerBeta, beta);
    show(SiteId::MixerLogDecay, in.logDecay);
    show(SiteId::MixerRecurrenceOut, read);
    show(SiteId::MixerGateInput, in.gate);
    const Tensor normed = nn::headNorm(read, H, gain, shape.eps);
    return in.gate.defined() ? nn::multiply(normed, nn::activate(in.gate, Activation::Silu)) : normed;
}

namespace {

class MatrixMemory : public Mixer {
public:
    MatrixMemory(PartReader& r, const std::string& prefix, const MatrixMemoryShape& shape) : m_shape(shape) {
        const int D = shape.width, H = shape.heads, K = H * shape.keyWidth, V = H * shape.valueWidth;
        const auto read = [&](WeightId id, const char* name, int rows, int cols, const Init& init = {}) {
            return r.take(id, prefix + name, rows, cols, init);
        };
        const Init taps = convolutionInit(std::max(1, shape.taps));
        m_q = r.take(WeightId::Q, prefix + "q_proj.weight", K, D);
        m_k = r.take(WeightId::K, prefix + "k_proj.weight", K, D);
        m_v = r.take(WeightId::V, prefix + "v_proj.weight", V, D);
        if (shape.taps > 0) {
            m_qConv = read(WeightId::MixerQConv, "q_conv1d.weight", K, shape.taps, taps);
            m_kConv = read(WeightId::MixerKConv, "k_conv1d.weight", K, shape.taps, taps);
            m_vConv = read(WeightId::MixerVConv, "v_conv1d.weight", V, shape.taps, taps);
        }
        if (isDelta(shape.kind)) m_beta = read(WeightId::MixerBeta, "b_proj.weight", H, D);
        if (shape.kind == MixerKind::GatedDeltaNet) {
            m_decay = read(WeightId::MixerDecay, "a_proj.weight", H, D);
            m_aLog = r.take(WeightId::MixerALog, prefix + "A_log", 1, H, scalarDecayInit());
            m_dtBias = r.take(WeightId::MixerDtBias, prefix + "dt_bias", 1, H, stepBiasInit());
        }
        if (shape.kind == MixerKind::Gla) {
            m_decay = read(WeightId::MixerDecay, "gk_proj.0.weight", shape.decayRank, D);
            m_decayUp = read(WeightId::MixerDecayUp, "gk_proj.1.weight", K, shape.decayRank);
            m_decayBias = read(WeightId::MixerDecayBias, "gk_proj.1.bias", 1, K);
        }
        if (shape.outputGate) m_gate = read(WeightId::MixerGate, "g_proj.weight", V, D);
        m_norm = r.take(WeightId::MixerNormGain, prefix + "o_norm.weight", 1, shape.valueWidth);
        m_o = r.take(WeightId::MixerOutProj, prefix + "o_proj.weight", D, V);
    }

    void describe(BlockInfo& block) const override { block.mixer = m_shape.info(); }

    std::unique_ptr<PartState> start() const override {
        const int H = m_shape.heads, K = H * m_shape.keyWidth, V = H * m_shape.valueWidth, before = std::max(0, m_shape.taps - 1);
        return std::make_unique<MatrixPartState>(
            std::vector<Matrix>{Matrix::Zero(K, m_shape.valueWidth + (m_shape.normalised ? 1 : 0)), Matrix::Zero(before, K),
                                Matrix::Zero(before, K), Matrix::Zero(before, V)});
    }

    Tensor forward(const Tensor& x, PartState& state, const PartPlace& at) const override {
        std::vector<Matrix>& memory = static_cast<MatrixPartState&>(state).matrices;  // S; last inputs of the convolutions
        const auto convolved = [&](const Tensor& value, const Weight& taps, Matrix& past, SiteId before) {
            if (!taps.defined()) return value;
            at.tap.show(before, at.layer, value);
            return nn::activate(nn::causalConv(value, taps, {}, past), Activation::Silu);
        };
        MemoryInputs in;
        in.q = convolved(nn::linear(x, m_q), m_qConv, memory[1], SiteId::MixerQPreConv);
        in.k = convolved(nn::linear(x, m_k), m_kConv, memory[2], SiteId::MixerKPreConv);
        in.v = convolved(nn::linear(x, m_v), m_vConv, memory[3], SiteId::MixerVPreConv);
        if (m_beta.defined()) in.betaLogit = nn::linear(x, m_beta);
        in.logDecay = logDecay(x);
        if (m_gate.defined()) in.gate = nn::linear(x, m_gate);
        return nn::linear(readMemory(m_shape, in, m_norm, memory[0], at), m_o);
    }

private:
    Tensor logDecay(const Tensor& x) const {
        switch (m_shape.kind) {
            case MixerKind::RetNet: {  // ln γ_h, γ_h = 1 − 2^(−5−h)
                Matrix gamma(x.rows(), m_shape.heads);
                for (int h = 0; h < m_shape.heads; ++h)
                    gamma.col(h).setConstant(static_cast<float>(std::log1p(-std::exp2(-5.0 - h))));
                return Tensor(std::move(gamma));
            }
            case MixerKind::Gla: {  // ln σ(·) / 16
                const Tensor logit = nn::linear(nn::linear(x, m_decay), m_decayUp, m_decayBias);
                return nn::scale(nn::softplus(nn::scale(logit, -1)), -1 / m_shape.decayTemperature);
            }
            case MixerKind::GatedDeltaNet:
                return nn::scaleByRow(nn::softplus(nn::addBias(nn::linear(x, m_decay), m_dtBias)), nn::negativeExp(m_aLog));
            default:
                return {};
        }
    }

    MatrixMemoryShape m_shape;
    Weight m_q, m_k, m_v, m_qConv, m_kConv, m_vConv, m_beta, m_decay, m_decayUp, m_decayBias, m_aLog, m_dtBias, m_gate, m_norm,
        m_o;
};

class GroupedGatedDelta : public Mixer {
public:
    GroupedGatedDelta(PartReader& r, const std::string& prefix, const MatrixMemoryShape& shape, int keyHeads)
        : m_shape(shape), m_keyHeads(keyHeads), m_group(shape.heads / keyHeads) {
        const int D = shape.width, H = shape.heads;
        m_in = r.take(WeightId::MixerInProj, prefix + "in_proj_qkvz.weight", 2 * keys() + 2 * values(), D);
        m_rates = r.take(WeightId::MixerRates, prefix + "in_proj_ba.weight", 2 * H, D);
        m_conv =
            r.take(WeightId::MixerConv, prefix + "conv1d.weight", 2 * keys() + values(), shape.taps, convolutionInit(shape.taps));
        m_dtBias = r.take(WeightId::MixerDtBias, prefix + "dt_bias", 1, H, stepBiasInit());
        m_aLog = r.take(WeightId::MixerALog, prefix + "A_log", 1, H, scalarDecayInit());
        m_norm = r.take(WeightId::MixerNormGain, prefix + "norm.weight", 1, shape.valueWidth);
        m_o = r.take(WeightId::MixerOutProj, prefix + "out_proj.weight", D, values());
    }

    void describe(BlockInfo& block) const override {
        block.mixer = m_shape.info();
        block.mixer.groups = m_keyHeads;
    }

    std::unique_ptr<PartState> start() const override {
        return std::make_unique<MatrixPartState>(
            std::vector<Matrix>{Matrix::Zero(m_shape.heads * m_shape.keyWidth, m_shape.valueWidth),
                                Matrix::Zero(m_shape.taps - 1, 2 * keys() + values())});
    }

    Tensor forward(const Tensor& x, PartState& state, const PartPlace& at) const override {
        std::vector<Matrix>& memory = static_cast<MatrixPartState&>(state).matrices;
        const int K = m_shape.keyWidth, V = m_group * m_shape.valueWidth, all = 2 * K + 2 * V;
        // By key head: its query and key, its group's values and gates beside each other.
        const Tensor projected = nn::linear(x, m_in);
        const Tensor q = nn::columnsOfHeads(projected, all, 0, K), k = nn::columnsOfHeads(projected, all, K, K);
        const Tensor v = nn::columnsOfHeads(projected, all, 2 * K, V), gate = nn::columnsOfHeads(projected, all, 2 * K + V, V);
        at.tap.show(SiteId::MixerQPreConv, at.layer, nn::repeatHeads(q, m_keyHeads, m_group));
        at.tap.show(SiteId::MixerKPreConv, at.layer, nn::repeatHeads(k, m_keyHeads, m_group));
        at.tap.show(SiteId::MixerVPreConv, at.layer, v);
        const Tensor mixed = nn::activate(nn::causalConv(nn::beside({q, k, v}), m_conv, {}, memory[1]), Activation::Silu);
        const Tensor rates = nn::linear(x, m_rates);  // by key head: its group's β logits, then its decay inputs
        MemoryInputs in;
        in.q = nn::repeatHeads(nn::columns(mixed, 0, keys()), m_keyHeads, m_group);
        in.k = nn::repeatHeads(nn::columns(mixed, keys(), keys()), m_keyHeads, m_group);
        in.v = nn::columns(mixed, 2 * keys(), values());
        in.betaLogit = nn::columnsOfHeads(rates, 2 * m_group, 0, m_group);
        in.logDecay =
            nn::scaleByRow(nn::softplus(nn::addBias(nn::columnsOfHeads(rates, 2 * m_group, m_group, m_group), m_dtBias)),
                           nn::negativeExp(m_aLog));
        in.gate = gate;
        return nn::linear(readMemory(m_shape, in, m_norm, memory[0], at), m_o);
    }

private:
    int keys() const { return m_keyHeads * m_shape.keyWidth; }
    int values() const { return m_shape.heads * m_shape.valueWidth; }

    MatrixMemoryShape m_shape;
    int m_keyHeads, m_group;
    Weight m_in, m_rates, m_conv, m_dtBias, m_aLog, m_norm, m_o;
};

}  // namespace

std::unique_ptr<Mixer> readMatrixMemory(PartReader& reader, const std::string& prefix, const MatrixMemoryShape& shape) {
    return std::make_unique<MatrixMemory>(reader, prefix, shape);
}

std::unique_ptr<Mixer> readGroupedGatedDelta(PartReader& reader, const std::string& prefix, const MatrixMemoryShape& shape,
                                             int keyHeads) {
    return std::make_unique<GroupedGatedDelta>(reader, prefix, shape, keyHeads);
}

}  // namespace lw
