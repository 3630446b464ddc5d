#include "core/models/parts/attention.h"

#include <cmath>

#include "core/models/kv_cache.h"
#include "core/nn/activation.h"
#include "core/nn/attention.h"
#include "core/nn/gates.h"
#include "core/nn/head_norm.h"
#include "core/nn/linear.h"
#include "core/nn/rotary.h"

namespace lw {

namespace {

struct AttentionState : PartState {
    explicit AttentionState(int kvWidth) : cache(1, kvWidth) {}
    KvCache cache;
    std::unique_ptr<PartState> clone() const override { return std::make_unique<AttentionState>(*this); }
    std::int64_t bytes() const override { return cache.bytes(); }
};

class AttentionPart : public Mixer {
public:
    AttentionPart(PartReader& r, const std::string& prefix, const AttentionPartShape& shape)
        : m_shape(shape), m_scale(1.0f / std::sqrt(static_cast<float>(shape.headWidth))) {
        const std::int64_t D = shape.width, width = std::int64_t{1} * shape.heads * shape.headWidth,
                           kv = std::int64_t{1} * shape.kvHeads * shape.headWidth;
        m_q = r.take(WeightId::Q, prefix + "q_proj.weight", shape.outputGate ? 2 * width : width, D);
        m_k = r.take(WeightId::K, prefix + "k_proj.weight", kv, D);
        m_v = r.take(WeightId::V, prefix + "v_proj.weight", kv, D);
        m_o = r.take(WeightId::O, prefix + "o_proj.weight", D, width);
        if (shape.bias) {
            m_bq = r.take(WeightId::BiasQ, prefix + "q_proj.bias", 1, shape.outputGate ? 2 * width : width);
            m_bk = r.take(WeightId::BiasK, prefix + "k_proj.bias", 1, kv);
            m_bv = r.take(WeightId::BiasV, prefix + "v_proj.bias", 1, kv);
        }
        if (shape.outputBias) m_bo = r.take(WeightId::BiasO, prefix + "o_proj.bias", 1, D);
        if (shape.headNormEps) {
            m_qNorm = r.take(WeightId::QNorm, prefix + "q_norm.weight", 1, shape.headWidth);
            m_kNorm = r.take(WeightId::KNorm, prefix + "k_norm.weight", 1, shape.headWidth);
        }
    }

    void describe(BlockInfo& block) const override {
        block.attention = {m_shape.heads, m_shape.kvHeads, m_shape.headWidth, m_scale, 0, !m_shape.frequencies.empty()};
        block.attention.outputGate = m_shape.outputGate;
        block.attention.headNormEps = m_shape.headNormEps.value_or(0);
    }

    std::unique_ptr<PartState> start() const override {
        return std::make_unique<AttentionState>(m_shape.kvHeads * m_shape.headWidth);
    }

    Tensor forward(const Tensor& x, PartState& state, const PartPlace& at) const override {
        KvCache& cache = static_cast<AttentionState&>(state).cache;
        const int H = m_shape.heads, Hkv = m_shape.kvHeads, Dh = m_shape.headWidth;
        Tensor q = nn::linear(x, m_q, m_bq), gate;  // [T, H·Dh], or each head's query and gate beside each other
        Tensor k = nn::linear(x, m_k, m_bk);
        const Tensor v = nn::linear(x, m_v, m_bv);
        if (m_shape.outputGate) {
            gate = nn::everyOther(q, Dh, 1);
            q = nn::everyOther(q, Dh, 0);
        }
        at.tap.show(SiteId::Q, at.layer, q);
        at.tap.show(SiteId::K, at.layer, k);
        if (m_shape.headNormEps) {
            q = nn::headNorm(q, H, m_qNorm, *m_shape.headNormEps, 1);
            k = nn::headNorm(k, Hkv, m_kNorm, *m_shape.headNormEps, 1);
        }
        at.tap.show(SiteId::V, at.layer, v);
        if (!m_shape.frequencies.empty()) {
            q = nn::rotary(q, H, at.first, m_shape.frequencies);
            k = nn::rotary(k, Hkv, at.first, m_shape.frequencies);
            at.tap.show(SiteId::RotQ, at.layer, q);
            at.tap.show(SiteId::RotK, at.layer, k);
        }
        cache.append(Layer(0), k.value(), v.value());
        Tensor z = nn::attention(q, k, v, cache.rows(Layer(0)), {H, Hkv, Dh, m_scale, 0});
        cache.advance(static_cast<int>(x.rows()));
        if (gate.defined()) z = nn::multiply(z, nn::sigmoid(gate));
        at.tap.show(SiteId::Z, at.layer, z);
        return nn::linear(z, m_o, m_bo);
    }

private:
    AttentionPartShape m_shape;
    float m_scale;
    Weight m_q, m_k, m_v, m_o, m_bq, m_bk, m_bv, m_bo, m_qNorm, m_kNorm;
};

}  // namespace

std::unique_ptr<Mixer> readAttention(PartReader& reader, const std::string& prefix, const AttentionPartShape& shape) {
    return std::make_unique<AttentionPart>(reader, prefix, shape);
}

}  // namespace lw
