#include "core/analysis/double_run.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/analysis/double_activation.h"
#include "core/base/parallel.h"

namespace lw {

namespace {

MatrixD toDouble(const Weight& w) { return w.toMatrix().cast<double>(); }

class DoubleRun {
public:
    DoubleRun(const Model& model, const DoubleRunRequest& request, const Job& job)
        : m_model(model), m_info(model.info()), m_request(request), m_job(job), m_frequencies(model.rotaryFrequencies()) {}

    Result<void> run();

private:
    bool show(SiteId site, Layer layer, const MatrixD& value, int head = -1) {
        if (m_enough || !m_info.has(site)) return !m_enough;
        m_enough = !m_request.see({site, layer, head, value});
        return !m_enough;
    }

    // y = x Wᵀ + b. x [T, in] → [T, out], split over the outputs.
    MatrixD linear(const MatrixD& x, WeightId weight, WeightId bias, Layer layer) const;
    // (x − mean) / scale, then gain and bias; shows scale and normalized.
    MatrixD norm(const MatrixD& x, WeightId gain, WeightId bias, Layer layer, SiteId scaleSite, SiteId normalizedSite);
    // Each head's pairs (x_i, x_{i + F}) turned by position · frequency_i, F frequencies.
    MatrixD turned(const MatrixD& x, int headWidth) const;
    MatrixD attention(const MatrixD& q, const MatrixD& k, const MatrixD& v, Layer layer);
    void showInputs(SiteId site, const MatrixD& stream, Layer layer);
    void showResults(const MatrixD& z, Layer layer);
    MatrixD feedForward(const MatrixD& y, Layer layer);
    void readOut(const MatrixD& stream);

    const Model& m_model;
    const ModelInfo& m_info;
    const DoubleRunRequest& m_request;
    const Job& m_job;
    std::vector<double> m_frequencies;
    bool m_enough = false;
};

MatrixD DoubleRun::linear(const MatrixD& x, WeightId weight, WeightId bias, Layer layer) const {
    const Weight& w = m_model.weight(weight, layer);
    const Weight& b = m_model.weight(bias, layer);
    MatrixD y(x.rows(), w.rows());
    parallelFor(w.rows(), 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t first = begin; first < end; first += 256) {  // a few rows at a time: the double copy stays small
            const std::int64_t n = std::min<std::int64_t>(256, end - first);
            y.middleCols(first, n).noalias() = x * toDouble(w.slice(first, n)).transpose();
        }
    });
    if (b.defined()) y.rowwise() += RowVectorD(b.row(0).cast<double>());
    return y;
}

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
    MatrixD hidden =
        linear(y, mlp.gated ? WeightId::Gate : WeightId::In, mlp.gated ? WeightId::BiasGate : WeightId::BiasIn, layer);
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

void DoubleRun::readOut(const MatrixD& stream) {
    const MatrixD y =
        norm(stream, WeightId::FinalGain, WeightId::FinalBias, Layer(0), SiteId::FinalScale, SiteId::FinalNormalized);
    if (m_enough) return;
    const MatrixD rows = m_request.logitsOf ? MatrixD(y.row(m_request.logitsOf->value)) : y;
    show(SiteId::Logits, Layer(0), linear(rows, WeightId::Unembed, WeightId::BiasUnembed, Layer(0)));
}

Result<void> DoubleRun::run() {
    using enum SiteId;
    const auto T = static_cast<Eigen::Index>(m_request.ids.size());
    assert(T > 0);
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
        const Layer layer(l);
        const AttentionInfo& a = m_info.blocks[static_cast<std::size_t>(l)].attention;
        show(ResidPre, layer, stream);
        show(AttnIn, layer, stream);
        for (const SiteId input : {QInput, KInput, VInput}) showInputs(input, stream, layer);
        const MatrixD y = norm(stream, WeightId::Ln1Gain, WeightId::Ln1Bias, layer, Ln1Scale, Ln1Normalized);
        if (m_enough) break;
        MatrixD q = linear(y, WeightId::Q, WeightId::BiasQ, layer), k = linear(y, WeightId::K, WeightId::BiasK, layer);
        const MatrixD v = linear(y, WeightId::V, WeightId::BiasV, layer);
        show(SiteId::Q, layer, q);
        show(SiteId::K, layer, k);
        show(SiteId::V, layer, v);
        if (a.rotary) {
            q = turned(q, a.headWidth);
            k = turned(k, a.headWidth);
            show(RotQ, layer, q);
            show(RotK, layer, k);
        }
        if (m_enough) break;
        const MatrixD z = attention(q, k, v, layer);
        if (!show(Z, layer, z)) break;
        if (m_request.results) showResults(z, layer);
        const MatrixD attended = linear(z, WeightId::O, WeightId::BiasO, layer);
        show(AttnOut, layer, attended);
        stream += attended;
        show(ResidMid, layer, stream);
        show(MlpIn, layer, stream);
        const MatrixD y2 = norm(stream, WeightId::Ln2Gain, WeightId::Ln2Bias, layer, Ln2Scale, Ln2Normalized);
        if (m_enough) break;
        const MatrixD added = feedForward(y2, layer);
        show(MlpOut, layer, added);
        stream += added;
        show(ResidPost, layer, stream);
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
