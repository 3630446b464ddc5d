#include "core/analysis/double_run.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/analysis/double_activation.h"
#include "core/analysis/double_linear.h"
#include "core/analysis/double_mixers.h"

namespace lw {

namespace {

MatrixD toDouble(const Weight& w) { return w.toMatrix().cast<double>(); }

class DoubleRun {
public:
    DoubleRun(const Model& model, const DoubleRunRequest& request, const Job& job)
        : m_model(model),
          m_info(model.info()),
          m_request(request),
          m_job(job),
          m_frequencies(model.rotaryFrequencies()),
          m_mixers(model, request.stateOf) {}

    Result<void> run();

private:
    bool show(SiteId site, Layer layer, const MatrixD& value, int head = -1) {
        if (m_enough || !m_info.has(site, layer)) return !m_enough;
        m_enough = !m_request.see({site, layer, head, value});
        return !m_enough;
    }

    MatrixD linear(const MatrixD& x, WeightId weight, WeightId bias, Layer layer) const {
        return doubleLinear(x, m_model.weight(weight, layer), m_model.weight(bias, layer));
    }
    // (x − mean) / scale, then gain and bias; shows scale and normalized.
    MatrixD norm(const MatrixD& x, WeightId gain, WeightId bias, Layer layer, SiteId scaleSite, SiteId normalizedSite);
    // Each head's pairs (x_i, x_{i + F}) turned by position · frequency_i, F frequencies.
    MatrixD turned(const MatrixD& x, int headWidth) const;
    MatrixD attention(const MatrixD& q, const MatrixD& k, const MatrixD& v, Layer layer);
    // Each head's width columns as an RMS norm, times a gain shared by the heads.
    MatrixD headNormed(const MatrixD& x, Layer layer, WeightId gain) const;
    MatrixD attend(const MatrixD& y, Layer layer);  // what attention adds
    void showInputs(SiteId site, const MatrixD& stream, Layer layer);
    void showResults(const MatrixD& z, Layer layer);
    MatrixD feedForward(const MatrixD& y, Layer layer);
    MatrixD experts(const MatrixD& y, Layer layer);
    void block(MatrixD& stream, Layer layer);
    void readOut(const MatrixD& stream);

    const Model& m_model;
    const ModelInfo& m_info;
    const DoubleRunRequest& m_request;
    const Job& m_job;
    std::vector<double> m_frequencies;
    DoubleMixers m_mixers;
    bool m_enough = false;
};

MatrixD DoubleRun::norm(const MatrixD& x, WeightId gain, WeightId bias, Layer layer, SiteId scaleSite, SiteId normalizedSite) {
    MatrixD y = x;
    if (m_info.norm == NormKind::LayerNorm) y.colwise() -= x.rowwise().mean().eval();
    const MatrixD scale =
        (y.rowwise().squaredNorm() / static_cast<double>(x.cols()) + Eigen::VectorXd::Constant(x.rows(), m_info.normEps))
            .cwiseSqrt();
    for (Eigen::Index t = 0; t < y.rows(); ++t) y.row(t) /= scale(t, 0);
    show(scaleSite, layer, scale);
    show(normalizedSite, layer, y);
    const Weight& g = m_model.weight(gain, layer);
    const Weight& b = m_model.weight(bias, layer);
    if (g.defined())
        y.array().rowwise() *= Eigen::Array<double, 1, Eigen::Dynamic, Eigen::RowMajor>(g.row(0).cast<double>().array());
    if (b.defined()) y.rowwise() += RowVectorD(b.row(0).cast<double>());
    return y;
}

MatrixD DoubleRun::turned(const MatrixD& x, int headWidth) const {
    MatrixD y = x;
    const auto F = static_cast<Eigen::Index>(m_frequencies.size());
    for (Eigen::Index t = 0; t < x.rows(); ++t) {
        for (Eigen::Index first = 0; first < x.cols(); first += headWidth) {
            for (Eigen::Index i = 0; i < F; ++i) {
                const double angle = static_cast<double>(t) * m_frequencies[static_cast<std::size_t>(i)];
                const double a = x(t, first + i), b = x(t, first + F + i);
                y(t, first + i) = a * std::cos(angle) - b * std::sin(angle);
                y(t, first + F + i) = b * std::cos(angle) + a * std::sin(angle);
            }
        }
    }
    return y;
}

MatrixD DoubleRun::attention(const MatrixD& q, const MatrixD& k, const MatrixD& v, Layer layer) {
    const AttentionInfo& a = m_info.blocks[static_cast<std::size_t>(layer.value)].attention;
    const Eigen::Index T = q.rows(), Dh = a.headWidth;
    MatrixD z(T, a.heads * Dh);
    for (int h = 0; h < a.heads && !m_enough; ++h) {
        const Eigen::Index kv = a.kvHead(h) * Dh;
        MatrixD scores = static_cast<double>(a.scale) * (q.middleCols(h * Dh, Dh) * k.middleCols(kv, Dh).transpose());
        for (Eigen::Index i = 0; i < T; ++i) {
            for (Eigen::Index j = 0; j < T; ++j) {
                if (j > i || (a.window > 0 && j <= i - a.window)) scores(i, j) = -std::numeric_limits<double>::infinity();
            }
        }
        if (!show(SiteId::AttnScores, layer, scores, h)) break;
        for (Eigen::Index i = 0; i < T; ++i) {
            const double largest = scores.row(i).maxCoeff();
            scores.row(i) = (scores.row(i).array() - largest).exp().matrix();
            scores.row(i) /= scores.row(i).sum();
        }
        if (!show(SiteId::Pattern, layer, scores, h)) break;
        z.middleCols(h * Dh, Dh).noalias() = scores * v.middleCols(kv, Dh);
    }
    return z;
}

void DoubleRun::showInputs(SiteId site, const MatrixD& stream, Layer layer) {
    if (m_enough) return;
    show(site, layer, stream.replicate(1, m_info.widthOf(site, layer) / m_info.width));
}

void DoubleRun::showResults(const MatrixD& z, Layer layer) {
    const AttentionInfo& a = m_info.blocks[static_cast<std::size_t>(layer.value)].attention;
    const MatrixD out = toDouble(m_model.weight(WeightId::O, layer));
    for (int h = 0; h < a.heads && !m_enough; ++h) {
        const MatrixD result =
            z.middleCols(h * a.headWidth, a.headWidth) * out.middleCols(h * a.headWidth, a.headWidth).transpose();
        show(SiteId::Result, layer, result, h);
    }
}

MatrixD DoubleRun::feedForward(const MatrixD& y, Layer layer) {
    const MlpInfo& mlp = m_info.blocks[static_cast<std::size_t>(layer.value)].mlp;
    if (mlp.experts > 0) return experts(y, layer);
    MatrixD read = y;
    if (const Weight& mix = m_model.weight(WeightId::InMix, layer); mix.defined()) {  // sees the token before, too
        read.row(0) -= y.row(0).cwiseProduct(mix.row(0).cast<double>());
        for (Eigen::Index t = 1; t < y.rows(); ++t)
            read.row(t) += (y.row(t - 1) - y.row(t)).cwiseProduct(mix.row(0).cast<double>());
    }
    MatrixD hidden =
        linear(read, mlp.gated ? WeightId::Gate : WeightId::In, mlp.gated ? WeightId::BiasGate : WeightId::BiasIn, layer);
    show(SiteId::MlpPre, layer, hidden);
    hidden = hidden.unaryExpr([&](double x) { return activateDouble(mlp.activation, x); });
    if (mlp.gated) {
        const MatrixD up = linear(y, WeightId::In, WeightId::BiasIn, layer);
        show(SiteId::MlpPreLinear, layer, up);
        hidden = hidden.cwiseProduct(up);
    }
    show(SiteId::MlpPost, layer, hidden);
    return linear(hidden, WeightId::Out, WeightId::BiasOut, layer);
}

MatrixD DoubleRun::experts(const MatrixD& y, Layer layer) {
    const MlpInfo& mlp = m_info.block(layer).mlp;
    MatrixD weights = doubleLinear(y, m_model.weight(WeightId::Router, layer));
    for (Eigen::Index t = 0; t < y.rows(); ++t) {
        std::vector<std::pair<double, Eigen::Index>> order;  // largest first, ties to the lower expert
        for (Eigen::Index j = 0; j < weights.cols(); ++j) order.emplace_back(-weights(t, j), j);
        std::ranges::sort(order);
        RowVectorD shares = (weights.row(t).array() - weights.row(t).maxCoeff()).exp().matrix();
        shares /= shares.sum();
        for (std::size_t rank = static_cast<std::size_t>(mlp.chosenExperts); rank < order.size(); ++rank)
            shares(order[rank].second) = 0;
        if (mlp.normalisedExperts) shares /= shares.sum();
        weights.row(t) = shares;
    }
    show(SiteId::ExpertWeights, layer, weights);
    const std::vector<Parameter> parameters = m_model.parameters();
    const auto run = [&](const std::string& expert) -> MatrixD {
        const auto part = [&](const char* name) { return weightNamed(parameters, layer.value, expert + name + "_proj.weight"); };
        const Weight *gate = part("gate"), *up = part("up"), *down = part("down");
        assert(gate && up && down);
        const MatrixD hidden = doubleLinear(y, *gate).unaryExpr([&](double x) { return activateDouble(mlp.activation, x); });
        return doubleLinear(hidden.cwiseProduct(doubleLinear(y, *up)), *down);
    };
    MatrixD sum = MatrixD::Zero(y.rows(), y.cols());
    for (int j = 0; j < mlp.experts; ++j) {
        if (weights.col(j).isZero(0)) continue;
        sum += weights.col(j).asDiagonal() * run(fmt::format(".experts.{}.", j));
    }
    if (const Weight* gate = weightNamed(parameters, layer.value, "shared_expert_gate.weight")) {
        const MatrixD open = doubleLinear(y, *gate).unaryExpr([](double x) { return 1 / (1 + std::exp(-x)); });
        sum += open.col(0).asDiagonal() * run(".shared_expert.");
    }
    return sum;
}

MatrixD DoubleRun::headNormed(const MatrixD& x, Layer layer, WeightId gain) const {
    const AttentionInfo& a = m_info.block(layer).attention;
    const RowVectorD g = m_model.weight(gain, layer).row(0).cast<double>();
    MatrixD y = x;
    for (Eigen::Index t = 0; t < x.rows(); ++t) {
        for (Eigen::Index first = 0; first < x.cols(); first += a.headWidth) {
            const RowVectorD part = x.row(t).segment(first, a.headWidth);
            y.row(t).segment(first, a.headWidth) =
                part.cwiseProduct(g) / std::sqrt(part.squaredNorm() / a.headWidth + a.headNormEps);
        }
    }
    return y;
}

MatrixD DoubleRun::attend(const MatrixD& y, Layer layer) {
    const AttentionInfo& a = m_info.block(layer).attention;
    MatrixD q = linear(y, WeightId::Q, WeightId::BiasQ, layer), k = linear(y, WeightId::K, WeightId::BiasK, layer), gate;
    const MatrixD v = linear(y, WeightId::V, WeightId::BiasV, layer);
    if (a.outputGate) {  // each head's query, then its gate
        const MatrixD both = q;
        q.resize(y.rows(), a.heads * a.headWidth);
        gate = q;
        for (int h = 0; h < a.heads; ++h) {
            q.middleCols(h * a.headWidth, a.headWidth) = both.middleCols(2 * h * a.headWidth, a.headWidth);
            gate.middleCols(h * a.headWidth, a.headWidth) = both.middleCols((2 * h + 1) * a.headWidth, a.headWidth);
        }
    }
    show(SiteId::Q, layer, q);
    show(SiteId::K, layer, k);
    show(SiteId::V, layer, v);
    if (a.headNormEps > 0) {
        q = headNormed(q, layer, WeightId::QNorm);
        k = headNormed(k, layer, WeightId::KNorm);
    }
    if (a.rotary) {
        q = turned(q, a.headWidth);
        k = turned(k, a.headWidth);
        show(SiteId::RotQ, layer, q);
        show(SiteId::RotK, layer, k);
    }
    if (m_enough) return {};
    MatrixD z = attention(q, k, v, layer);
    if (gate.size() > 0) z = z.cwiseProduct(gate.unaryExpr([](double x) { return 1 / (1 + std::exp(-x)); }));
    if (!show(SiteId::Z, layer, z)) return {};
    if (m_request.results) showResults(z, layer);
    return linear(z, WeightId::O, WeightId::BiasO, layer);
}

// One block: what its first part adds, then its feed-forward part if it has one.
void DoubleRun::block(MatrixD& stream, Layer layer) {
    using enum SiteId;
    const BlockInfo& block = m_info.block(layer);
    const bool adds = m_info.residualStream;
    show(ResidPre, layer, stream);
    show(AttnIn, layer, stream);
    for (const SiteId input : {QInput, KInput, VInput}) {
        if (m_info.has(input, layer)) showInputs(input, stream, layer);
    }
    const MatrixD y = block.norm1 ? norm(stream, WeightId::Ln1Gain, WeightId::Ln1Bias, layer, Ln1Scale, Ln1Normalized) : stream;
    if (m_enough) return;
    show(MixerIn, layer, y);
    const MatrixD first =
        block.hasMixer()
            ? m_mixers.mix(y, layer, [&](SiteId site, const MatrixD& value, int head) { show(site, layer, value, head); })
            : attend(y, layer);
    if (m_enough) return;
    show(block.firstOut(), layer, first);
    show(SsmOut, layer, first);
    stream = adds ? MatrixD(stream + first) : first;
    if (block.hasMlp()) {
        show(ResidMid, layer, stream);
        show(MlpIn, layer, stream);
        const MatrixD y2 =
            block.norm2 ? norm(stream, WeightId::Ln2Gain, WeightId::Ln2Bias, layer, Ln2Scale, Ln2Normalized) : stream;
        if (m_enough) return;
        const MatrixD added = feedForward(y2, layer);
        show(MlpOut, layer, added);
        stream = adds ? MatrixD(stream + added) : added;
    }
    show(ResidPost, layer, stream);
}

void DoubleRun::readOut(const MatrixD& stream) {
    const MatrixD y = m_info.finalNorm ? norm(stream, WeightId::FinalGain, WeightId::FinalBias, Layer(0), SiteId::FinalScale,
                                              SiteId::FinalNormalized)
                                       : stream;
    if (m_enough) return;
    const MatrixD rows = m_request.logitsOf ? MatrixD(y.row(m_request.logitsOf->value)) : y;
    show(SiteId::Logits, Layer(0), linear(rows, WeightId::Unembed, WeightId::BiasUnembed, Layer(0)));
}

Result<void> DoubleRun::run() {
    using enum SiteId;
    const auto T = static_cast<Eigen::Index>(m_request.ids.size());
    assert(T > 0);
    const auto known = [](const BlockInfo& block) { return block.hasAttention() || block.hasMixer(); };
    if (m_info.layers() == 0 || !std::ranges::all_of(m_info.blocks, known)) {
        return fail(ErrorKind::Unsupported,
                    "The whole run in double precision is there for models whose blocks have attention or a mixer; this value "
                    "can be checked from its operands.");
    }
    const Weight& table = m_model.weight(WeightId::Embed);
    MatrixD stream(T, m_info.width);
    for (Eigen::Index t = 0; t < T; ++t) stream.row(t) = table.row(m_request.ids[static_cast<std::size_t>(t)]).cast<double>();
    show(Embed, Layer(0), stream);
    if (const Weight& positions = m_model.weight(WeightId::PosEmbed); positions.defined()) {
        if (T > positions.rows()) {
            return fail(ErrorKind::OverContext, fmt::format("The text has {} tokens; {} has learned positions for {}.", T,
                                                            m_info.name, positions.rows()));
        }
        const MatrixD added = toDouble(positions.slice(0, T));
        show(PosEmbed, Layer(0), added);
        stream += added;
    }
    for (int l = 0; l < m_info.layers() && !m_enough; ++l) {
        if (m_job.cancelled()) return cancelledError();
        m_job.progress(static_cast<double>(l) / m_info.layers(), "double precision");
        block(stream, Layer(l));
    }
    if (!m_enough) readOut(stream);
    m_job.progress(1, "double precision");
    return {};
}

}  // namespace

Result<void> doubleRun(const Model& model, const DoubleRunRequest& request, const Job& job) {
    return DoubleRun(model, request, job).run();
}

}  // namespace lw
