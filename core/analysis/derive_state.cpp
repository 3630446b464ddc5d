// Derivations of a mixer's memory: the state as the sum of its step, the terms of the step, what is read.
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/analysis/derivation_parts.h"
#include "core/analysis/numbers.h"
#include "core/analysis/state_operands.h"
#include "core/analysis/state_terms.h"

namespace lw::derivation {

namespace {

class Memory {
public:
    Memory(const Sources& s, const StateTerms& terms) : m_s(s), m_terms(terms), m_mixer(s.block().mixer) {}

    Result<Derivation> derive() const {
        if (m_s.place.site == SiteId::MixerS || m_s.place.site == SiteId::SsmH) return state();
        return m_mixer.hasMatrixState() ? ofMatrix() : m_mixer.kind == MixerKind::S4d ? ofLti() : ofScan();
    }

private:
    int row() const { return m_s.place.unit.value; }
    int column() const { return m_s.place.unit2.value; }
    std::string index(const char* symbol) const { return fmt::format("{}[{}, {}]", symbol, row(), column()); }
    Locus number(SiteId site, std::optional<Position> position = std::nullopt) const {
        Locus place = m_s.atHead(site, m_s.place.head, Unit(row()), position);
        place.unit2 = Unit(column());
        return place;
    }
    double at(const Matrix& m) const { return static_cast<double>(m(row(), column())); }
    // The state before the first token is zero, and no place.
    Term before(SiteId site, const char* symbol) const {
        const int t = m_s.place.position.value;
        return {index(symbol), at(m_terms.before), number(site, Position(std::max(0, t - 1)))};
    }

    Derivation state() const {
        std::vector<Term> terms{{"kept", at(m_terms.kept), number(SiteId::MixerKept)}};
        if (m_terms.erased.size() > 0) terms.push_back({"erased", at(m_terms.erased), number(SiteId::MixerErased), true});
        terms.push_back({"written", at(m_terms.written), number(SiteId::MixerWritten)});
        return sumOf(index(m_mixer.isScan() ? "h" : "S"), terms);
    }

    Result<Derivation> ofMatrix() const {
        const auto operands = memoryOperands(m_s.trace, m_s.place.layer, m_s.place.head);
        if (!operands) return Unexpected(operands.error());
        const MemoryOperands& o = *operands;
        const int t = m_s.place.position.value;
        const bool mamba2 = m_mixer.kind == MixerKind::Mamba2;
        const auto headed = [&](SiteId site, int unit) { return m_s.atHead(site, m_s.place.head, Unit(unit)); };
        const int group = mamba2 ? m_s.place.head.value / (m_mixer.heads / m_mixer.groups) * m_mixer.stateSize : 0;
        switch (m_s.place.site) {
            case SiteId::MixerKept: {
                const Term from = before(SiteId::MixerS, "S′");
                if (o.d.size() == 0) return sumOf("kept", {from});
                const int which = o.d.cols() > 1 ? row() : 0;
                return productOf("kept", {{"α", static_cast<double>(o.d(t, which)), headed(SiteId::MixerLogDecay, which)}, from});
            }
            case SiteId::MixerWritten: {
                const Locus key =
                    mamba2 ? m_s.at(SiteId::SsmB, m_s.place.layer, Unit(group + row())) : headed(SiteId::MixerK, row());
                const Locus value =
                    mamba2 ? m_s.at(SiteId::SsmInput, m_s.place.layer, Unit(m_s.place.head.value * m_mixer.valueWidth + column()))
                           : headed(SiteId::MixerV, column());
                const bool rated = m_mixer.kind == MixerKind::DeltaNet || m_mixer.kind == MixerKind::GatedDeltaNet;
                return productOf("written", {{fmt::format("{}[{}]",
                                                          mamba2  ? "B"
                                                          : rated ? "(β k)"
                                                                  : "k",
                                                          row()),
                                              static_cast<double>(o.w(t, row())), key},
                                             {fmt::format("{}[{}]", mamba2 ? "(Δ x)" : "v", column()),
                                              static_cast<double>(o.v(t, column())), value}});
            }
            case SiteId::MixerErased: {
                const double seen = o.r.row(t).cast<double>().dot(m_terms.before.col(column()).transpose().cast<double>());
                const SiteId key = m_mixer.kind == MixerKind::Rwkv7 ? SiteId::MixerRemovalKey : SiteId::MixerK;
                Term looked = before(SiteId::MixerS, "S′");
                looked.name = fmt::format("(what S′ says under this key)[{}]", column());
                looked.value = seen;
                return productOf("erased",
                                 {{fmt::format("e[{}]", row()), static_cast<double>(o.e(t, row())), headed(key, row())}, looked});
            }
            default: {  // read
                ProductSum sum;
                sum.left = m_terms.after.col(row()).transpose().cast<double>();
                sum.right = o.q.row(t).cast<double>();
                if (o.normalised) {
                    const double z = o.w.topRows(t + 1).colwise().sum().cast<double>().dot(sum.right);
                    sum.right /= z + 1e-10;
                }
                sum.place = [this](int i) {
                    Locus place = m_s.atHead(SiteId::MixerS, m_s.place.head, Unit(i));
                    place.unit2 = Unit(row());
                    return place;
                };
                sum.name = [](int i) { return fmt::format("row {}", i); };
                sum.caption = "q·S by row";
                Derivation d;
                d.from = "the state and what reads it";
                // A query is made shorter before it reads, which a quotient by q · z undoes.
                const bool scaled = m_mixer.readScale != 1 && !o.normalised;
                const std::string query = mamba2 ? "Cᵢ" : scaled ? fmt::format("(qᵢ / √{})", m_mixer.keyWidth) : "qᵢ";
                d.formula.push_back(
                    {text(fmt::format("read = Σᵢ {} · S[i, {}]{}", query, row(), o.normalised ? " / (q · z)" : ""))});
                addProductSum(d, sum);
                d.operands.push_back(mamba2 ? m_s.at(SiteId::SsmC, m_s.place.layer, Unit(group)) : headed(SiteId::MixerQ, 0));
                return d;
            }
        }
    }

    Result<Derivation> ofScan() const {
        const auto operands = scanOperands(m_s.trace, m_s.model, m_s.place.layer);
        if (!operands) return Unexpected(operands.error());
        const ScanOperands& o = *operands;
        const int t = m_s.place.position.value, e = row();
        const Layer layer = m_s.place.layer;
        const double delta = static_cast<double>(o.delta(t, e));
        switch (m_s.place.site) {
            case SiteId::MixerKept: {
                const double A = static_cast<double>(o.A(e, column()));
                return productOf("kept", {{fmt::format("exp(Δ · {})", printNumber(A)), std::exp(delta * A),
                                           m_s.at(SiteId::SsmDelta, layer, Unit(e))},
                                          before(SiteId::SsmH, "h′")});
            }
            case SiteId::MixerWritten:
                return productOf("written", {{"Δ", delta, m_s.at(SiteId::SsmDelta, layer, Unit(e))},
                                             {"x", static_cast<double>(o.x(t, e)), m_s.at(SiteId::SsmInput, layer, Unit(e))},
                                             {fmt::format("B[{}]", column()), static_cast<double>(o.B(t, column())),
                                              m_s.at(SiteId::SsmB, layer, Unit(column()))}});
            default: {  // read
                ProductSum sum;
                sum.left = m_terms.after.row(e).cast<double>();
                sum.right = o.C.row(t).cast<double>();
                sum.place = [this, e](int n) {
                    Locus place = m_s.atHead(SiteId::SsmH, m_s.place.head, Unit(e));
                    place.unit2 = Unit(n);
                    return place;
                };
                sum.name = [](int n) { return fmt::format("state {}", n); };
                sum.caption = "h·C by state";
                Derivation d;
                d.from = "the state and C";
                d.formula.push_back({text(fmt::format("read = Σₙ h[{}, n] · Cₙ", e))});
                addProductSum(d, sum);
                return d;
            }
        }
    }

    // Complex numbers: a column of the first half is a real part, one of the second half the imaginary part beside it.
    Result<Derivation> ofLti() const {
        const auto operands = ltiOperands(m_s.trace, m_s.model, m_s.place.layer);
        if (!operands) return Unexpected(operands.error());
        const LtiOperands& o = *operands;
        const Layer layer = m_s.place.layer;
        const int N = static_cast<int>(o.keep.cols()), e = row();
        const bool complex = o.keepImag.size() > 0, imaginary = complex && column() >= N;
        const int n = imaginary ? column() - N : column();
        switch (m_s.place.site) {
            case SiteId::MixerKept: {
                if (!complex)
                    return productOf("kept", {{"Ā", static_cast<double>(o.keep(e, n)), before(SiteId::SsmH, "h′").place},
                                              before(SiteId::SsmH, "h′")});
                const double re = static_cast<double>(m_terms.before(e, n)), im = static_cast<double>(m_terms.before(e, N + n));
                const double a = static_cast<double>(o.keep(e, n)), b = static_cast<double>(o.keepImag(e, n));
                const auto part = [&](const char* name, double value, int at) {
                    Term term = before(SiteId::SsmH, "h′");
                    term.name = name;
                    term.value = value;
                    term.place.unit2 = Unit(at);
                    return term;
                };
                Derivation d = imaginary
                                   ? sumOf("kept", {part("Re Ā · Im h′", a * im, N + n), part("Im Ā · Re h′", b * re, n)})
                                   : sumOf("kept", {part("Re Ā · Re h′", a * re, n), minus(part("Im Ā · Im h′", b * im, N + n))});
                d.formula.push_back(
                    {text(fmt::format("Ā = {} + {} i, the same for every token", printNumber(a), printOperand(b, 4)))});
                return d;
            }
            case SiteId::MixerWritten: {
                const Matrix& write = imaginary ? o.writeImag : o.write;
                const Term input{"u", static_cast<double>(o.u(m_s.place.position.value, e)),
                                 m_s.at(SiteId::SsmInput, layer, Unit(e))};
                const std::string name = !complex ? "B̄" : imaginary ? "Im B̄" : "Re B̄";
                return productOf("written", {input, {name, static_cast<double>(write(e, n)), input.place}});
            }
            default: {  // read
                ProductSum sum;
                const Eigen::Index all = m_terms.after.cols();
                sum.left = m_terms.after.row(e).cast<double>();
                sum.right = RowVectorD(all);
                sum.right.head(N) = static_cast<double>(o.ssm().factor()) * o.read.row(e).cast<double>();
                if (complex) sum.right.tail(N) = -2.0 * o.readImag.row(e).cast<double>();
                sum.place = [this, e](int i) {
                    Locus place = m_s.atHead(SiteId::SsmH, m_s.place.head, Unit(e));
                    place.unit2 = Unit(i);
                    return place;
                };
                sum.name = [](int i) { return fmt::format("state {}", i); };
                sum.caption = "h·C by state";
                Derivation d;
                d.from = "the state and C";
                d.formula.push_back(
                    {text(complex ? fmt::format("read = 2 Re Σₙ h[{}, n] · Cₙ", e) : fmt::format("read = Σₙ h[{}, n] · Cₙ", e))});
                addProductSum(d, sum);
                return d;
            }
        }
    }
    static Term minus(Term term) {
        term.minus = true;
        return term;
    }

    const Sources& m_s;
    const StateTerms& m_terms;
    const MixerInfo& m_mixer;
};

}  // namespace

Result<Derivation> memory(const Sources& s) {
    const auto terms = stateTerms(s.trace, s.model, s.place.layer, s.place.head, s.place.position);
    if (!terms) return Unexpected(terms.error());
    return Memory(s, *terms).derive();
}

}  // namespace lw::derivation
