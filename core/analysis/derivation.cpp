#include "core/analysis/derivation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "core/analysis/derivation_parts.h"
#include "core/analysis/numbers.h"
#include "core/analysis/softmax_stats.h"
#include "core/models/ngram.h"
#include "core/models/nplm.h"

namespace lw {

namespace derivation {

Result<void> Sources::has(SiteId site, Layer layer) const {
    if (trace.has(site, layer)) return {};
    return fail(ErrorKind::NotFound,
                fmt::format("{} is computed from {}, which was not captured in this run.", siteName(place.site, place.layer),
                            siteName(site, layer)),
                siteName(site, layer));
}

Result<RowVectorD> Sources::row(SiteId site, Layer layer, std::optional<Position> position) const {
    if (auto ok = has(site, layer); !ok) return Unexpected(ok.error());
    return RowVectorD(trace.row(site, layer, position.value_or(place.position)).cast<double>());
}

RowVectorD Sources::vectorOf(WeightId id, Layer layer, std::int64_t n, double otherwise) const {
    const Weight& w = model.weight(id, layer);
    return w.defined() ? RowVectorD(w.row(0).cast<double>()) : RowVectorD::Constant(n, otherwise);
}

Locus Sources::at(SiteId site, Layer layer, std::optional<Unit> unit, std::optional<Position> position) const {
    Locus locus;
    locus.step = place.locus.step;
    if (siteOf(site).perLayer) locus.layer = layer;
    locus.position = position.value_or(place.position);
    locus.unit = unit;
    locus.site = site;
    return locus;
}

Locus Sources::atHead(SiteId site, Head head, std::optional<Unit> unit, std::optional<Position> position) const {
    Locus locus = at(site, place.layer, unit, position);
    locus.head = head;
    return locus;
}

Locus Sources::atKey(SiteId site, Position key) const {
    Locus locus = atHead(site, place.head, std::nullopt);
    locus.key = key;
    return locus;
}

FormulaPart text(std::string words) { return {std::move(words), std::nullopt}; }
FormulaPart link(std::string words, const Locus& place) { return {std::move(words), place}; }
FormulaPart figure(double value, int digits, const Locus& place) { return {printOperand(value, digits), place}; }
FormulaLine resultLine(double value) { return {text("= " + printNumber(value))}; }

std::vector<int> largest(const RowVectorD& values, int count) {
    std::vector<int> order(static_cast<std::size_t>(values.size()));
    std::iota(order.begin(), order.end(), 0);
    const auto n = std::min<std::ptrdiff_t>(count, values.size());
    std::partial_sort(order.begin(), order.begin() + n, order.end(), [&](int a, int b) {
        const double x = std::abs(values(a)), y = std::abs(values(b));
        return x != y ? x > y : a < b;
    });
    order.resize(static_cast<std::size_t>(n));
    return order;
}

void addProductSum(Derivation& d, const ProductSum& sum) {
    const bool products = sum.right.size() > 0;
    const RowVectorD terms = products ? RowVectorD(sum.left.cwiseProduct(sum.right)) : sum.left;
    const double total = terms.sum();
    d.value = total + sum.bias.value_or(0);

    if (sum.bias) {
        const std::array<double, 2> operands{total, *sum.bias};
        const int digits = digitsThatReproduce(operands, [](std::span<const double> x) { return x[0] + x[1]; });
        d.formula.push_back({text(fmt::format("= {} + {}", printNumber(total, digits), printOperand(*sum.bias, digits)))});
    }
    d.formula.push_back(resultLine(d.value));

    constexpr int shown = 3, kept = 8;
    const std::vector<int> order = largest(terms, kept);
    FormulaLine line{text(order.size() > 1 ? "largest: " : "")};
    for (std::size_t i = 0; i < std::min<std::size_t>(shown, order.size()); ++i) {
        const int at = order[i];
        if (i > 0) line.push_back(text(", "));
        line.push_back(link(printNumber(sum.left(at), 4), sum.place(at)));
        if (products) line.push_back(text(" · " + printOperand(sum.right(at), 4)));
        line.push_back(text(fmt::format(" ({})", sum.name(at))));
    }
    d.formula.push_back(std::move(line));
    for (const int at : order) d.operands.push_back(sum.place(at));

    Contributions c;
    c.values.assign(terms.data(), terms.data() + terms.size());
    for (int i = 0; i < static_cast<int>(terms.size()); ++i) c.labels.push_back(sum.name(i));
    if (sum.bias) {
        c.values.push_back(*sum.bias);
        c.labels.push_back("bias");
    }
    c.sum = d.value;
    c.caption = fmt::format("{}: {} {}{}{}, sum {}", sum.caption, terms.size(), sum.terms, terms.size() == 1 ? "" : "s",
                            sum.bias ? " and the bias" : "", printNumber(c.sum, 4));
    d.contributions = std::move(c);
}

}  // namespace derivation

Result<Derivation> derive(const Trace& trace, const Model& model, const CheckedPlace& place) {
    using enum SiteId;
    const derivation::Sources s{trace, model, place};
    if (place.reads) return derivation::lens(s);
    switch (place.site) {
        case Embed:
        case PosEmbed:
            return derivation::table(s);
        case AttnIn:
        case QInput:
        case KInput:
        case VInput:
        case MlpIn:
            return derivation::copy(s);
        case ResidPre:
        case ResidMid:
        case ResidPost:
            return derivation::stream(s);
        case Ln1Scale:
        case Ln2Scale:
        case FinalScale:
            return derivation::scale(s);
        case Ln1Normalized:
        case Ln2Normalized:
        case FinalNormalized:
            return derivation::normalized(s);
        case Q:
        case K:
        case V:
        case MlpPre:
            if (dynamic_cast<const Nplm*>(&model)) return derivation::windowed(s);
            if (model.weight(WeightId::InMix, place.layer).defined()) return derivation::shifted(s);
            return derivation::linear(s);
        case MlpPreLinear:
            return derivation::linear(s);
        case Logits:
            if (dynamic_cast<const Ngram*>(&model)) return derivation::counted(s);
            return derivation::linear(s);
        case RotQ:
        case RotK:
            return derivation::rotated(s);
        case AttnScores:
            return derivation::score(s);
        case Pattern:
            return derivation::weight(s);
        case Z:
            return derivation::weightedValues(s);
        case SiteId::Result:
            return derivation::headOutput(s);
        case AttnOut:
            return derivation::attentionOutput(s);
        case MlpPost:
            return derivation::activation(s);
        case MlpOut:
            if (dynamic_cast<const Nplm*>(&model)) return derivation::windowed(s);
            return derivation::mlpOutput(s);
        case MixerS:
        case SsmH:
        case MixerKept:
        case MixerErased:
        case MixerWritten:
        case MixerRead:
            return derivation::memory(s);
        case MixerRecurrenceOut:
        case SsmY: {  // what is read, under the name that the model gives it
            const MixerInfo& mixer = s.block().mixer;
            CheckedPlace read = place;
            read.site = MixerRead;
            if (place.site == SsmY && mixer.hasMatrixState()) {
                read.head = Head(place.unit.value / mixer.valueWidth);
                read.unit = Unit(place.unit.value % mixer.valueWidth);
            }
            return derivation::memory({trace, model, read});
        }
        case CellKept:
        case CellWritten:
        case CellC:
        case CellH:
            return derivation::cell(s);
        default:
            break;
    }
    return fail(ErrorKind::Unsupported, fmt::format("{} has no derivation.", siteOf(place.site).name));
}

Derivation deriveProbability(const Trace& trace, Position position, TokenId token) {
    using namespace derivation;
    const ConstRow row = trace.logits(position);
    const std::span<const float> logits(row.data(), static_cast<std::size_t>(row.size()));
    Eigen::Index best = 0;
    const double max = row.maxCoeff(&best), logit = row(token);
    const double sum = std::exp(logSumExp(logits) - max);
    const auto place = [&](TokenId id) {
        Locus locus;
        locus.position = position;
        locus.unit = Unit(id);
        locus.site = SiteId::Logits;
        return locus;
    };
    const std::array<double, 3> operands{logit, max, sum};
    const auto formula = [](std::span<const double> x) { return std::exp(x[0] - x[1]) / x[2]; };
    const int digits = digitsThatReproduce(operands, formula);
    Derivation d;
    d.value = formula(operands);
    d.from = "the logits";
    d.operands = {place(token), place(static_cast<TokenId>(best))};
    d.formula = {{text("probability = exp(logit − max) / Σ exp(logit − max)")},
                 {text("= exp("), link(printNumber(logit, digits), d.operands[0]), text(" − "),
                  figure(max, digits, d.operands[1]), text(") / " + printNumber(sum, digits))},
                 resultLine(d.value)};
    return d;
}

}  // namespace lw
