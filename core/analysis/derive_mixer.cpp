// Derivations of what every mixer has: what it reads and what it adds; and the sums that its kinds share.
#include "core/analysis/derive_mixer.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/analysis/numbers.h"

namespace lw::derivation {

namespace {

// What a mixer reads: the normed stream, or the stream itself.
Result<Derivation> mixerInput(const Sources& s) {
    const Layer layer = s.place.layer;
    const int unit = s.place.unit.value;
    if (!s.block().norm1) {
        if (s.info().residualStream) {
            const auto row = s.row(SiteId::ResidPre, layer);
            if (!row) return Unexpected(row.error());
            return copyOf("resid_pre", (*row)(unit), s.at(SiteId::ResidPre, layer, s.place.unit));
        }
        const bool first = layer.value == 0;
        const Layer below(std::max(0, layer.value - 1));
        const BlockInfo& block = s.info().block(below);
        const SiteId from = first ? SiteId::Embed : block.hasMlp() ? SiteId::MlpOut : block.firstOut();
        const auto row = s.row(from, below);
        if (!row) return Unexpected(row.error());
        return copyOf(siteName(from, below), (*row)(unit), s.at(from, below, s.place.unit));
    }
    const auto row = s.row(SiteId::Ln1Normalized, layer);
    if (!row) return Unexpected(row.error());
    const Locus from = s.at(SiteId::Ln1Normalized, layer, s.place.unit);
    const double gain = s.vectorOf(WeightId::Ln1Gain, layer, row->size(), 1)(unit),
                 bias = s.vectorOf(WeightId::Ln1Bias, layer, row->size(), 0)(unit);
    const bool shifted = s.model.weight(WeightId::Ln1Bias, layer).defined();
    const std::array<double, 3> operands{(*row)(unit), gain, bias};
    const auto formula = [](std::span<const double> x) { return x[0] * x[1] + x[2]; };
    const int digits = digitsThatReproduce(operands, formula);
    Derivation d;
    d.value = formula(operands);
    d.from = siteName(SiteId::Ln1Normalized, layer) + " and the norm's gain";
    d.operands = {from};
    d.formula = {{text("mixer_in = "), link("normalized", from), text(shifted ? " · gain + bias" : " · gain")},
                 {text("= "), link(printNumber(operands[0], digits), from),
                  text(" · " + printOperand(gain, digits) + (shifted ? " + " + printOperand(bias, digits) : ""))},
                 resultLine(d.value)};
    return d;
}

}  // namespace

Result<ProductSum> projected(const Sources& s, SiteId input, WeightId weight, int row, std::optional<WeightId> bias,
                             const char* matrix) {
    const Layer layer = s.place.layer;
    const auto x = s.row(input, layer);
    if (!x) return Unexpected(x.error());
    ProductSum sum;
    sum.left = *x;
    sum.right = s.model.weight(weight, layer).row(row).cast<double>();
    sum.place = [&s, input, layer](int i) { return s.at(input, layer, Unit(i)); };
    sum.name = [](int i) { return fmt::format("channel {}", i); };
    sum.caption = fmt::format("x·{} by channel", matrix);
    if (bias && s.model.weight(*bias, layer).defined()) sum.bias = static_cast<double>(s.model.weight(*bias, layer).row(0)(row));
    return sum;
}

Result<ProductSum> convolved(const Sources& s, SiteId source, int column, WeightId taps, int channel,
                             std::optional<WeightId> bias) {
    const Layer layer = s.place.layer;
    const RowVectorD weights = s.model.weight(taps, layer).row(channel).cast<double>();
    const int t = s.place.position.value, count = std::min(static_cast<int>(weights.size()), t + 1);
    ProductSum sum;
    sum.left = RowVectorD(count);
    sum.right = weights.tail(count);
    for (int i = 0; i < count; ++i) {
        const auto row = s.row(source, layer, Position(t - count + 1 + i));
        if (!row) return Unexpected(row.error());
        sum.left(i) = (*row)(column);
    }
    sum.place = [&s, source, layer, column, t, count](int i) {
        return s.at(source, layer, Unit(column), Position(t - count + 1 + i));
    };
    sum.name = [count](int i) {
        const int back = count - 1 - i;
        return back == 0 ? std::string("this token") : fmt::format("{} token{} before", back, back == 1 ? "" : "s");
    };
    sum.caption = "x·tap by token";
    if (bias && s.model.weight(*bias, layer).defined())
        sum.bias = static_cast<double>(s.model.weight(*bias, layer).row(0)(channel));
    return sum;
}

Derivation normedOf(const std::string& symbol, const RowVectorD& x, int unit, double eps, double gain, const std::string& name,
                    const std::function<Locus(int)>& place) {
    const std::array<double, 3> operands{x(unit), x.squaredNorm() / static_cast<double>(x.size()) + eps, gain};
    const auto formula = [](std::span<const double> v) { return v[0] / std::sqrt(v[1]) * v[2]; };
    const int digits = digitsThatReproduce(operands, formula);
    Derivation d;
    d.value = formula(operands);
    d.from = name + " and the norm's gain";
    d.operands = {place(unit)};
    d.formula = {{text(symbol + " = "), link(name, place(unit)), text(" / √(mean of squares + ε) · gain")},
                 {text("= "), link(printNumber(operands[0], digits), place(unit)),
                  text(fmt::format(" / √({}) · {}", printNumber(operands[1], digits), printOperand(gain, digits)))},
                 resultLine(d.value)};
    return d;
}

Derivation projectedOut(const Sources& s, const RowVectorD& left, const std::string& what, const std::function<Locus(int)>& place,
                        const std::function<std::string(int)>& name, std::optional<WeightId> bias) {
    const Layer layer = s.place.layer;
    const int unit = s.place.unit.value;
    ProductSum sum;
    sum.left = left;
    sum.right = s.model.weight(WeightId::MixerOutProj, layer).row(unit).cast<double>();
    sum.place = place;
    sum.name = name;
    sum.caption = "o·W_out by input";
    if (bias && s.model.weight(*bias, layer).defined()) sum.bias = static_cast<double>(s.model.weight(*bias, layer).row(0)(unit));
    Derivation d;
    d.from = what + " and W_out";
    d.formula.push_back({text(fmt::format("mixer_out = Σᵢ oᵢ · W_out[i, {}]{}", unit, sum.bias ? " + bias" : ""))});
    d.formula.push_back({text("o = " + what)});
    addProductSum(d, sum);
    return d;
}

Result<Derivation> mixer(const Sources& s) {
    const MixerInfo& m = s.block().mixer;
    if (s.place.site == SiteId::MixerIn) return mixerInput(s);
    if (s.place.site == SiteId::MixerOut && m.isCell()) {
        const auto h = s.row(SiteId::CellH, s.place.layer);
        if (!h) return Unexpected(h.error());
        return copyOf("h", (*h)(s.place.unit.value), s.at(SiteId::CellH, s.place.layer, s.place.unit));
    }
    if (s.place.site == SiteId::SsmOut) {
        const auto out = s.row(SiteId::MixerOut, s.place.layer);
        if (!out) return Unexpected(out.error());
        return copyOf("mixer_out", (*out)(s.place.unit.value), s.at(SiteId::MixerOut, s.place.layer, s.place.unit));
    }
    if (m.kind == MixerKind::Rwkv7) return rwkvValue(s);
    if (m.isMatrixMemory()) return memoryValue(s);
    if (m.isScan() || m.kind == MixerKind::Mamba2) return scanValue(s);
    return fail(ErrorKind::Unsupported, fmt::format("{} has no derivation.", siteOf(s.place.site).name));
}

}  // namespace lw::derivation
