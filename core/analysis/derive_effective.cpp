// Derivations of what a recurrence amounts to: its exact attention, and the sum of keys that linear attention divides by.
#include <complex>

#include <fmt/format.h>

#include "core/analysis/derivation_parts.h"
#include "core/analysis/numbers.h"
#include "core/analysis/state_operands.h"

namespace lw::derivation {

namespace {

// The key's own write, carried forward to the query step by step (effectiveRow carries the read backwards instead).
Result<Derivation> ofMatrix(const Sources& s) {
    const auto operands = memoryOperands(s.trace, s.place.layer, s.place.head);
    if (!operands) return Unexpected(operands.error());
    const MemoryOperands& o = *operands;
    const MixerInfo& m = s.block().mixer;
    const int i = s.place.position.value, j = s.place.key.value;
    RowVectorD carried = o.w.row(j).cast<double>();
    for (int t = j + 1; t <= i; ++t) {
        const double seen = o.e.size() > 0 ? carried.dot(o.r.row(t).cast<double>()) : 0;
        if (o.d.cols() == 1) carried *= static_cast<double>(o.d(t, 0));
        if (o.d.cols() > 1) carried.array() *= o.d.row(t).array().cast<double>();
        if (o.e.size() > 0) carried -= seen * o.e.row(t).cast<double>();
    }
    const bool mamba2 = m.kind == MixerKind::Mamba2;
    ProductSum sum;
    sum.left = o.q.row(i).cast<double>();
    sum.right = carried;
    if (o.normalised) sum.right /= o.w.topRows(i + 1).colwise().sum().cast<double>().dot(sum.left) + 1e-10;
    const int group = mamba2 ? s.place.head.value / (m.heads / m.groups) * m.stateSize : 0;
    sum.place = [&s, mamba2, group](int n) {
        return mamba2 ? s.at(SiteId::SsmC, s.place.layer, Unit(group + n)) : s.atHead(SiteId::MixerQ, s.place.head, Unit(n));
    };
    sum.name = [](int n) { return fmt::format("dimension {}", n); };
    sum.caption = "q·(key as it is left) by dimension";
    Derivation d;
    d.from = "the query, and the key carried through the steps between";
    d.formula.push_back(
        {text(fmt::format("weight = q · (the key of position {}, faded{} by the {} step{} since){}", j,
                          o.e.size() > 0 ? " and erased" : "", i - j, i - j == 1 ? "" : "s", o.normalised ? " / (q · z)" : ""))});
    addProductSum(d, sum);
    return d;
}

Result<Derivation> ofScan(const Sources& s) {
    const auto operands = scanOperands(s.trace, s.model, s.place.layer);
    if (!operands) return Unexpected(operands.error());
    const ScanOperands& o = *operands;
    const int i = s.place.position.value, j = s.place.key.value, e = s.place.head.value;
    RowVectorD carried = static_cast<double>(o.delta(j, e)) * o.B.row(j).cast<double>();
    double steps = 0;
    for (int t = j + 1; t <= i; ++t) steps += static_cast<double>(o.delta(t, e));
    carried.array() *= (o.A.row(e).cast<double>().array() * steps).exp();
    ProductSum sum;
    sum.left = o.C.row(i).cast<double>();
    sum.right = carried;
    sum.place = [&s](int n) { return s.at(SiteId::SsmC, s.place.layer, Unit(n)); };
    sum.name = [](int n) { return fmt::format("state {}", n); };
    sum.caption = "C·(what was written, as it is left) by state";
    Derivation d;
    d.from = "C, and Δ B of the key faded by the steps between";
    d.formula.push_back(
        {text(fmt::format("weight = Σₙ C[n] · exp(A[{}, n] · {}) · Δ · B[n] of position {}", e, printNumber(steps), j))});
    d.formula.push_back({text(fmt::format("{} is the sum of the steps Δ since", printNumber(steps)))});
    addProductSum(d, sum);
    return d;
}

Result<Derivation> ofLti(const Sources& s) {
    const auto operands = ltiOperands(s.trace, s.model, s.place.layer);
    if (!operands) return Unexpected(operands.error());
    const LtiOperands& o = *operands;
    const int N = static_cast<int>(o.keep.cols()), e = s.place.head.value, back = s.place.position.value - s.place.key.value;
    const bool complex = o.keepImag.size() > 0;
    ProductSum sum;
    sum.left = RowVectorD(N);
    for (int n = 0; n < N; ++n) {
        const auto imaginary = [&](const Matrix& x) { return complex ? static_cast<double>(x(e, n)) : 0.0; };
        const std::complex<double> keep(o.keep(e, n), imaginary(o.keepImag)), write(o.write(e, n), imaginary(o.writeImag)),
            read(o.read(e, n), imaginary(o.readImag));
        std::complex<double> power = 1;
        for (int t = 0; t < back; ++t) power *= keep;
        sum.left(n) = (complex ? 2 : 1) * (read * power * write).real();
    }
    sum.place = [&s, e](int) { return s.at(SiteId::SsmDelta, s.place.layer, Unit(e)); };
    sum.name = [](int n) { return fmt::format("pole {}", n); };
    sum.caption = "the kernel by pole";
    sum.terms = "pole";
    Derivation d;
    d.from = "the kernel";
    d.formula.push_back({text(fmt::format("weight = K[{}] = {}Σₙ C[n] · Ā[n]^{} · B̄[n]: the kernel, the same for every token",
                                          back, complex ? "2 Re " : "", back))});
    addProductSum(d, sum);
    return d;
}

// z = Σ of the keys up to here.
Result<Derivation> sumOfKeys(const Sources& s) {
    const int count = s.place.position.value + 1, column = s.place.head.value * s.block().mixer.keyWidth + s.place.unit.value;
    ProductSum sum;
    sum.left = RowVectorD(count);
    for (int t = 0; t < count; ++t) {
        const auto row = s.row(SiteId::MixerK, s.place.layer, Position(t));
        if (!row) return Unexpected(row.error());
        sum.left(t) = (*row)(column);
    }
    sum.place = [&s](int t) { return s.atHead(SiteId::MixerK, s.place.head, s.place.unit, Position(t)); };
    sum.name = [](int t) { return fmt::format("position {}", t); };
    sum.caption = "keys by position";
    sum.terms = "key";
    Derivation d;
    d.from = "the keys so far";
    d.formula.push_back({text(fmt::format("z = Σ k[{}] of positions 0 to {}", s.place.unit.value, count - 1))});
    addProductSum(d, sum);
    return d;
}

}  // namespace

Result<Derivation> effective(const Sources& s) {
    if (s.place.site == SiteId::MixerNormZ) return sumOfKeys(s);
    const MixerInfo& m = s.block().mixer;
    if (s.place.key.value > s.place.position.value) {
        Derivation d;
        d.from = "the order of the positions";
        const SiteId read = m.hasMatrixState() && m.kind != MixerKind::Mamba2 ? SiteId::MixerQ : SiteId::SsmInput;
        d.operands = {m.hasMatrixState() && m.kind != MixerKind::Mamba2 ? s.atHead(read, s.place.head, Unit(0))
                                                                        : s.at(read, s.place.layer, Unit(0))};
        d.formula = {{text(fmt::format("key {} comes after query {}: it has not been written yet", s.place.key.value,
                                       s.place.position.value))},
                     resultLine(0)};
        return d;
    }
    if (m.hasMatrixState()) return ofMatrix(s);
    return m.kind == MixerKind::S4d ? ofLti(s) : ofScan(s);
}

}  // namespace lw::derivation
