#include "core/analysis/attribution.h"

#include <fmt/format.h>

namespace lw {

namespace {

RowVectorD toDouble(const RowVector& row) { return row.cast<double>(); }

// W rows weighted and summed: d · W, [1, cols].
RowVectorD weightedRows(const RowVectorD& d, const Weight& w) {
    RowVectorD sum = RowVectorD::Zero(w.cols());
    RowVector row(w.cols());
    for (std::int64_t i = 0; i < w.rows(); ++i) {
        w.readRow(i, row.data());
        sum += d(i) * row.cast<double>();
    }
    return sum;
}

}  // namespace

RowVectorD headResult(const Trace& trace, const Model& model, Layer layer, Head head, Position position) {
    const AttentionInfo& a = model.info().block(layer).attention;
    const Weight& out = model.weight(WeightId::O, layer);
    const int first = head.value * a.headWidth;
    const RowVectorD z = toDouble(trace.row(SiteId::Z, layer, position)).segment(first, a.headWidth);
    RowVectorD result(out.rows());
    RowVector row(out.cols());
    for (std::int64_t d = 0; d < out.rows(); ++d) {
        out.readRow(d, row.data());
        result(d) = z.dot(row.segment(first, a.headWidth).cast<double>());
    }
    return result;
}

Result<Attribution> attribute(const Trace& trace, const Model& model, Position position, TokenId token, const Job& job) {
    const ModelInfo& info = model.info();
    if (position.value < 0 || position.value >= trace.length()) {
        return fail(ErrorKind::BadInput,
                    fmt::format("Position {} is outside the text of {} tokens.", position.value, trace.length()));
    }
    if (token < 0 || token >= info.vocabulary) {
        return fail(ErrorKind::BadInput, fmt::format("The id {} is outside the vocabulary of {}, whose ids go from 0 to {}.",
                                                     token, info.name, info.vocabulary - 1));
    }
    const auto needs = [&](SiteId id, Layer layer) -> Result<void> {
        if (trace.has(id, layer)) return {};
        return fail(ErrorKind::NotFound,
                    fmt::format("Attribution needs {}, which this run did not capture.", siteName(id, layer)),
                    siteName(id, layer));
    };

    if (info.layers() == 0)
        return fail(ErrorKind::Unsupported, fmt::format("{} has no layers whose additions its logits could be the sum of.", info.name));
    if (!info.residualStream) {
        return fail(ErrorKind::Unsupported,
                    fmt::format("{} has no residual stream, so its logits are no sum of what its parts add.", info.name));
    }
    // The direction in the stream that raises the logit: gain ⊙ W_U[token] / s, centred where the norm centres, so that
    // (x − mean x) · d = x · (d − mean d).
    if (info.finalNorm) {
        if (auto ok = needs(SiteId::FinalScale, Layer(0)); !ok) return Unexpected(ok.error());
    }
    const RowVectorD unembed = toDouble(model.weight(WeightId::Unembed).row(token));
    RowVectorD direction = unembed;
    if (const Weight& gain = model.weight(WeightId::FinalGain); gain.defined())
        direction = direction.cwiseProduct(toDouble(gain.row(0)));
    if (info.finalNorm) {
        direction /= static_cast<double>(trace.row(SiteId::FinalScale, Layer(0), position)(0));
        if (info.norm == NormKind::LayerNorm) direction.array() -= direction.mean();
    }

    Attribution result;
    result.token = token;
    result.position = position;
    result.logit = trace.logits(position)(token);
    const auto add = [&](std::string name, SiteId site, std::optional<Layer> layer, std::optional<Head> head, double value) {
        result.sum += value;
        result.terms.push_back({std::move(name), site, layer, head, value});
    };
    const auto added = [&](std::string name, SiteId site, std::optional<Layer> layer) -> Result<void> {
        if (auto ok = needs(site, layer.value_or(Layer(0))); !ok) return ok;
        add(std::move(name), site, layer, std::nullopt,
            toDouble(trace.row(site, layer.value_or(Layer(0)), position)).dot(direction));
        return {};
    };

    const auto heads = [&](Layer layer) -> Result<void> {
        if (auto ok = needs(SiteId::Z, layer); !ok) return ok;
        const AttentionInfo& a = info.block(layer).attention;
        const RowVectorD byUnit = toDouble(trace.row(SiteId::Z, layer, position))
                                      .cwiseProduct(weightedRows(direction, model.weight(WeightId::O, layer)));
        for (int h = 0; h < a.heads; ++h) {
            add(fmt::format("L{}H{}", layer.value, h), SiteId::Result, layer, Head(h),
                byUnit.segment(h * a.headWidth, a.headWidth).sum());
        }
        if (const Weight& bias = model.weight(WeightId::BiasO, layer); bias.defined()) {
            add(fmt::format("L{}.attn_bias", layer.value), SiteId::AttnOut, layer, std::nullopt,
                toDouble(bias.row(0)).dot(direction));
        }
        return {};
    };

    if (auto ok = added("embed", SiteId::Embed, std::nullopt); !ok) return Unexpected(ok.error());
    if (info.has(SiteId::PosEmbed)) {
        if (auto ok = added("pos_embed", SiteId::PosEmbed, std::nullopt); !ok) return Unexpected(ok.error());
    }
    for (int l = 0; l < info.layers(); ++l) {
        if (job.cancelled()) return cancelledError();
        job.progress(static_cast<double>(l) / info.layers(), "attribution");
        const Layer layer(l);
        const BlockInfo& block = info.block(layer);
        if (block.hasMixer()) {
            if (auto ok = added(fmt::format("L{}.mixer", l), SiteId::MixerOut, layer); !ok) return Unexpected(ok.error());
        } else if (auto ok = heads(layer); !ok) {
            return Unexpected(ok.error());
        }
        if (!block.hasMlp()) continue;
        if (auto ok = added(fmt::format("L{}.mlp", l), SiteId::MlpOut, layer); !ok) return Unexpected(ok.error());
    }
    if (const Weight& bias = model.weight(WeightId::FinalBias); bias.defined()) {
        add("ln_final.bias", SiteId::FinalNormalized, std::nullopt, std::nullopt, toDouble(bias.row(0)).dot(unembed));
    }
    if (const Weight& bias = model.weight(WeightId::BiasUnembed); bias.defined()) {
        add("b_U", SiteId::Logits, std::nullopt, std::nullopt, static_cast<double>(bias.row(0)(token)));
    }
    if (auto same = model.intact(); !same) return Unexpected(same.error());
    job.progress(1, "attribution");
    return result;
}

}  // namespace lw
