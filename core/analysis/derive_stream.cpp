// Derivations along the residual stream: tables, copies, sums of parts, norms.
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/analysis/derivation_parts.h"
#include "core/analysis/numbers.h"

namespace lw::derivation {

namespace {

// The stream that a norm reads.
struct Stream {
    SiteId site;
    Layer layer;
    const char* name;
};

Stream streamOf(const Sources& s) {
    switch (s.place.site) {
        case SiteId::Ln1Scale:
        case SiteId::Ln1Normalized:
            return {SiteId::ResidPre, s.place.layer, "resid_pre"};
        case SiteId::Ln2Scale:
        case SiteId::Ln2Normalized:
            return {SiteId::ResidMid, s.place.layer, "resid_mid"};
        default:
            return {SiteId::ResidPost, s.last(), "resid_post"};
    }
}

SiteId scaleOf(SiteId normalized) {
    return normalized == SiteId::Ln1Normalized   ? SiteId::Ln1Scale
           : normalized == SiteId::Ln2Normalized ? SiteId::Ln2Scale
                                                 : SiteId::FinalScale;
}

const char* firstName(const BlockInfo& block) { return block.hasMixer() ? "mixer" : "attn"; }

// What the stream as a block leaves it is the sum of: the last addition, and the stream before it.
struct Sum {
    SiteId stream, addition;
    const char *streamName, *additionName;
};
Sum lastSum(const BlockInfo& block) {
    if (block.hasMlp()) return {SiteId::ResidMid, SiteId::MlpOut, "resid_mid", "mlp_out"};
    return {SiteId::ResidPre, block.firstOut(), "resid_pre", block.hasMixer() ? "mixer_out" : "attn_out"};
}

// All that has been added to the stream up to this site, in order; nothing if one part was not captured.
std::optional<Contributions> partsOfStream(const Sources& s) {
    struct Part {
        SiteId site;
        Layer layer;
        std::string label;
    };
    const int layer = s.place.layer.value;
    std::vector<Part> parts{{SiteId::Embed, Layer(0), "embed"}};
    if (s.info().has(SiteId::PosEmbed)) parts.push_back({SiteId::PosEmbed, Layer(0), "pos_embed"});
    for (int l = 0; l <= layer; ++l) {
        const BlockInfo& block = s.info().block(Layer(l));
        if (l < layer || s.place.site != SiteId::ResidPre)
            parts.push_back({block.firstOut(), Layer(l), fmt::format("L{}.{}", l, firstName(block))});
        if (block.hasMlp() && (l < layer || s.place.site == SiteId::ResidPost))
            parts.push_back({SiteId::MlpOut, Layer(l), fmt::format("L{}.mlp", l)});
    }
    Contributions c;
    for (const Part& part : parts) {
        if (!s.trace.has(part.site, part.layer)) return std::nullopt;
        c.values.push_back(s.trace.row(part.site, part.layer, s.place.position)(s.place.unit.value));
        c.labels.push_back(part.label);
        c.sum += c.values.back();
    }
    c.caption = fmt::format("channel {} by part: {} addition{}, sum {}", s.place.unit.value, parts.size(),
                            parts.size() == 1 ? "" : "s", printNumber(c.sum, 4));
    return c;
}

}  // namespace

Result<Derivation> table(const Sources& s) {
    const bool token = s.place.site == SiteId::Embed;
    const int row = token ? s.trace.ids()[static_cast<std::size_t>(s.place.position.value)] : s.place.position.value;
    Derivation d;
    d.value = s.model.weight(token ? WeightId::Embed : WeightId::PosEmbed).row(row)(s.place.unit.value);
    d.from = token ? "the embedding table" : "the position table";
    d.formula = {
        {text(fmt::format("{} = {}[{}, {}]", token ? "embed" : "pos_embed", token ? "W_E" : "W_pos", row, s.place.unit.value))},
        resultLine(d.value)};
    return d;
}

Result<Derivation> copy(const Sources& s) {
    const bool mid = s.place.site == SiteId::MlpIn;
    const SiteId source = mid ? SiteId::ResidMid : SiteId::ResidPre;
    const auto row = s.row(source, s.place.layer);
    if (!row) return Unexpected(row.error());
    Derivation d;
    d.value = (*row)(s.place.unit.value);
    d.from = siteName(source, s.place.layer);
    d.operands = {s.at(source, s.place.layer, s.place.unit)};
    d.formula = {{text("a copy of "), link(mid ? "resid_mid" : "resid_pre", d.operands[0])}, resultLine(d.value)};
    return d;
}

Result<Derivation> stream(const Sources& s) {
    struct Part {
        SiteId site;
        Layer layer;
        std::string name;
    };
    const Layer here = s.place.layer, before(here.value - 1);
    std::vector<Part> parts;
    switch (s.place.site) {
        case SiteId::ResidMid:
            parts = {{SiteId::ResidPre, here, "resid_pre"},
                     {s.block().firstOut(), here, s.block().hasMixer() ? "mixer_out" : "attn_out"}};
            break;
        case SiteId::ResidPost: {
            const Sum sum = lastSum(s.block());
            parts = {{sum.stream, here, sum.streamName}, {sum.addition, here, sum.additionName}};
            break;
        }
        default:
            if (here.value > 0) {
                const Sum sum = lastSum(s.info().block(before));
                parts = {{sum.stream, before, fmt::format("{} of layer {}", sum.streamName, before.value)},
                         {sum.addition, before, fmt::format("{} of layer {}", sum.additionName, before.value)}};
            } else {
                parts = {{SiteId::Embed, here, "embed"}};
                if (s.info().has(SiteId::PosEmbed)) parts.push_back({SiteId::PosEmbed, here, "pos_embed"});
            }
    }
    Derivation d;
    std::vector<double> values;
    FormulaLine symbols{text(s.place.site == SiteId::ResidPre   ? "resid_pre = "
                             : s.place.site == SiteId::ResidMid ? "resid_mid = "
                                                                : "resid_post = ")};
    for (const Part& part : parts) {
        const auto row = s.row(part.site, part.layer);
        if (!row) return Unexpected(row.error());
        values.push_back((*row)(s.place.unit.value));
        d.value += values.back();
        d.operands.push_back(s.at(part.site, part.layer, s.place.unit));
        d.from += (d.from.empty() ? "" : " and ") + siteName(part.site, part.layer);
        if (symbols.size() > 1) symbols.push_back(text(" + "));
        symbols.push_back(link(part.name, d.operands.back()));
    }
    d.formula.push_back(std::move(symbols));
    if (values.size() == 2) {
        const int digits = digitsThatReproduce(values, [](std::span<const double> x) { return x[0] + x[1]; });
        d.formula.push_back({text("= "), link(printNumber(values[0], digits), d.operands[0]), text(" + "),
                             figure(values[1], digits, d.operands[1])});
        if (std::abs(values[1]) > std::abs(values[0])) std::swap(d.operands[0], d.operands[1]);
    }
    d.formula.push_back(resultLine(d.value));
    d.contributions = partsOfStream(s);
    return d;
}

Result<Derivation> scale(const Sources& s) {
    const Stream stream = streamOf(s);
    const auto row = s.row(stream.site, stream.layer);
    if (!row) return Unexpected(row.error());
    const bool centred = s.info().norm == NormKind::LayerNorm;
    const double mean = centred ? row->mean() : 0, n = static_cast<double>(row->size()), eps = s.info().normEps;
    const RowVectorD squares = (row->array() - mean).square().matrix() / n;

    const std::array<double, 2> operands{squares.sum(), eps};
    const auto formula = [](std::span<const double> x) { return std::sqrt(x[0] + x[1]); };
    const int digits = digitsThatReproduce(operands, formula);
    Derivation d;
    d.value = formula(operands);
    d.from = siteName(stream.site, stream.layer);
    const std::vector<int> order = largest(squares, 8);
    for (const int at : order) d.operands.push_back(s.at(stream.site, stream.layer, Unit(at)));
    d.formula.push_back({text(centred ? "scale = √(mean((x − mean x)²) + ε), x = " : "scale = √(mean(x²) + ε), x = "),
                         link(stream.name, d.operands[0])});
    d.formula.push_back({text(fmt::format("= √({} + {})", printNumber(operands[0], digits), printNumber(eps, digits)))});
    d.formula.push_back(resultLine(d.value));
    if (centred) d.formula.push_back({text(fmt::format("mean x = {} over {} channels", printNumber(mean), row->size()))});

    Contributions c;
    c.values.assign(squares.data(), squares.data() + squares.size());
    for (int i = 0; i < static_cast<int>(squares.size()); ++i) c.labels.push_back(fmt::format("channel {}", i));
    c.sum = operands[0];
    c.caption = fmt::format("{} by channel: {} squares, sum {}", centred ? "(x − mean x)² / D" : "x² / D", squares.size(),
                            printNumber(c.sum, 4));
    d.contributions = std::move(c);
    return d;
}

Result<Derivation> normalized(const Sources& s) {
    const Stream stream = streamOf(s);
    const SiteId scaleSite = scaleOf(s.place.site);
    const auto row = s.row(stream.site, stream.layer);
    if (!row) return Unexpected(row.error());
    const auto divisor = s.row(scaleSite, s.place.layer);
    if (!divisor) return Unexpected(divisor.error());
    const bool centred = s.info().norm == NormKind::LayerNorm;
    Derivation d;
    d.from = fmt::format("{} and {}", siteName(stream.site, stream.layer), siteName(scaleSite, s.place.layer));
    d.operands = {s.at(stream.site, stream.layer, s.place.unit), s.at(scaleSite, s.place.layer, std::nullopt)};
    const std::array<double, 3> operands{(*row)(s.place.unit.value), centred ? row->mean() : 0, (*divisor)(0)};
    const auto formula = [](std::span<const double> x) { return (x[0] - x[1]) / x[2]; };
    const int digits = digitsThatReproduce(operands, formula);
    d.value = formula(operands);
    d.formula.push_back({text(centred ? "normalized = (" : "normalized = "), link(stream.name, d.operands[0]),
                         text(centred ? " − mean) / " : " / "), link("scale", d.operands[1])});
    if (centred) {
        d.formula.push_back({text("= ("), link(printNumber(operands[0], digits), d.operands[0]),
                             text(" − " + printOperand(operands[1], digits) + ") / "),
                             figure(operands[2], digits, d.operands[1])});
    } else {
        d.formula.push_back({text("= "), link(printNumber(operands[0], digits), d.operands[0]), text(" / "),
                             figure(operands[2], digits, d.operands[1])});
    }
    d.formula.push_back(resultLine(d.value));
    d.formula.push_back({text("before the norm's gain and bias")});
    return d;
}

}  // namespace lw::derivation
