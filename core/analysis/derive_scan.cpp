// Derivations of what a state-space layer (Mamba, Mamba-2, S4D) makes of its input: convolution, step size, B, C, gates, output.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/analysis/derive_mixer.h"
#include "core/analysis/double_activation.h"
#include "core/analysis/numbers.h"
#include "core/analysis/state_operands.h"

namespace lw::derivation {

namespace {

class Scan {
public:
    explicit Scan(const Sources& s) : m_s(s), m(s.block().mixer), m_layer(s.place.layer), m_unit(s.place.unit.value) {}

    Result<Derivation> derive() const {
        switch (m_s.place.site) {
            case SiteId::MixerInProj: {
                const auto sum = projected(m_s, SiteId::MixerIn, WeightId::MixerInProj, m_unit, WeightId::MixerInBias, "W_in");
                return ofSum(fmt::format("in_proj = Σᵢ xᵢ · W_in[i, {}]", m_unit), "mixer_in and W_in", sum);
            }
            case SiteId::MixerConv: {
                const auto sum = convolved(m_s, SiteId::MixerInProj, firstConvolved() + m_unit, WeightId::MixerConv, m_unit,
                                           WeightId::MixerConvBias);
                return ofSum(fmt::format("conv = Σⱼ tap[{}, j] · in_proj of the last {} tokens", m_unit, m.convWidth),
                             "in_proj and the taps", sum);
            }
            case SiteId::SsmInput:
                if (m.convChannels == 0) return part("in_proj", SiteId::MixerInProj, m_unit);
                return activated("x", SiteId::MixerConv, m_unit);
            case SiteId::MixerXProj: {
                const auto sum = projected(m_s, SiteId::SsmInput, WeightId::MixerXProj, m_unit, std::nullopt, "W_x");
                return ofSum(fmt::format("x_proj = Σᵢ xᵢ · W_x[i, {}]", m_unit), "x and W_x", sum);
            }
            case SiteId::MixerDtProj:
                return beforeSoftplus();
            case SiteId::SsmDelta:
                return step();
            case SiteId::SsmB:
            case SiteId::SsmC:
                return direction(m_s.place.site == SiteId::SsmB);
            case SiteId::MixerLogDecay:
                return logDecay();
            case SiteId::SsmABar:
            case SiteId::SsmBBar:
                return discrete();
            case SiteId::SsmSkip:
                return part("in_proj", SiteId::MixerInProj, m.kind == MixerKind::Mamba2 ? m_unit : m.inner + m_unit);
            case SiteId::SsmOutput:
                return output();
            case SiteId::MixerInnerNorm:
                return innerNorm();
            case SiteId::MixerOut:
                return out();
            default:
                return fail(ErrorKind::Unsupported, fmt::format("{} has no derivation.", siteOf(m_s.place.site).name));
        }
    }

    /// What the last projection reads.
    Result<RowVectorD> beforeOut() const {
        return m.kind == MixerKind::Mamba2 ? m_s.row(SiteId::MixerInnerNorm, m_layer) : gated();
    }

private:
    // Mamba-2's projection holds the gate first, then what is convolved, then the steps; Mamba's what is convolved, then the
    // gate.
    int firstConvolved() const { return m.kind == MixerKind::Mamba2 ? m.inner : 0; }
    int rank() const { return m.xProjected - 2 * m.stateSize; }
    Locus at(SiteId site, int unit) const { return m_s.at(site, m_layer, Unit(unit)); }
    double weight(WeightId id, int row, int column) const {
        return static_cast<double>(m_s.model.weight(id, m_layer).row(row)(column));
    }
    Result<Term> term(std::string name, SiteId site, int unit) const {
        const auto row = m_s.row(site, m_layer);
        if (!row) return Unexpected(row.error());
        return Term{std::move(name), (*row)(unit), at(site, unit)};
    }

    static Result<Derivation> ofSum(std::string symbols, std::string from, const Result<ProductSum>& sum) {
        if (!sum) return Unexpected(sum.error());
        Derivation d;
        d.from = std::move(from);
        d.formula.push_back({text(std::move(symbols) + (sum->bias ? " + bias" : ""))});
        addProductSum(d, *sum);
        return d;
    }

    // A column of a wider row under its own name.
    Result<Derivation> part(const char* name, SiteId site, int column) const {
        const auto from = term(fmt::format("{}[{}]", name, column), site, column);
        if (!from) return Unexpected(from.error());
        return copyOf(from->name, from->value, from->place);
    }

    Result<Derivation> activated(const char* symbol, SiteId site, int column) const {
        const auto from = term("conv", site, column);
        if (!from) return Unexpected(from.error());
        const std::string name(activationName(m.activation));
        Derivation d;
        const std::array<double, 1> operands{from->value};
        const auto formula = [this](std::span<const double> x) { return activateDouble(m.activation, x[0]); };
        const int digits = digitsThatReproduce(operands, formula);
        d.value = formula(operands);
        d.from = siteName(site, m_layer);
        d.operands = {from->place};
        d.formula = {{text(fmt::format("{} = {}(", symbol, name)), link("conv", from->place), text(")")},
                     {text(fmt::format("= {}(", name)), link(printNumber(from->value, digits), from->place), text(")")},
                     resultLine(d.value)};
        return d;
    }

    // Some columns of x_proj, normed where the model has norms there.
    Result<RowVectorD> asked(int first, int count, WeightId gain) const {
        const auto row = m_s.row(SiteId::MixerXProj, m_layer);
        if (!row) return row;
        const RowVectorD x = row->segment(first, count);
        if (!m_s.model.weight(gain, m_layer).defined()) return x;
        const double rms = std::sqrt(x.squaredNorm() / count + m.innerNormEps);
        return RowVectorD((x / rms).cwiseProduct(m_s.vectorOf(gain, m_layer, count, 1)));
    }

    Result<Derivation> beforeSoftplus() const {
        const auto x = asked(0, rank(), WeightId::MixerDtNorm);
        if (!x) return Unexpected(x.error());
        const bool normed = m_s.model.weight(WeightId::MixerDtNorm, m_layer).defined();
        ProductSum sum;
        sum.left = *x;
        sum.right = m_s.model.weight(WeightId::MixerDtProj, m_layer).row(m_unit).cast<double>();
        sum.place = [this](int i) { return at(SiteId::MixerXProj, i); };
        sum.name = [](int i) { return fmt::format("dimension {}", i); };
        sum.caption = "x_proj·W_dt by dimension";
        sum.bias = weight(WeightId::MixerDtBias, 0, m_unit);
        return ofSum(fmt::format("dt_proj = Σᵢ {}ᵢ · W_dt[i, {}]", normed ? "norm(x_proj)" : "x_proj", m_unit), "x_proj and W_dt",
                     sum);
    }

    Result<Derivation> step() const {
        if (m.kind == MixerKind::S4d) {
            const double log = weight(WeightId::MixerLogStep, 0, m_unit);
            const std::array<double, 1> operands{log};
            const auto formula = [](std::span<const double> x) { return std::exp(x[0]); };
            Derivation d;
            d.value = formula(operands);
            d.from = "the model's table of steps";
            d.formula = {{text("Δ = exp(log Δ), learned, the same for every token")},
                         {text(fmt::format("= exp({})", printNumber(log, digitsThatReproduce(operands, formula))))},
                         resultLine(d.value)};
            return d;
        }
        if (m.kind == MixerKind::Mamba) {
            const auto x = term("dt_proj", SiteId::MixerDtProj, m_unit);
            if (!x) return Unexpected(x.error());
            return functionOf("Δ", softplus, *x);
        }
        const int column = m.inner + m.convChannels + m_unit;
        const auto x = term(fmt::format("in_proj[{}]", column), SiteId::MixerInProj, column);
        if (!x) return Unexpected(x.error());
        const double bias = weight(WeightId::MixerDtBias, 0, m_unit), free = softplus.apply(x->value + bias),
                     kept = std::clamp(free, m.leastStep, m.mostStep);
        const std::array<double, 2> operands{x->value, bias};
        const auto formula = [](std::span<const double> v) { return softplus.apply(v[0] + v[1]); };
        const int digits = digitsThatReproduce(operands, formula);
        Derivation d;
        d.value = kept;
        d.from = "in_proj and its bias";
        d.operands = {x->place};
        d.formula = {{text("Δ = softplus("), link(x->name, x->place), text(" + bias)")}};
        if (kept == free) {
            d.formula.push_back({text("= softplus("), link(printNumber(x->value, digits), x->place),
                                 text(" + " + printOperand(bias, digits) + ")")});
        } else {
            d.formula.push_back({text(fmt::format("softplus gives {}, which is kept between {} and {}", printNumber(free),
                                                  printNumber(m.leastStep), printNumber(m.mostStep)))});
        }
        d.formula.push_back(resultLine(d.value));
        return d;
    }

    Result<Derivation> direction(bool writes) const {
        if (m.kind == MixerKind::Mamba2)
            return activated(writes ? "B" : "C", SiteId::MixerConv, m.inner + (writes ? 0 : m.groups * m.stateSize) + m_unit);
        const int first = rank() + (writes ? 0 : m.stateSize);
        const WeightId gain = writes ? WeightId::MixerBNorm : WeightId::MixerCNorm;
        if (!m_s.model.weight(gain, m_layer).defined()) return part("x_proj", SiteId::MixerXProj, first + m_unit);
        const auto row = m_s.row(SiteId::MixerXProj, m_layer);
        if (!row) return Unexpected(row.error());
        return normedOf(writes ? "B" : "C", row->segment(first, m.stateSize), m_unit, m.innerNormEps, weight(gain, 0, m_unit),
                        "x_proj", [this, first](int i) { return at(SiteId::MixerXProj, first + i); });
    }

    Result<Derivation> logDecay() const {  // of Mamba-2, one a head
        const int head = m_s.place.head.value;
        const auto delta = term("Δ", SiteId::SsmDelta, head);
        if (!delta) return Unexpected(delta.error());
        Derivation d = productOf("ln α", {{"A", -std::exp(weight(WeightId::MixerALog, 0, head)), delta->place}, *delta});
        d.operands = {delta->place};
        d.formula.push_back({text("A = −exp(A_log), learned, one a head")});
        return d;
    }

    // Ā = exp(Δ A) and B̄ = Δ B of Mamba, channel × state.
    Result<Derivation> discrete() const {
        const int n = m_s.place.unit2.value;
        const auto delta = term("Δ", SiteId::SsmDelta, m_unit);
        if (!delta) return Unexpected(delta.error());
        if (m_s.place.site == SiteId::SsmBBar) {
            const auto B = term(fmt::format("B[{}]", n), SiteId::SsmB, n);
            if (!B) return Unexpected(B.error());
            return productOf("B̄", {*delta, *B});
        }
        const double A = -std::exp(weight(WeightId::MixerALog, m_unit, n));
        const std::array<double, 2> operands{delta->value, A};
        const auto formula = [](std::span<const double> x) { return std::exp(x[0] * x[1]); };
        const int digits = digitsThatReproduce(operands, formula);
        Derivation d;
        d.value = formula(operands);
        d.from = "Δ and A";
        d.operands = {delta->place};
        d.formula = {{text("Ā = exp("), link("Δ", delta->place), text(fmt::format(" · A[{}, {}])", m_unit, n))},
                     {text("= exp("), link(printNumber(delta->value, digits), delta->place),
                      text(fmt::format(" · {})", printOperand(A, digits)))},
                     resultLine(d.value),
                     {text("A = −exp(A_log), learned")}};
        return d;
    }

    Result<Derivation> output() const {
        const auto y = term("y", SiteId::SsmY, m_unit), x = term("x", SiteId::SsmInput, m_unit);
        if (!y) return Unexpected(y.error());
        if (!x) return Unexpected(x.error());
        const double skip = weight(WeightId::MixerSkip, 0, m.kind == MixerKind::Mamba2 ? m_unit / m.valueWidth : m_unit);
        const std::array<double, 3> operands{y->value, skip, x->value};
        const auto formula = [](std::span<const double> v) { return v[0] + v[1] * v[2]; };
        const int digits = digitsThatReproduce(operands, formula);
        Derivation d;
        d.value = formula(operands);
        d.from = "what is read and the input";
        d.operands = {y->place, x->place};
        d.formula = {{text("output = "), link("y", y->place), text(" + D · "), link("x", x->place)},
                     {text("= "), link(printNumber(y->value, digits), y->place), text(" + " + printOperand(skip, digits) + " · "),
                      figure(x->value, digits, x->place)},
                     resultLine(d.value)};
        return d;
    }

    // What goes into the last projection of Mamba and S4D, and into Mamba-2's norm: the output times its gate.
    Result<RowVectorD> gated() const {
        const auto output = m_s.row(SiteId::SsmOutput, m_layer), gate = m_s.row(SiteId::SsmSkip, m_layer);
        if (!output) return Unexpected(output.error());
        if (!gate) return Unexpected(gate.error());
        const Activation activation = m.kind == MixerKind::Mamba ? m.activation : Activation::Silu;
        return RowVectorD(output->binaryExpr(*gate, [&](double o, double g) { return o * activateDouble(activation, g); }));
    }

    Result<Derivation> innerNorm() const {
        const auto x = gated();
        if (!x) return Unexpected(x.error());
        const Eigen::Index width = x->size() / m.groups, group = m_unit / width;
        Derivation d = normedOf("inner_norm", x->segment(group * width, width), static_cast<int>(m_unit - group * width),
                                m.innerNormEps, weight(WeightId::MixerNormGain, 0, m_unit), "g", [this, group, width](int i) {
                                    return at(SiteId::SsmOutput, static_cast<int>(group * width) + i);
                                });
        d.from = "the output, its gate and the norm's gain";
        d.formula.push_back({text("g = "), link("output", at(SiteId::SsmOutput, m_unit)), text(" · silu("),
                             link("gate", at(SiteId::SsmSkip, m_unit)), text(")")});
        d.operands.push_back(at(SiteId::SsmSkip, m_unit));
        return d;
    }

    Result<Derivation> out() const {
        const auto o = beforeOut();
        if (!o) return Unexpected(o.error());
        const bool normed = m.kind == MixerKind::Mamba2;
        const SiteId site = normed ? SiteId::MixerInnerNorm : SiteId::SsmOutput;
        const Activation activation = m.kind == MixerKind::Mamba ? m.activation : Activation::Silu;
        return projectedOut(
            m_s, *o, normed ? "inner_norm" : fmt::format("output · {}(gate)", activationName(activation)),
            [this, site](int i) { return at(site, i); }, [](int i) { return fmt::format("channel {}", i); },
            WeightId::MixerOutBias);
    }

    const Sources& m_s;
    const MixerInfo& m;
    Layer m_layer;
    int m_unit;
};

}  // namespace

Result<Derivation> scanValue(const Sources& s) { return Scan(s).derive(); }
Result<RowVectorD> scanBeforeOut(const Sources& s) { return Scan(s).beforeOut(); }

}  // namespace lw::derivation
