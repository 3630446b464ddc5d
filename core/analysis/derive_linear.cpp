// Derivations of dot products with a weight row: q, k, v, the feed-forward layer, the logits; and of the activation.
#include <array>

#include <fmt/format.h>

#include "core/analysis/derivation_parts.h"
#include "core/analysis/double_activation.h"
#include "core/analysis/numbers.h"

namespace lw::derivation {

namespace {

// A linear layer that reads a norm's output.
struct Layout {
    SiteId input;  // a hook_normalized
    WeightId gain, gainBias;
    const char* norm;  // "ln1"
    WeightId weight, bias;
    const char* symbol;  // "q = Σᵢ yᵢ · W_Q[i, 3] of head 2"
    const char* matrix;  // "W_Q"
};

Layout layoutOf(const Sources& s) {
    using enum WeightId;
    const bool gated = s.place.site != SiteId::Logits && s.block().mlp.gated;
    switch (s.place.site) {
        case SiteId::Q:
            return {SiteId::Ln1Normalized, Ln1Gain, Ln1Bias, "ln1", Q, BiasQ, "q", "W_Q"};
        case SiteId::K:
            return {SiteId::Ln1Normalized, Ln1Gain, Ln1Bias, "ln1", K, BiasK, "k", "W_K"};
        case SiteId::V:
            return {SiteId::Ln1Normalized, Ln1Gain, Ln1Bias, "ln1", V, BiasV, "v", "W_V"};
        case SiteId::MlpPreLinear:
            return {SiteId::Ln2Normalized, Ln2Gain, Ln2Bias, "ln2", In, BiasIn, "pre_linear", "W_in"};
        case SiteId::MlpPre:
            if (gated) return {SiteId::Ln2Normalized, Ln2Gain, Ln2Bias, "ln2", Gate, BiasGate, "pre", "W_gate"};
            return {SiteId::Ln2Normalized, Ln2Gain, Ln2Bias, "ln2", In, BiasIn, "pre", "W_in"};
        default:
            return {SiteId::FinalNormalized, FinalGain, FinalBias, "ln_final", Unembed, BiasUnembed, "logit", "W_U"};
    }
}

std::string channelName(int i) { return fmt::format("channel {}", i); }

}  // namespace

namespace {

// Logits of a model without a stream: its last block's output, read out.
Result<Derivation> readOut(const Sources& s) {
    const BlockInfo& block = s.info().block(s.last());
    const SiteId site = block.hasMlp() ? SiteId::MlpOut : block.firstOut();
    const auto input = s.row(site, s.last());
    if (!input) return Unexpected(input.error());
    const int token = s.place.unit.value;
    const Weight& bias = s.model.weight(WeightId::BiasUnembed);
    ProductSum sum;
    sum.left = *input;
    sum.right = s.model.weight(WeightId::Unembed).row(token).cast<double>();
    sum.place = [&](int i) { return s.at(site, s.last(), Unit(i)); };
    sum.name = channelName;
    sum.caption = "y·W_U by channel";
    if (bias.defined()) sum.bias = static_cast<double>(bias.row(0)(token));
    Derivation d;
    d.from = fmt::format("{} and W_U", siteName(site, s.last()));
    d.formula.push_back({text(fmt::format("logit = Σᵢ yᵢ · W_U[i, {}]{}, y = ", token, sum.bias ? " + bias" : "")),
                         link(siteName(site, s.last()), sum.place(largest(sum.left.cwiseProduct(sum.right), 1).front()))});
    addProductSum(d, sum);
    return d;
}

}  // namespace

Result<Derivation> linear(const Sources& s) {
    if (s.place.site == SiteId::Logits && !s.info().residualStream && !s.info().finalNorm) return readOut(s);
    const Layout layout = layoutOf(s);
    const Layer layer = s.place.layer;
    const auto input = s.row(layout.input, layer);
    if (!input) return Unexpected(input.error());
    int row = s.place.unit.value;
    std::string ofHead;
    if (siteOf(s.place.site).axes == Axes::PositionHeadUnit) {
        const AttentionInfo& a = s.block().attention;
        const int head = s.place.site == SiteId::Q ? s.place.head.value : a.kvHead(s.place.head.value);
        const bool besideGate = s.place.site == SiteId::Q && a.outputGate;  // each head's rows, then its gate's
        row += head * a.headWidth * (besideGate ? 2 : 1);
        ofHead = fmt::format(" of {} {}", s.place.site == SiteId::Q || a.kvHeads == a.heads ? "head" : "key/value head", head);
    }
    const Weight& weight = s.model.weight(layout.weight, layer);
    const Weight& bias = s.model.weight(layout.bias, layer);
    const bool gain = s.model.weight(layout.gain, layer).defined(), gainBias = s.model.weight(layout.gainBias, layer).defined();

    ProductSum sum;
    sum.left = input->cwiseProduct(s.vectorOf(layout.gain, layer, input->size(), 1)) +
               s.vectorOf(layout.gainBias, layer, input->size(), 0);
    sum.right = weight.row(row).cast<double>();
    sum.place = [&](int i) { return s.at(layout.input, layer, Unit(i)); };
    sum.name = channelName;
    sum.caption = fmt::format("y·{} by channel", layout.matrix);
    if (bias.defined()) sum.bias = static_cast<double>(bias.row(0)(row));

    Derivation d;
    d.from = fmt::format("{} and {}", siteName(layout.input, layer), layout.matrix);
    d.formula.push_back({text(fmt::format("{} = Σᵢ yᵢ · {}[i, {}]{}{}", layout.symbol, layout.matrix, s.place.unit.value, ofHead,
                                          sum.bias ? " + bias" : ""))});
    d.formula.push_back(
        {text("y = "),
         link(fmt::format("{}.normalized", layout.norm),
              s.at(layout.input, layer, Unit(largest(sum.left.cwiseProduct(sum.right), 1).front()))),
         text(fmt::format("{}{}{}", gain ? " ⊙ gain" : "", gainBias ? " + bias" : "", gain ? " of the norm" : ""))});
    addProductSum(d, sum);
    return d;
}

Result<Derivation> activation(const Sources& s) {
    const MlpInfo& mlp = s.block().mlp;
    const Layer layer = s.place.layer;
    const auto pre = s.row(SiteId::MlpPre, layer);
    if (!pre) return Unexpected(pre.error());
    const std::string name(activationName(mlp.activation));
    Derivation d;
    d.from = siteName(SiteId::MlpPre, layer);
    d.operands = {s.at(SiteId::MlpPre, layer, s.place.unit)};
    std::vector<double> operands{(*pre)(s.place.unit.value)};
    if (mlp.gated) {
        const auto linear = s.row(SiteId::MlpPreLinear, layer);
        if (!linear) return Unexpected(linear.error());
        operands.push_back((*linear)(s.place.unit.value));
        d.operands.push_back(s.at(SiteId::MlpPreLinear, layer, s.place.unit));
        d.from += " and " + siteName(SiteId::MlpPreLinear, layer);
    }
    const auto formula = [&](std::span<const double> x) {
        return activateDouble(mlp.activation, x[0]) * (x.size() > 1 ? x[1] : 1.0);
    };
    const int digits = digitsThatReproduce(operands, formula);
    d.value = formula(operands);
    FormulaLine symbols{text(fmt::format("post = {}(", name)), link("pre", d.operands[0]), text(")")};
    FormulaLine figures{text(fmt::format("= {}(", name)), link(printNumber(operands[0], digits), d.operands[0]), text(")")};
    if (mlp.gated) {
        symbols.insert(symbols.end(), {text(" · "), link("pre_linear", d.operands[1])});
        figures.insert(figures.end(), {text(" · "), figure(operands[1], digits, d.operands[1])});
    }
    d.formula = {std::move(symbols), std::move(figures), resultLine(d.value)};
    switch (mlp.activation) {
        case Activation::GeluTanh:
            d.formula.push_back({text(name + "(x) = ½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))")});
            break;
        case Activation::GeluErf:
            d.formula.push_back({text(name + "(x) = ½ x (1 + erf(x/√2))")});
            break;
        case Activation::Relu:
            d.formula.push_back({text(name + "(x) = max(x, 0)")});
            break;
        case Activation::Silu:
            d.formula.push_back({text(name + "(x) = x / (1 + exp(−x))")});
            break;
        case Activation::QuickGelu:
            d.formula.push_back({text(name + "(x) = x / (1 + exp(−1.702 x))")});
            break;
        case Activation::Tanh:
            break;
        case Activation::ReluSquared:
            d.formula.push_back({text(name + "(x) = max(x, 0)²")});
            break;
    }
    return d;
}

Result<Derivation> mlpOutput(const Sources& s) {
    const Layer layer = s.place.layer;
    const auto post = s.row(SiteId::MlpPost, layer);
    if (!post) return Unexpected(post.error());
    const Weight& bias = s.model.weight(WeightId::BiasOut, layer);
    ProductSum sum;
    sum.left = *post;
    sum.right = s.model.weight(WeightId::Out, layer).row(s.place.unit.value).cast<double>();
    sum.place = [&](int n) { return s.at(SiteId::MlpPost, layer, Unit(n)); };
    sum.name = [](int n) { return fmt::format("neuron {}", n); };
    sum.caption = "post·W_out by neuron";
    if (bias.defined()) sum.bias = static_cast<double>(bias.row(0)(s.place.unit.value));
    Derivation d;
    d.from = siteName(SiteId::MlpPost, layer) + " and W_out";
    d.formula.push_back({text("mlp_out = Σₙ "), link("post", sum.place(largest(sum.left.cwiseProduct(sum.right), 1).front())),
                         text(fmt::format("ₙ · W_out[n, {}]{}", s.place.unit.value, sum.bias ? " + bias" : ""))});
    addProductSum(d, sum);
    return d;
}

}  // namespace lw::derivation
