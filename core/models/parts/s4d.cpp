#include "core/models/parts/s4d.h"

#include <cmath>
#include <numbers>

#include "core/nn/activation.h"
#include "core/nn/add.h"
#include "core/nn/diagonal_ssm.h"
#include "core/nn/gates.h"
#include "core/nn/linear.h"

namespace lw {

namespace {

class S4d : public Mixer {
public:
    S4d(PartReader& r, const std::string& prefix, const S4dShape& shape) : m_shape(shape) {
        const int D = shape.width, E = shape.inner, N = shape.poles;
        m_in = r.take(WeightId::MixerInProj, prefix + "in_proj.weight", 2 * E, D);
        // Steps from 0.001 to 0.1, evenly in their logarithm.
        m_ssm.logStep = r.take(WeightId::MixerLogStep, prefix + "log_dt", 1, E, Init::uniform(std::log(0.001), std::log(0.1)));
        const bool complex = shape.complex;
        m_ssm.aLog =
            r.take(WeightId::MixerALog, prefix + "A_log", E, N, Init::values([complex](std::int64_t, std::int64_t n, Pcg32&) {
                       return complex ? std::log(0.5) : std::log(static_cast<double>(n + 1));
                   }));
        m_ssm.read = r.take(WeightId::MixerRead, prefix + "C", E, N, Init::normal(complex ? std::sqrt(0.5) : 1));
        if (complex) {
            m_ssm.aImag = r.take(
                WeightId::MixerAImag, prefix + "A_imag", E, N,
                Init::values([](std::int64_t, std::int64_t n, Pcg32&) { return std::numbers::pi * static_cast<double>(n); }));
            m_ssm.readImag = r.take(WeightId::MixerReadImag, prefix + "C_imag", E, N, Init::normal(std::sqrt(0.5)));
        }
        if (!r.failed() && !m_ssm.aLog.isTrainable())
            m_ssm.discrete = std::make_shared<const nn::DiscreteSsm>(nn::discretised(m_ssm, shape.rule));
        m_d = r.take(WeightId::MixerSkip, prefix + "D", 1, E);
        m_out = r.take(WeightId::MixerOutProj, prefix + "out_proj.weight", D, E);
    }

    void describe(BlockInfo& block) const override {
        MixerInfo& m = block.mixer;
        m.kind = MixerKind::S4d;
        m.inner = m_shape.inner;
        m.stateSize = stateSize();
        m.projected = 2 * m_shape.inner;
        m.complexState = m_shape.complex;
        m.bilinear = m_shape.rule == Discretisation::Bilinear;
    }

    std::unique_ptr<PartState> start() const override {
        return std::make_unique<MatrixPartState>(std::vector<Matrix>{Matrix::Zero(m_shape.inner, stateSize())});
    }

    Tensor forward(const Tensor& x, PartState& state, const PartPlace& at) const override {
        std::vector<Matrix>& memory = static_cast<MatrixPartState&>(state).matrices;
        const int E = m_shape.inner;
        const auto show = [&](SiteId id, const Tensor& value) { at.tap.show(id, at.layer, value); };
        const Tensor projected = nn::linear(x, m_in);  // [T, 2E]: the way through the state, and the gate
        const Tensor input = nn::columns(projected, 0, E), gate = nn::columns(projected, E, E);
        const Tensor y = nn::diagonalSsm(input, m_ssm, m_shape.rule, memory[0], at.tap.stateGradients(at.layer));
        const Tensor out = nn::add(y, nn::scaleColumns(input, m_d));
        show(SiteId::MixerInProj, projected);
        show(SiteId::SsmInput, input);
        if (at.tap.wants(SiteId::SsmDelta, at.layer)) {  // the same for every token
            const RowVector step = m_ssm.logStep.row(0).array().exp();
            at.tap.visit(SiteId::SsmDelta, at.layer, Tensor(Matrix(step.replicate(x.rows(), 1))));
        }
        show(SiteId::SsmY, y);
        show(SiteId::SsmOutput, out);
        show(SiteId::SsmSkip, gate);
        return nn::linear(nn::multiply(out, nn::activate(gate, Activation::Silu)), m_out);
    }

private:
    int stateSize() const { return m_shape.complex ? 2 * m_shape.poles : m_shape.poles; }

    S4dShape m_shape;
    Weight m_in, m_d, m_out;
    nn::DiagonalSsmWeights m_ssm;
};

}  // namespace

std::unique_ptr<Mixer> readS4d(PartReader& reader, const std::string& prefix, const S4dShape& shape) {
    return std::make_unique<S4d>(reader, prefix, shape);
}

}  // namespace lw
