// Derivations of cells (RNN, LSTM, GRU): gates from the input and the hidden state before, the cell, what is shown.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/analysis/derivation_parts.h"
#include "core/analysis/numbers.h"

namespace lw::derivation {

namespace {

double biasOf(const Sources& s, WeightId id, int row) {
    const Weight& w = s.model.weight(id, s.place.layer);
    return w.defined() ? static_cast<double>(w.row(0)(row)) : 0;
}

// x · W_ih[row] + b_ih and h' · W_hh[row] + b_hh, or one of them; the hidden state before the text is zero.
Result<ProductSum> inputs(const Sources& s, int row, bool input, bool recurrent) {
    const Layer layer = s.place.layer;
    const int t = s.place.position.value;
    const Position before(std::max(0, t - 1));
    const auto x = s.row(SiteId::MixerIn, layer), h = s.row(SiteId::CellH, layer, before);
    if (!x) return Unexpected(x.error());
    if (!h) return Unexpected(h.error());
    const RowVectorD hidden = t > 0 ? *h : RowVectorD::Zero(h->size());
    const Eigen::Index n = input ? x->size() : 0, m = recurrent ? hidden.size() : 0;
    ProductSum sum;
    sum.left = RowVectorD(n + m);
    sum.right = RowVectorD(n + m);
    double bias = 0;
    if (input) {
        sum.left.head(n) = *x;
        sum.right.head(n) = s.model.weight(WeightId::CellInput, layer).row(row).cast<double>();
        bias += biasOf(s, WeightId::CellInputBias, row);
    }
    if (recurrent) {
        sum.left.tail(m) = hidden;
        sum.right.tail(m) = s.model.weight(WeightId::CellRecurrent, layer).row(row).cast<double>();
        bias += biasOf(s, WeightId::CellRecurrentBias, row);
    }
    sum.bias = bias;
    sum.place = [&s, layer, n, before](int i) {
        return i < n ? s.at(SiteId::MixerIn, layer, Unit(i)) : s.at(SiteId::CellH, layer, Unit(static_cast<int>(i - n)), before);
    };
    sum.name = [n](int i) { return i < n ? fmt::format("input {}", i) : fmt::format("hidden unit {} before", i - n); };
    sum.caption = input && recurrent ? "x·W_ih and h′·W_hh" : input ? "x·W_ih by input" : "h′·W_hh by unit";
    return sum;
}

struct Gate {
    const char* letter;
    int which;  // rows [which · H, …) of the weights
    const Function* function;
};

Gate gateOf(SiteId site) {
    switch (site) {
        case SiteId::CellI:
            return {"i", 0, &sigmoid};
        case SiteId::CellF:
            return {"f", 1, &sigmoid};
        case SiteId::CellG:
            return {"g", 2, &tanhOf};
        case SiteId::CellO:
            return {"o", 3, &sigmoid};
        case SiteId::CellR:
            return {"r", 0, &sigmoid};
        case SiteId::CellZ:
            return {"z", 1, &sigmoid};
        default:
            return {"n", 2, &tanhOf};
    }
}

Result<Derivation> gate(const Sources& s) {
    const Gate gate = gateOf(s.place.site);
    const int row = gate.which * s.block().mixer.inner + s.place.unit.value;
    Derivation d;
    d.from = "the input and the hidden state before";
    if (s.place.site != SiteId::CellN) {
        const auto sum = inputs(s, row, true, true);
        if (!sum) return Unexpected(sum.error());
        d.formula.push_back({text(fmt::format("{} = {}(x · W_ih + h′ · W_hh + bias)", gate.letter, gate.function->name))});
        addFunctionOfSum(d, *gate.function, *sum);
        return d;
    }
    // GRU: the reset gate stands before what comes from the hidden state, its bias included.
    const auto fromInput = inputs(s, row, true, false), fromHidden = inputs(s, row, false, true);
    if (!fromInput) return Unexpected(fromInput.error());
    if (!fromHidden) return Unexpected(fromHidden.error());
    const auto r = s.row(SiteId::CellR, s.place.layer);
    if (!r) return Unexpected(r.error());
    const Locus reset = s.at(SiteId::CellR, s.place.layer, s.place.unit);
    Derivation inner;
    addProductSum(inner, *fromInput);
    const std::array<double, 3> operands{inner.value, (*r)(s.place.unit.value), total(*fromHidden)};
    const auto formula = [](std::span<const double> v) { return std::tanh(v[0] + v[1] * v[2]); };
    const int digits = digitsThatReproduce(operands, formula);
    d.value = formula(operands);
    d.formula = {{text("n = tanh(x · W_ih + bias + "), link("r", reset), text(" · (h′ · W_hh + bias))")},
                 {text("= tanh(" + printNumber(operands[0], digits) + " + "), figure(operands[1], digits, reset),
                  text(" · " + printOperand(operands[2], digits) + ")")},
                 resultLine(d.value),
                 std::move(inner.formula.back())};
    d.contributions = std::move(inner.contributions);
    d.operands = std::move(inner.operands);
    d.operands.push_back(reset);
    return d;
}

// The two halves of what an RNN's tanh sees.
Result<Derivation> half(const Sources& s, bool kept) {
    const auto sum = inputs(s, s.place.unit.value, !kept, kept);
    if (!sum) return Unexpected(sum.error());
    Derivation d;
    d.from = kept ? "the hidden state before and W_hh" : "the input and W_ih";
    d.formula.push_back({text(kept ? "kept = h′ · W_hh + bias" : "written = x · W_ih + bias")});
    addProductSum(d, *sum);
    return d;
}

}  // namespace

Result<Derivation> cell(const Sources& s) {
    const Layer layer = s.place.layer;
    const Unit unit = s.place.unit;
    const MixerKind kind = s.block().mixer.kind;
    const SiteId state = kind == MixerKind::Lstm ? SiteId::CellC : SiteId::CellH;
    std::optional<Error> missing;
    const auto term = [&](std::string name, SiteId site) -> Term {
        const auto row = s.row(site, layer);
        if (!row) {
            missing = row.error();
            return {};
        }
        return {std::move(name), (*row)(unit.value), s.at(site, layer, unit)};
    };
    const auto earlier = [&](std::string name) -> Term {
        const int t = s.place.position.value;
        const Position from(std::max(0, t - 1));
        const auto row = s.row(state, layer, from);
        if (!row) {
            missing = row.error();
            return {};
        }
        return {std::move(name), t > 0 ? (*row)(unit.value) : 0.0, s.at(state, layer, unit, from)};
    };
    const auto finished = [&](Derivation d) -> Result<Derivation> {
        if (missing) return Unexpected(*missing);
        return d;
    };
    switch (s.place.site) {
        case SiteId::CellI:
        case SiteId::CellF:
        case SiteId::CellG:
        case SiteId::CellO:
        case SiteId::CellR:
        case SiteId::CellZ:
        case SiteId::CellN:
            return gate(s);
        case SiteId::CellKept:
            if (kind == MixerKind::Rnn) return half(s, true);
            if (kind == MixerKind::Lstm) return finished(productOf("kept", {term("f", SiteId::CellF), earlier("c′")}));
            if (kind == MixerKind::Gru) return finished(productOf("kept", {term("z", SiteId::CellZ), earlier("h′")}));
            break;
        case SiteId::CellWritten:
            if (kind == MixerKind::Rnn) return half(s, false);
            if (kind == MixerKind::Lstm)
                return finished(productOf("written", {term("i", SiteId::CellI), term("g", SiteId::CellG)}));
            if (kind == MixerKind::Gru) {
                Term z = term("(1 − z)", SiteId::CellZ);
                z.value = 1 - z.value;
                return finished(productOf("written", {z, term("n", SiteId::CellN)}));
            }
            break;
        case SiteId::CellC:
            return finished(sumOf("c", {term("kept", SiteId::CellKept), term("written", SiteId::CellWritten)}));
        case SiteId::CellH:
            if (kind == MixerKind::Lstm) {
                Term shown = term("tanh c", SiteId::CellC);
                shown.value = std::tanh(shown.value);
                return finished(productOf("h", {term("o", SiteId::CellO), shown}));
            }
            return finished(
                sumOf("h", {term("kept", SiteId::CellKept), term("written", SiteId::CellWritten)}, kind == MixerKind::Rnn));
        default:
            break;
    }
    return fail(ErrorKind::Unsupported, fmt::format("{} has no derivation.", siteOf(s.place.site).name));
}

}  // namespace lw::derivation
