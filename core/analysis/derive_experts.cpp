// Derivations of a block with experts: how much each is listened to, and what those that run add.
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/analysis/derivation_parts.h"
#include "core/analysis/double_activation.h"
#include "core/analysis/double_linear.h"
#include "core/analysis/numbers.h"

namespace lw::derivation {

namespace {

// What the experts and the router read: the stream after its norm.
Result<RowVectorD> readBy(const Sources& s) {
    const Layer layer = s.place.layer;
    const auto x = s.row(SiteId::Ln2Normalized, layer);
    if (!x) return x;
    return RowVectorD(x->cwiseProduct(s.vectorOf(WeightId::Ln2Gain, layer, x->size(), 1)) +
                      s.vectorOf(WeightId::Ln2Bias, layer, x->size(), 0));
}

RowVectorD through(const Weight& weight, const RowVectorD& x) {
    RowVectorD y(weight.rows());
    for (std::int64_t n = 0; n < weight.rows(); ++n) y(n) = x.dot(weight.row(n).cast<double>());
    return y;
}

}  // namespace

Result<Derivation> expertWeight(const Sources& s) {
    const Layer layer = s.place.layer;
    const auto x = readBy(s);
    if (!x) return Unexpected(x.error());
    const auto shown = s.row(SiteId::ExpertWeights, layer);
    if (!shown) return Unexpected(shown.error());
    const Weight& router = s.model.weight(WeightId::Router, layer);
    const RowVectorD logits = through(router, *x);
    const int expert = s.place.unit.value;
    // Those that run are those whose weight is not 0; the weights are a softmax over all, or over those that run.
    const double max = logits.maxCoeff(), all = (logits.array() - max).exp().sum();
    double chosen = 0;
    int runs = 0;
    for (Eigen::Index j = 0; j < logits.size(); ++j) {
        if ((*shown)(j) == 0) continue;
        chosen += std::exp(logits(j) - max);
        ++runs;
    }
    const bool normalised = s.block().mlp.normalisedExperts;
    Derivation d;
    d.from = "the router's logits";
    ProductSum sum;
    sum.left = *x;
    sum.right = router.row(expert).cast<double>();
    sum.place = [&s, layer](int i) { return s.at(SiteId::Ln2Normalized, layer, Unit(i)); };
    sum.name = [](int i) { return fmt::format("channel {}", i); };
    sum.caption = "x·W_router by channel";
    Derivation inner;
    addProductSum(inner, sum);
    d.contributions = std::move(inner.contributions);
    d.operands = std::move(inner.operands);
    if ((*shown)(expert) == 0) {
        d.value = 0;
        d.formula = {{text(fmt::format("not among the {} experts with the largest logits: it is not run", runs))}, resultLine(0)};
        return d;
    }
    const std::array<double, 3> operands{inner.value, max, normalised ? chosen : all};
    const auto formula = [](std::span<const double> v) { return std::exp(v[0] - v[1]) / v[2]; };
    const int digits = digitsThatReproduce(operands, formula);
    d.value = formula(operands);
    d.formula = {{text(fmt::format("weight = exp(logit − max) / Σ exp(logit − max) over {}",
                                   normalised ? fmt::format("the {} experts that run", runs) : std::string("all experts")))},
                 {text(fmt::format("= exp({} − {}) / {}", printNumber(operands[0], digits), printOperand(max, digits),
                                   printNumber(operands[2], digits)))},
                 resultLine(d.value),
                 {text(fmt::format("logit = Σᵢ xᵢ · W_router[i, {}]", expert))},
                 std::move(inner.formula.back())};
    return d;
}

Result<Derivation> expertsOutput(const Sources& s) {
    const Layer layer = s.place.layer;
    const auto x = readBy(s);
    if (!x) return Unexpected(x.error());
    const auto weights = s.row(SiteId::ExpertWeights, layer);
    if (!weights) return Unexpected(weights.error());
    const std::vector<Parameter> parameters = s.model.parameters();
    const Activation activation = s.block().mlp.activation;
    const int unit = s.place.unit.value;
    // down[unit] · (act(gate x) ⊙ up x)
    const auto outputOf = [&](const std::string& expert) -> std::optional<double> {
        const Weight *gate = weightNamed(parameters, layer.value, expert + "gate_proj.weight"),
                     *up = weightNamed(parameters, layer.value, expert + "up_proj.weight"),
                     *down = weightNamed(parameters, layer.value, expert + "down_proj.weight");
        if (!gate || !up || !down) return std::nullopt;
        const RowVectorD post = through(*gate, *x).binaryExpr(
            through(*up, *x), [&](double g, double u) { return activateDouble(activation, g) * u; });
        return post.dot(down->row(unit).cast<double>());
    };
    std::vector<double> terms, scales;
    std::vector<std::string> names;
    std::vector<int> experts;
    for (int j = 0; j < static_cast<int>(weights->size()); ++j) {
        if ((*weights)(j) == 0) continue;
        const auto out = outputOf(fmt::format(".experts.{}.", j));
        if (!out)
            return fail(ErrorKind::Unsupported, fmt::format("The weights of expert {} have no name that is known here.", j));
        terms.push_back(*out);
        scales.push_back((*weights)(j));
        names.push_back(fmt::format("expert {}", j));
        experts.push_back(j);
    }
    if (const Weight* gate = weightNamed(parameters, layer.value, "shared_expert_gate.weight")) {
        const auto out = outputOf(".shared_expert.");
        if (!out) return fail(ErrorKind::Unsupported, "The weights of the shared expert have no name that is known here.");
        terms.push_back(*out);
        scales.push_back(sigmoid.apply(x->dot(gate->row(0).cast<double>())));
        names.emplace_back("shared expert");
        experts.push_back(-1);
    }
    ProductSum sum;
    sum.left = Eigen::Map<const RowVectorD>(scales.data(), static_cast<Eigen::Index>(scales.size()));
    sum.right = Eigen::Map<const RowVectorD>(terms.data(), static_cast<Eigen::Index>(terms.size()));
    sum.place = [&](int i) {
        const int expert = experts[static_cast<std::size_t>(i)];
        if (expert < 0) return s.at(SiteId::Ln2Normalized, layer, Unit(largest(*x, 1).front()));
        return s.at(SiteId::ExpertWeights, layer, Unit(expert));
    };
    sum.name = [&](int i) { return names[static_cast<std::size_t>(i)]; };
    sum.caption = "weight·output by expert";
    Derivation d;
    d.from = "the experts that run";
    d.formula.push_back({text(fmt::format("mlp_out = Σⱼ weightⱼ · expertⱼ(x)[{}]", unit))});
    d.formula.push_back({text("expert(x) = W_down (act(W_gate x) ⊙ W_up x), x: ln2.normalized ⊙ gain")});
    addProductSum(d, sum);
    return d;
}

}  // namespace lw::derivation
