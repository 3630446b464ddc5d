// Derivations inside attention: turned queries and keys, scores, weights, weighted values, what heads add.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/analysis/attribution.h"
#include "core/analysis/derivation_parts.h"
#include "core/analysis/numbers.h"

namespace lw::derivation {

namespace {

// The keys [from, to) that a query sees.
struct Visible {
    int from, to;
};

Visible visibleTo(const AttentionInfo& a, Position query) {
    return {a.window > 0 ? std::max(0, query.value - a.window + 1) : 0, query.value + 1};
}

std::string whyHidden(const Sources& s) {
    const int q = s.place.position.value, k = s.place.key.value;
    if (k > q) return fmt::format("key {} comes after query {}, which may not see it", k, q);
    return fmt::format("key {} is outside the window of {} tokens that query {} sees", k, s.block().attention.window, q);
}

// q·k in double, by dimension, and what it is divided by.
struct Products {
    SiteId qSite, kSite;
    RowVectorD q, k;
    double divisor = 1;       // 1 / scale
    std::string divisorName;  // " / √64", empty for a scale of 1
};

Result<Products> productsOf(const Sources& s, Position key) {
    const AttentionInfo& a = s.block().attention;
    Products p;
    p.qSite = a.rotary ? SiteId::RotQ : SiteId::Q;
    p.kSite = a.rotary ? SiteId::RotK : SiteId::K;
    const auto q = s.row(p.qSite, s.place.layer), k = s.row(p.kSite, s.place.layer, key);
    if (!q) return Unexpected(q.error());
    if (!k) return Unexpected(k.error());
    p.q = q->segment(s.place.head.value * a.headWidth, a.headWidth);
    p.k = k->segment(a.kvHead(s.place.head.value) * a.headWidth, a.headWidth);
    p.divisor = 1 / static_cast<double>(a.scale);
    const double square = p.divisor * p.divisor, whole = std::round(square);
    if (a.scale == 1.0f) {
        p.divisorName = "";
    } else if (whole >= 1 && std::abs(square - whole) < 1e-5 * whole) {
        p.divisorName = fmt::format(" / √{}", whole);
    } else {
        p.divisorName = " / " + printNumber(p.divisor);
    }
    return p;
}

// "… = 28.26 / 8", with the digits that give it again.
std::string quotient(const Products& p, double dot, double* result) {
    const std::array<double, 2> operands{dot, p.divisor};
    const auto formula = [](std::span<const double> x) { return x[0] / x[1]; };
    *result = formula(operands);
    const int digits = digitsThatReproduce(operands, formula);
    return p.divisorName.empty() ? printNumber(dot, digits) : printNumber(dot, digits) + " / " + printNumber(p.divisor, digits);
}

Contributions byDimension(const RowVectorD& products) {
    Contributions c;
    c.values.assign(products.data(), products.data() + products.size());
    for (int i = 0; i < static_cast<int>(products.size()); ++i) c.labels.push_back(fmt::format("dimension {}", i));
    c.sum = products.sum();
    c.caption = fmt::format("q·k by dimension: {} product{}, sum {}", products.size(), products.size() == 1 ? "" : "s",
                            printNumber(c.sum, 4));
    return c;
}

// σ of the gate that W_Q makes beside a head's query, of one unit of it.
Result<double> outputGate(const Sources& s) {
    const Layer layer = s.place.layer;
    const auto x = s.row(SiteId::Ln1Normalized, layer);
    if (!x) return Unexpected(x.error());
    const int width = s.block().attention.headWidth, row = s.place.head.value * 2 * width + width + s.place.unit.value;
    const RowVectorD y =
        x->cwiseProduct(s.vectorOf(WeightId::Ln1Gain, layer, x->size(), 1)) + s.vectorOf(WeightId::Ln1Bias, layer, x->size(), 0);
    const Weight& bias = s.model.weight(WeightId::BiasQ, layer);
    return sigmoid.apply(y.dot(s.model.weight(WeightId::Q, layer).row(row).cast<double>()) +
                         (bias.defined() ? static_cast<double>(bias.row(0)(row)) : 0.0));
}

}  // namespace

Result<Derivation> rotated(const Sources& s) {
    const AttentionInfo& a = s.block().attention;
    const bool query = s.place.site == SiteId::RotQ;
    const SiteId source = query ? SiteId::Q : SiteId::K;
    const auto row = s.row(source, s.place.layer);
    if (!row) return Unexpected(row.error());
    const int head = query ? s.place.head.value : a.kvHead(s.place.head.value);
    RowVectorD x = row->segment(head * a.headWidth, a.headWidth);
    if (a.headNormEps > 0)
        x = (x / std::sqrt(x.squaredNorm() / a.headWidth + a.headNormEps))
                .cwiseProduct(s.vectorOf(query ? WeightId::QNorm : WeightId::KNorm, s.place.layer, a.headWidth, 1));
    const std::vector<double> frequencies = s.model.rotaryFrequencies();
    const int half = static_cast<int>(frequencies.size()), unit = s.place.unit.value;
    const char* name = a.headNormEps > 0 ? query ? "norm(q)" : "norm(k)" : query ? "q" : "k";

    Derivation d;
    d.from = fmt::format("{} and the angle of its position", siteName(source, s.place.layer));
    if (unit >= 2 * half) {  // a dimension that is not turned
        d.value = x(unit);
        d.operands = {s.atHead(source, s.place.head, s.place.unit)};
        d.formula = {{text(fmt::format("rot_{} = {}: this dimension is not turned", query ? "q" : "k", name))},
                     resultLine(d.value)};
        return d;
    }
    const bool first = unit < half;
    const int other = first ? unit + half : unit - half;
    const double frequency = frequencies[static_cast<std::size_t>(first ? unit : other)],
                 angle = s.place.position.value * frequency;
    const std::array<double, 4> operands{x(unit), std::cos(angle), x(other), std::sin(angle)};
    const auto formula = [first](std::span<const double> v) {
        return first ? v[0] * v[1] - v[2] * v[3] : v[0] * v[1] + v[2] * v[3];
    };
    const int digits = digitsThatReproduce(operands, formula);
    d.value = formula(operands);
    const Locus own = s.atHead(source, s.place.head, s.place.unit), partner = s.atHead(source, s.place.head, Unit(other));
    const bool partnerLeads = std::abs(operands[2] * operands[3]) > std::abs(operands[0] * operands[1]);
    d.operands = partnerLeads ? std::vector{partner, own} : std::vector{own, partner};
    const char* sign = first ? " − " : " + ";
    d.formula.push_back({text(query ? "rot_q = " : "rot_k = "), link(fmt::format("{}[{}]", name, unit), own),
                         text(fmt::format(" · cos θ{}", sign)), link(fmt::format("{}[{}]", name, other), partner),
                         text(" · sin θ")});
    d.formula.push_back({text("= "), link(printNumber(operands[0], digits), own),
                         text(fmt::format(" · {}{}", printOperand(operands[1], digits), sign)),
                         figure(operands[2], digits, partner), text(" · " + printOperand(operands[3], digits))});
    d.formula.push_back(resultLine(d.value));
    d.formula.push_back({text(fmt::format("θ = position · frequency = {} · {} = {} rad", s.place.position.value,
                                          printNumber(frequency, 9), printNumber(angle, 9)))});
    return d;
}

Result<Derivation> score(const Sources& s) {
    const AttentionInfo& a = s.block().attention;
    const auto p = productsOf(s, s.place.key);
    if (!p) return Unexpected(p.error());
    const RowVectorD products = p->q.cwiseProduct(p->k);
    const double dot = products.sum();
    Derivation d;
    d.from = "q and k";
    const int strongest = largest(products, 1).front();
    d.operands = {s.atHead(p->qSite, s.place.head, Unit(strongest)),
                  s.atHead(p->kSite, s.place.head, Unit(strongest), s.place.key)};
    d.contributions = byDimension(products);
    const Visible see = visibleTo(a, s.place.position);
    if (s.place.key.value < see.from || s.place.key.value >= see.to) {
        d.value = -std::numeric_limits<double>::infinity();
        d.formula = {{text("masked: " + whyHidden(s))}, resultLine(d.value)};
        return d;
    }
    const std::string figures = quotient(*p, dot, &d.value);
    d.formula = {{text("score = "), link("q", d.operands[0]), text(" · "), link("k", d.operands[1]), text(p->divisorName)},
                 {text("= " + figures)},
                 resultLine(d.value)};
    return d;
}

Result<Derivation> weight(const Sources& s) {
    const AttentionInfo& a = s.block().attention;
    const auto p = productsOf(s, s.place.key);
    if (!p) return Unexpected(p.error());
    const RowVectorD products = p->q.cwiseProduct(p->k);
    Derivation d;
    d.from = "q and k";
    d.contributions = byDimension(products);
    const Visible see = visibleTo(a, s.place.position);
    if (s.place.key.value < see.from || s.place.key.value >= see.to) {
        d.value = 0;
        d.operands = {s.atKey(SiteId::AttnScores, s.place.key)};
        d.formula = {{text("masked: " + whyHidden(s))}, resultLine(0)};
        return d;
    }
    double max = -std::numeric_limits<double>::infinity();
    int best = see.from;
    std::vector<double> scores;
    for (int k = see.from; k < see.to; ++k) {
        const auto each = productsOf(s, Position(k));
        if (!each) return Unexpected(each.error());
        scores.push_back(each->q.dot(each->k) / each->divisor);
        if (scores.back() > max) {
            max = scores.back();
            best = k;
        }
    }
    double sum = 0;
    for (const double score : scores) sum += std::exp(score - max);
    const double own = scores[static_cast<std::size_t>(s.place.key.value - see.from)];

    const std::array<double, 3> operands{own, max, sum};
    const auto formula = [](std::span<const double> x) { return std::exp(x[0] - x[1]) / x[2]; };
    const int digits = digitsThatReproduce(operands, formula);
    d.value = formula(operands);
    const int strongest = largest(products, 1).front();
    d.operands = {s.atKey(SiteId::AttnScores, s.place.key), s.atKey(SiteId::AttnScores, Position(best)),
                  s.atHead(p->qSite, s.place.head, Unit(strongest)),
                  s.atHead(p->kSite, s.place.head, Unit(strongest), s.place.key)};
    double again = 0;
    const std::string figures = quotient(*p, products.sum(), &again);
    d.formula = {{text("weight = exp(s − max) / Σ exp(s − max)")},
                 {text("= exp("), link(printNumber(own, digits), d.operands[0]), text(" − "), figure(max, digits, d.operands[1]),
                  text(") / " + printNumber(sum, digits))},
                 resultLine(d.value),
                 {text("s = "), link("q", d.operands[2]), text(" · "), link("k", d.operands[3]),
                  text(fmt::format("{} = {}", p->divisorName, figures))}};
    if (!p->divisorName.empty()) d.formula.back().push_back(text(" = " + printNumber(own, digits)));
    return d;
}

Result<Derivation> weightedValues(const Sources& s) {
    const AttentionInfo& a = s.block().attention;
    if (auto ok = s.has(SiteId::Pattern, s.place.layer); !ok) return Unexpected(ok.error());
    const Visible see = visibleTo(a, s.place.position);
    const int count = see.to - see.from, column = a.kvHead(s.place.head.value) * a.headWidth + s.place.unit.value;
    const RowVectorD pattern = s.trace.patternRow(s.place.layer, s.place.head, s.place.position).cast<double>();
    ProductSum sum;
    sum.left = pattern.segment(see.from, count);
    sum.right.resize(count);
    for (int i = 0; i < count; ++i) {
        const auto v = s.row(SiteId::V, s.place.layer, Position(see.from + i));
        if (!v) return Unexpected(v.error());
        sum.right(i) = (*v)(column);
    }
    sum.place = [&](int i) { return s.atKey(SiteId::Pattern, Position(see.from + i)); };
    sum.name = [&](int i) { return fmt::format("key {}", see.from + i); };
    sum.caption = "weight·v by key";
    if (a.outputGate) {
        const auto gate = outputGate(s);
        if (!gate) return Unexpected(gate.error());
        sum.factor = *gate;
        sum.factorName = "σ(gate)";
    }
    const int strongest = largest(sum.left.cwiseProduct(sum.right), 1).front();
    const Locus value = s.atHead(SiteId::V, s.place.head, s.place.unit, Position(see.from + strongest));
    Derivation d;
    d.from = "the weights and v";
    d.formula.push_back(
        {text("z = Σₖ "), link("pattern", sum.place(strongest)), text(fmt::format("[{}, k] · ", s.place.position.value)),
         link("v", value),
         text(fmt::format("[k, {}]{}", s.place.unit.value, a.outputGate ? ", times σ(gate), gate = Σᵢ yᵢ · W_Q" : ""))});
    addProductSum(d, sum);
    d.operands.insert(d.operands.begin() + 1, value);
    return d;
}

Result<Derivation> headOutput(const Sources& s) {
    const AttentionInfo& a = s.block().attention;
    const int first = s.place.head.value * a.headWidth;
    const auto z = s.row(SiteId::Z, s.place.layer);
    if (!z) return Unexpected(z.error());
    ProductSum sum;
    sum.left = z->segment(first, a.headWidth);
    sum.right = s.model.weight(WeightId::O, s.place.layer).row(s.place.unit.value).segment(first, a.headWidth).cast<double>();
    sum.place = [&](int i) { return s.atHead(SiteId::Z, s.place.head, Unit(i)); };
    sum.name = [](int i) { return fmt::format("unit {}", i); };
    sum.caption = "z·W_O by unit";
    Derivation d;
    d.from = "z and W_O";
    d.formula.push_back({text("result = Σᵢ "), link("z", sum.place(largest(sum.left.cwiseProduct(sum.right), 1).front())),
                         text(fmt::format("ᵢ · W_O[i, {}] of head {}", s.place.unit.value, s.place.head.value))});
    addProductSum(d, sum);
    return d;
}

Result<Derivation> attentionOutput(const Sources& s) {
    const AttentionInfo& a = s.block().attention;
    const auto z = s.row(SiteId::Z, s.place.layer);
    if (!z) return Unexpected(z.error());
    const RowVectorD products =
        z->cwiseProduct(s.model.weight(WeightId::O, s.place.layer).row(s.place.unit.value).cast<double>());
    const Weight& bias = s.model.weight(WeightId::BiasO, s.place.layer);
    ProductSum sum;
    sum.left.resize(a.heads);
    for (int h = 0; h < a.heads; ++h) sum.left(h) = products.segment(h * a.headWidth, a.headWidth).sum();
    sum.place = [&](int h) { return s.atHead(SiteId::Result, Head(h), s.place.unit); };
    sum.name = [](int h) { return fmt::format("head {}", h); };
    sum.caption = "by head";
    sum.terms = "addition";
    if (bias.defined()) sum.bias = static_cast<double>(bias.row(0)(s.place.unit.value));
    Derivation d;
    d.from = "z and W_O";
    d.formula.push_back(
        {text("attn_out = Σₕ "), link("result", sum.place(largest(sum.left, 1).front())), text(sum.bias ? "ₕ + bias" : "ₕ")});
    addProductSum(d, sum);
    return d;
}

}  // namespace lw::derivation
