// The logit lens's reading of one stream state: norm, logit, softmax, with the figures of all three.
#include "core/analysis/derive_lens.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/analysis/derivation_parts.h"
#include "core/analysis/numbers.h"
#include "core/analysis/softmax_stats.h"
#include "core/base/parallel.h"

namespace lw {

namespace {

// The final norm of a state x: y = (x − mean) / scale · gain + bias; y = x in a model without one.
struct FinalNorm {
    bool exists = false;
    double mean = 0, squares = 0, scale = 1;  // squares: mean of (x − mean)²
    RowVectorD gain, bias, y;
};

RowVectorD vectorOf(const Model& model, WeightId id, Eigen::Index n, double otherwise) {
    const Weight& w = model.weight(id);
    return w.defined() ? RowVectorD(w.row(0).cast<double>()) : RowVectorD::Constant(n, otherwise);
}

FinalNorm finalNorm(const Model& model, const RowVectorD& x) {
    FinalNorm norm;
    norm.exists = model.weight(WeightId::FinalGain).defined();
    norm.y = x;
    if (!norm.exists) return norm;
    if (model.info().norm == NormKind::LayerNorm) norm.mean = x.mean();
    norm.squares = (x.array() - norm.mean).square().mean();
    norm.scale = std::sqrt(norm.squares + model.info().normEps);
    norm.gain = vectorOf(model, WeightId::FinalGain, x.size(), 1);
    norm.bias = vectorOf(model, WeightId::FinalBias, x.size(), 0);
    norm.y = ((x.array() - norm.mean) / norm.scale * norm.gain.array() + norm.bias.array()).matrix();
    return norm;
}

}  // namespace

RowVectorD lensProbabilities(const Trace& trace, const Model& model, const CheckedPlace& place) {
    const bool output = place.site == SiteId::ResidPost && place.layer.value == model.info().layers() - 1;
    RowVector logits;
    if (output) {
        logits = trace.logits(place.position);
    } else {
        logits = model.readOut(Matrix(trace.row(place.site, place.layer, place.position))).row(0);
    }
    const std::vector<double> p = softmax({logits.data(), static_cast<std::size_t>(logits.size())});
    return RowVectorD::Map(p.data(), static_cast<Eigen::Index>(p.size()));
}

RowVectorD lensLogits(const Model& model, const RowVectorD& stream) {
    const RowVectorD y = finalNorm(model, stream).y;
    const Weight& unembed = model.weight(WeightId::Unembed);
    const Weight& bias = model.weight(WeightId::BiasUnembed);
    RowVectorD logits(unembed.rows());
    parallelFor(unembed.rows(), 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t first = begin; first < end; first += 256) {  // a few rows at a time: the double copy stays small
            const std::int64_t n = std::min<std::int64_t>(256, end - first);
            logits.segment(first, n).noalias() = y * unembed.slice(first, n).toMatrix().cast<double>().transpose();
        }
    });
    if (bias.defined()) logits += bias.row(0).cast<double>();
    return logits;
}

double lensProbability(const RowVectorD& logits, TokenId token) {
    const double max = logits.maxCoeff();
    return std::exp(logits(token) - max) / (logits.array() - max).exp().sum();
}

namespace derivation {

namespace {

// y, its figures for one channel of the state, and the norm's scale.
std::vector<FormulaLine> normLines(const Sources& s, const FinalNorm& norm, double x, const Locus& channel) {
    const std::string state = s.place.site == SiteId::ResidPre   ? "resid_pre"
                              : s.place.site == SiteId::ResidMid ? "resid_mid"
                                                                 : "resid_post";
    if (!norm.exists) return {{text("y = "), link(state, channel), text(", this model has no final norm")}};
    const bool centred = s.info().norm == NormKind::LayerNorm, shifted = s.model.weight(WeightId::FinalBias).defined();
    const int i = channel.unit->value;
    FormulaLine figures{text(fmt::format("channel {}: {}", i, centred ? "(" : ""))};
    figures.push_back(link(printNumber(x), channel));
    if (centred) figures.push_back(text(" − " + printOperand(norm.mean) + ")"));
    figures.push_back(text(fmt::format(" / {} · {}{} = {}", printNumber(norm.scale), printOperand(norm.gain(i)),
                                       shifted ? " + " + printOperand(norm.bias(i)) : "", printNumber(norm.y(i)))));
    return {{text(fmt::format("y = {} / scale · gain{}, x = ", centred ? "(x − mean)" : "x", shifted ? " + bias" : "")),
             link(state, channel)},
            std::move(figures),
            {text(fmt::format("scale = √(mean({}) + ε) = √({} + {}) = {}", centred ? "(x − mean)²" : "x²",
                              printNumber(norm.squares), printNumber(s.info().normEps), printNumber(norm.scale)))}};
}

}  // namespace

Result<Derivation> lens(const Sources& s) {
    const TokenId token = *s.place.reads;
    const auto x = s.row(s.place.site, s.place.layer);
    if (!x) return Unexpected(x.error());
    const RowVectorD logits = lensLogits(s.model, *x);
    Eigen::Index best = 0;
    const double max = logits.maxCoeff(&best), sum = (logits.array() - max).exp().sum();
    Locus first = s.at(s.place.site, s.place.layer, std::nullopt);  // the token that is read first here
    first.unit2 = Unit(static_cast<int>(best));

    Derivation d;
    const std::array<double, 3> operands{logits(token), max, sum};
    const auto formula = [](std::span<const double> v) { return std::exp(v[0] - v[1]) / v[2]; };
    const int digits = digitsThatReproduce(operands, formula);
    d.value = formula(operands);
    d.from = siteName(s.place.site, s.place.layer);

    // The logit: which channels of the state push the token, after the norm.
    const FinalNorm norm = finalNorm(s.model, *x);
    const Weight& bias = s.model.weight(WeightId::BiasUnembed);
    ProductSum products;
    products.left = norm.y;
    products.right = s.model.weight(WeightId::Unembed).row(token).cast<double>();
    products.place = [&](int i) { return s.at(s.place.site, s.place.layer, Unit(i)); };
    products.name = [](int i) { return fmt::format("channel {}", i); };
    products.caption = fmt::format("logit of token {} by channel", token);
    if (bias.defined()) products.bias = static_cast<double>(bias.row(0)(token));
    Derivation logit;
    addProductSum(logit, products);
    const Locus strongest = logit.operands.front();

    FormulaLine figures{text("= exp("), link(printNumber(logits(token), digits), strongest), text(" − ")};
    figures.push_back(best == token ? text(printOperand(max, digits)) : figure(max, digits, first));
    figures.push_back(text(") / " + printNumber(sum, digits)));
    d.formula = {{text("probability = exp(logit − max) / Σ exp(logit − max)")}, std::move(figures), resultLine(d.value)};

    d.formula.push_back({text(
        fmt::format("logit = Σᵢ yᵢ · W_U[i, {}]{} = {}", token, products.bias ? " + bias" : "", printNumber(logit.value)))});
    d.formula.push_back(logit.formula.back());  // "largest: …"
    for (FormulaLine& line : normLines(s, norm, (*x)(strongest.unit->value), strongest)) d.formula.push_back(std::move(line));

    d.operands = std::move(logit.operands);
    if (best != token) d.operands.push_back(first);
    d.contributions = std::move(logit.contributions);
    return d;
}

}  // namespace derivation

}  // namespace lw
