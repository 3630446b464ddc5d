#include "widgets/block/block_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/analysis/attribution.h"
#include "core/analysis/mixer_output.h"
#include "core/analysis/state_terms.h"

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

// Vectors a part adds, each times its activation: by falling length of the step.
struct Ranked {
    std::vector<NeuronPart> strongest;
    int count = 0;
    double share = 0;
};

// activations [n]; out: their value vectors as columns [D, n], undefined where unit i is channel i of the stream (a cell).
// pre and linear: what is shown beside each; empty for none.
Result<Ranked> ranked(const Model& model, const RowVectorD& activations, const Weight& out, const RowVector& pre,
                      const RowVector& linear, int most, int words, const Job& job) {
    const Eigen::Index n = activations.size(), width = out.defined() ? out.rows() : n;
    // ‖v_i‖ over the columns, row by row so that no float copy of the whole is made
    RowVector row(n);
    RowVectorD squares = RowVectorD::Constant(n, out.defined() ? 0 : 1);
    for (Eigen::Index d = 0; out.defined() && d < width; ++d) {
        if (d % 64 == 0 && job.cancelled()) return cancelledError();
        out.readRow(d, row.data());
        squares += row.cast<double>().cwiseAbs2();
    }
    const RowVectorD contributions = activations.cwiseAbs().cwiseProduct(squares.cwiseSqrt());
    Ranked result;
    result.count = static_cast<int>(n);
    std::vector<int> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    const auto shown = std::min(order.size(), static_cast<std::size_t>(most));
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(), [&](int a, int b) {
        return contributions(a) != contributions(b) ? contributions(a) > contributions(b) : a < b;
    });
    order.resize(shown);

    Matrix values = Matrix::Zero(static_cast<Eigen::Index>(shown), width);  // v_i of the shown [shown, D]
    for (Eigen::Index d = 0; d < width; ++d) {
        if (out.defined()) out.readRow(d, row.data());
        for (std::size_t i = 0; i < shown; ++i)
            values(static_cast<Eigen::Index>(i), d) = out.defined() ? row(order[i]) : (order[i] == d ? 1.0f : 0.0f);
    }
    auto tokens = promoted(model, values, words, job);
    if (!tokens) return tl::unexpected(tokens.error());
    const auto at = [](const RowVector& v, int i) { return v.size() > 0 ? static_cast<double>(v(i)) : 0.0; };
    double shownSum = 0;
    for (std::size_t k = 0; k < shown; ++k) {
        const int i = order[k];
        shownSum += contributions(i);
        result.strongest.push_back({Unit(i), at(pre, i), at(linear, i), activations(i), std::sqrt(squares(i)), contributions(i),
                                    std::move((*tokens)[k])});
    }
    result.share = contributions.sum() > 0 ? shownSum / contributions.sum() : 0;
    return result;
}

Result<void> addNeurons(BlockParts& parts, const Trace& trace, const Model& model, int most, int words, const Minus& minus,
                        const Job& job) {
    const Layer layer = parts.layer;
    const auto get = [&](SiteId site) { return readLess(trace, site, layer, parts.position, minus); };
    const auto post = get(SiteId::MlpPost), pre = get(SiteId::MlpPre);
    if (!post) return tl::unexpected(post.error());
    if (!pre) return tl::unexpected(pre.error());
    RowVector linear;
    if (model.info().block(layer).mlp.gated) {
        const auto other = get(SiteId::MlpPreLinear);
        if (!other) return tl::unexpected(other.error());
        linear = *other;
    }
    auto all = ranked(model, post->cast<double>(), model.weight(WeightId::Out, layer), *pre, linear, most, words, job);
    if (!all) return tl::unexpected(all.error());
    parts.neurons = std::move(all->strongest);
    parts.neuronCount = all->count;
    parts.shownShare = all->share;
    return {};
}

Result<void> addExperts(BlockParts& parts, const Trace& trace, const Minus& minus) {
    const auto weights = readLess(trace, SiteId::ExpertWeights, parts.layer, parts.position, minus);
    if (!weights) return tl::unexpected(weights.error());
    for (int j = 0; j < static_cast<int>(weights->size()); ++j) {
        if ((*weights)(j) != 0) parts.experts.push_back({Unit(j), static_cast<double>((*weights)(j))});
    }
    std::stable_sort(parts.experts.begin(), parts.experts.end(),
                     [](const ExpertPart& a, const ExpertPart& b) { return std::abs(a.weight) > std::abs(b.weight); });
    return {};
}

// The channels of a state-space layer, or the units of a cell.
Result<void> addChannels(BlockParts& parts, const Trace& trace, const Model& model, int most, int words, const Minus& minus,
                         const Job& job) {
    const Layer layer = parts.layer;
    auto o = mixerChannels(trace, model, layer, parts.position);
    if (!o) return tl::unexpected(o.error());
    if (minus.trace) {
        const auto less = mixerChannels(*minus.trace, model, layer, minus.position);
        if (!less) return tl::unexpected(less.error());
        *o -= *less;
    }
    RowVector output, gate;
    if (!model.info().block(layer).mixer.isCell()) {
        const auto a = readLess(trace, SiteId::SsmOutput, layer, parts.position, minus),
                   b = readLess(trace, SiteId::SsmSkip, layer, parts.position, minus);
        if (!a) return tl::unexpected(a.error());
        if (!b) return tl::unexpected(b.error());
        output = *a;
        gate = *b;
    }
    auto all = ranked(model, *o, model.weight(WeightId::MixerOutProj, layer), output, gate, most, words, job);
    if (!all) return tl::unexpected(all.error());
    parts.channels = std::move(all->strongest);
    parts.channelCount = all->count;
    parts.channelShare = all->share;
    return {};
}

void addAttentionHeads(BlockParts& parts, const Trace& trace, const Model& model, const Minus& minus) {
    const Layer layer = parts.layer;
    if (!trace.has(SiteId::Pattern, layer) || !trace.has(SiteId::Z, layer)) return;
    for (int h = 0; h < model.info().block(layer).attention.heads; ++h) {
        HeadPart part;
        part.head = Head(h);
        const RowVector pattern = trace.patternRow(layer, Head(h), parts.position);
        Eigen::Index key = 0;
        part.weight = pattern.maxCoeff(&key);
        part.reads = Position(static_cast<int>(key));
        part.resultNorm = headResult(trace, model, layer, Head(h), parts.position).norm();
        if (minus.trace) part.resultNorm -= headResult(*minus.trace, model, layer, Head(h), minus.position).norm();
        parts.heads.push_back(part);
    }
}

// The memories of a matrix memory: what each adds, reads most, keeps and erases.
Result<void> addMemories(BlockParts& parts, const Trace& trace, const Model& model, const Minus& minus, const Job& job) {
    const Layer layer = parts.layer;
    const MixerInfo& m = model.info().block(layer).mixer;
    const Weight& out = model.weight(WeightId::MixerOutProj, layer);
    const auto added = [&](const Trace& of, Position position) -> Result<std::vector<double>> {
        const auto o = mixerChannels(of, model, layer, position);
        if (!o) return tl::unexpected(o.error());
        Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(m.heads, out.rows());
        RowVector row(out.cols());
        for (std::int64_t d = 0; d < out.rows(); ++d) {
            out.readRow(d, row.data());
            const RowVectorD products = o->cwiseProduct(row.cast<double>());
            for (int h = 0; h < m.heads; ++h) sums(h, d) = products.segment(h * m.valueWidth, m.valueWidth).sum();
        }
        std::vector<double> norms;
        for (int h = 0; h < m.heads; ++h) norms.push_back(sums.row(h).norm());
        return norms;
    };
    auto norms = added(trace, parts.position);
    if (!norms) return tl::unexpected(norms.error());
    if (minus.trace) {
        const auto less = added(*minus.trace, minus.position);
        if (!less) return tl::unexpected(less.error());
        for (std::size_t h = 0; h < norms->size(); ++h) (*norms)[h] -= (*less)[h];
    }
    for (int h = 0; h < m.heads; ++h) {
        if (job.cancelled()) return cancelledError();
        HeadPart part;
        part.head = Head(h);
        part.resultNorm = (*norms)[static_cast<std::size_t>(h)];
        const auto row = effectiveRow(trace, model, layer, Head(h), parts.position);
        if (!row) return tl::unexpected(row.error());
        Eigen::Index key = 0;
        row->cwiseAbs().maxCoeff(&key);
        part.reads = Position(static_cast<int>(key));
        part.weight = static_cast<double>((*row)(key));
        if (m.has(SiteId::MixerLogDecay)) {
            const RowVector decay = trace.row(SiteId::MixerLogDecay, layer, parts.position);
            const Eigen::Index width = decay.size() / m.heads;
            part.kept = decay.segment(h * width, width).cast<double>().array().exp().mean();
        }
        if (m.has(SiteId::MixerBeta)) part.beta = trace.row(SiteId::MixerBeta, layer, parts.position)(h);
        parts.heads.push_back(part);
    }
    return {};
}

}  // namespace

Result<BlockParts> blockParts(const Trace& trace, const Model& model, Layer layer, Position position, int most, int words,
                              const Minus& minus, const Job& job) {
    const BlockInfo& block = model.info().block(layer);
    BlockParts parts;
    parts.layer = layer;
    parts.position = position;
    Result<void> ok;
    if (block.hasMlp())
        ok = block.mlp.experts > 0 ? addExperts(parts, trace, minus) : addNeurons(parts, trace, model, most, words, minus, job);
    if (ok && block.hasAttention()) addAttentionHeads(parts, trace, model, minus);
    if (ok && block.mixer.isMatrixMemory()) ok = addMemories(parts, trace, model, minus, job);
    if (ok && block.hasMixer() && !block.mixer.isMatrixMemory()) ok = addChannels(parts, trace, model, most, words, minus, job);
    if (!ok) return tl::unexpected(ok.error());
    if (job.cancelled()) return cancelledError();
    if (auto same = model.intact(); !same) return tl::unexpected(same.error());
    return parts;
}

}  // namespace lw
