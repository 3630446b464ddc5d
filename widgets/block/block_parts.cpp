#include "widgets/block/block_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/analysis/attribution.h"

namespace lw {
namespace {

Result<RowVector> read(const Trace& trace, SiteId site, Layer layer, Position position) {
    if (!trace.has(site, layer))
        return fail(ErrorKind::NotFound, fmt::format("{} was not captured in this run.", siteName(site, layer)),
                    siteName(site, layer));
    return trace.row(site, layer, position);
}

Result<RowVector> readLess(const Trace& trace, SiteId site, Layer layer, Position position, const Minus& minus) {
    auto row = read(trace, site, layer, position);
    if (!row || !minus.trace) return row;
    const auto less = read(*minus.trace, site, layer, minus.position);
    if (!less) return less;
    *row -= *less;
    return row;
}

// The tokens that each row of `values` [n, D] promotes: largest (v ⊙ gain) · W_U.
Result<std::vector<std::vector<TokenProbability>>> promoted(const Model& model, const Matrix& values, int words, const Job& job) {
    const Weight& unembed = model.weight(WeightId::Unembed);
    Matrix directions = values;
    if (model.info().norm == NormKind::LayerNorm) directions.colwise() -= directions.rowwise().mean();
    if (const Weight& gain = model.weight(WeightId::FinalGain); gain.defined()) {
        const RowVector g = gain.row(0);
        directions = directions.array().rowwise() * g.array();
    }
    std::vector<std::vector<TokenProbability>> best(static_cast<std::size_t>(values.rows()));
    constexpr std::int64_t slab = 1024;  // vocabulary rows at a time
    for (std::int64_t first = 0; first < unembed.rows(); first += slab) {
        if (job.cancelled()) return cancelledError();
        job.progress(0.3 + 0.7 * static_cast<double>(first) / static_cast<double>(unembed.rows()), "neurons");
        const std::int64_t count = std::min(slab, unembed.rows() - first);
        const Matrix rows = unembed.slice(first, count).toMatrix();  // [count, D]
        const Matrix scores = directions * rows.transpose();         // [n, count]
        for (Eigen::Index n = 0; n < scores.rows(); ++n) {
            auto& list = best[static_cast<std::size_t>(n)];
            for (Eigen::Index t = 0; t < scores.cols(); ++t) {
                const float score = scores(n, t);
                if (static_cast<int>(list.size()) == words && score <= list.back().logit) continue;
                const TokenProbability entry{static_cast<TokenId>(first + t), score, 0};
                list.insert(std::upper_bound(list.begin(), list.end(), entry,
                                             [](const auto& a, const auto& b) { return a.logit > b.logit; }),
                            entry);
                if (static_cast<int>(list.size()) > words) list.pop_back();
            }
        }
    }
    return best;
}

}  // namespace

Result<BlockParts> blockParts(const Trace& trace, const Model& model, Layer layer, Position position, int most, int words,
                              const Minus& minus, const Job& job) {
    const ModelInfo& info = model.info();
    const BlockInfo& block = info.blocks[static_cast<std::size_t>(layer.value)];
    BlockParts parts;
    parts.layer = layer;
    parts.position = position;

    const auto post = readLess(trace, SiteId::MlpPost, layer, position, minus);
    if (!post) return tl::unexpected(post.error());
    const auto pre = readLess(trace, SiteId::MlpPre, layer, position, minus);
    if (!pre) return tl::unexpected(pre.error());
    RowVector linear;
    if (block.mlp.gated) {
        const auto other = readLess(trace, SiteId::MlpPreLinear, layer, position, minus);
        if (!other) return tl::unexpected(other.error());
        linear = *other;
    }
    // ‖v_i‖ over the columns of W_out [D, M], row by row so that no float copy of the whole is made
    const Weight& out = model.weight(WeightId::Out, layer);
    RowVector row(out.cols());
    RowVectorD squares = RowVectorD::Zero(out.cols());
    for (std::int64_t d = 0; d < out.rows(); ++d) {
        if (d % 64 == 0 && job.cancelled()) return cancelledError();
        out.readRow(d, row.data());
        squares += row.cast<double>().cwiseAbs2();
    }
    const RowVectorD contributions = post->cast<double>().cwiseAbs().cwiseProduct(squares.cwiseSqrt());
    parts.neuronCount = static_cast<int>(contributions.size());
    std::vector<int> order(static_cast<std::size_t>(parts.neuronCount));
    std::iota(order.begin(), order.end(), 0);
    const auto shown = std::min(order.size(), static_cast<std::size_t>(most));
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(), [&](int a, int b) {
        return contributions(a) != contributions(b) ? contributions(a) > contributions(b) : a < b;
    });
    order.resize(shown);

    Matrix values(static_cast<Eigen::Index>(shown), out.rows());  // v_i of the shown neurons [n, D]
    for (std::int64_t d = 0; d < out.rows(); ++d) {
        out.readRow(d, row.data());
        for (std::size_t n = 0; n < shown; ++n) values(static_cast<Eigen::Index>(n), d) = row(order[n]);
    }
    auto tokens = promoted(model, values, words, job);
    if (!tokens) return tl::unexpected(tokens.error());
    double shownSum = 0;
    for (std::size_t n = 0; n < shown; ++n) {
        const int i = order[n];
        shownSum += contributions(i);
        parts.neurons.push_back({Unit(i), (*pre)(i), linear.size() > 0 ? static_cast<double>(linear(i)) : 0.0, (*post)(i),
                                 std::sqrt(squares(i)), contributions(i), std::move((*tokens)[n])});
    }
    parts.shownShare = contributions.sum() > 0 ? shownSum / contributions.sum() : 0;

    for (int h = 0; h < block.attention.heads; ++h) {
        if (job.cancelled()) return cancelledError();
        if (!trace.has(SiteId::Pattern, layer) || !trace.has(SiteId::Z, layer)) break;
        const RowVector pattern = trace.patternRow(layer, Head(h), position);
        Eigen::Index key = 0;
        const double weight = pattern.maxCoeff(&key);
        double norm = headResult(trace, model, layer, Head(h), position).norm();
        if (minus.trace) norm -= headResult(*minus.trace, model, layer, Head(h), minus.position).norm();
        parts.heads.push_back({Head(h), norm, Position(static_cast<int>(key)), weight});
    }
    if (auto same = model.intact(); !same) return tl::unexpected(same.error());
    return parts;
}

}  // namespace lw
