#include "core/analysis/state_terms.h"

#include <cmath>

#include <fmt/format.h>

#include "core/tensor/diagonal_ssm.h"
#include "core/tensor/elementwise.h"
#include "core/tensor/selective_scan.h"

namespace lw {

namespace {

constexpr float readEps = 1e-10f;  // as the model adds to its normaliser

Result<void> inside(const Trace& trace, Layer layer, Position position) {
    if (layer.value < 0 || layer.value >= trace.model().layers() || position.value < 0 || position.value >= trace.length()) {
        return fail(ErrorKind::BadInput, fmt::format("Layer {} or position {} is outside the run ({} layers, {} tokens).",
                                                     layer.value, position.value, trace.model().layers(), trace.length()));
    }
    return {};
}

StateTerms ofMemory(const MemoryOperands& o, int t) {
    StateTerms terms;
    const int K = o.keyWidth(), V = o.valueWidth();
    Matrix S = Matrix::Zero(K, V);
    if (t > 0) runMatrixState(o.run(0, t), S.data(), nullptr, 0, nullptr);
    terms.before = terms.kept = S;
    terms.read = RowVector(V);
    runMatrixState(o.run(t, 1), S.data(), terms.read.data(), V, nullptr);
    terms.after = S;
    if (o.d.cols() == 1) terms.kept *= o.d(t, 0);
    if (o.d.cols() > 1) terms.kept = o.d.row(t).asDiagonal() * terms.before;
    if (o.e.size() > 0) terms.erased = o.e.row(t).transpose() * (o.r.row(t) * terms.before);
    terms.written = o.w.row(t).transpose() * o.v.row(t);
    if (o.normalised) terms.read /= o.w.topRows(t + 1).colwise().sum().dot(o.q.row(t)) + readEps;
    return terms;
}

StateTerms ofScan(const ScanOperands& o, int t) {
    const auto E = o.x.cols(), N = o.A.cols();
    const auto run = [&](int first, int count) {
        return SelectiveScanRun{
            count,      static_cast<int>(E),   static_cast<int>(N),  o.x.row(first).data(), o.delta.row(first).data(),
            o.A.data(), o.B.row(first).data(), o.C.row(first).data()};
    };
    StateTerms terms;
    Matrix h = Matrix::Zero(E, N);
    if (t > 0) runSelectiveScan(run(0, t), h.data(), nullptr, nullptr);
    terms.before = h;
    terms.read = RowVector(E);
    runSelectiveScan(run(t, 1), h.data(), terms.read.data(), nullptr);
    terms.after = h;
    Matrix keep = (o.A.array().colwise() * o.delta.row(t).transpose().array()).matrix();
    exp(keep.data(), keep.data(), keep.size());
    terms.kept = keep.cwiseProduct(terms.before);
    terms.written = o.delta.row(t).cwiseProduct(o.x.row(t)).transpose() * o.B.row(t);
    return terms;
}

StateTerms ofLti(const LtiOperands& o, int t) {
    const DiagonalSsm ssm = o.ssm();
    const Eigen::Index N = ssm.N;
    StateTerms terms;
    Matrix x = Matrix::Zero(ssm.E, ssm.stateSize());
    if (t > 0) runDiagonalSsm(ssm, t, o.u.data(), x.data(), nullptr, nullptr);
    terms.before = x;
    terms.read = RowVector(ssm.E);
    runDiagonalSsm(ssm, 1, o.u.row(t).data(), x.data(), terms.read.data(), nullptr);
    terms.after = x;
    terms.kept = terms.written = Matrix(x.rows(), x.cols());
    const Matrix re = terms.before.leftCols(N);
    terms.kept.leftCols(N) = o.keep.cwiseProduct(re);
    terms.written.leftCols(N) = o.u.row(t).asDiagonal() * o.write;
    if (!ssm.complex()) return terms;
    const Matrix im = terms.before.rightCols(N);
    terms.kept.leftCols(N) -= o.keepImag.cwiseProduct(im);
    terms.kept.rightCols(N) = o.keep.cwiseProduct(im) + o.keepImag.cwiseProduct(re);
    terms.written.rightCols(N) = o.u.row(t).asDiagonal() * o.writeImag;
    return terms;
}

Result<StateTerms> ofCell(const Trace& trace, const MixerInfo& m, Layer layer, Position position) {
    const SiteId state = m.kind == MixerKind::Lstm ? SiteId::CellC : SiteId::CellH;
    for (const SiteId site : {state, SiteId::CellKept, SiteId::CellWritten, SiteId::CellH}) {
        if (!trace.has(site, layer)) {
            return fail(ErrorKind::NotFound,
                        fmt::format("The cell's step is made of {}, which this run did not capture.", siteName(site, layer)),
                        siteName(site, layer));
        }
    }
    StateTerms terms;
    terms.after = trace.row(state, layer, position);
    terms.before = position.value > 0 ? Matrix(trace.row(state, layer, Position(position.value - 1)))
                                      : Matrix(Matrix::Zero(1, terms.after.cols()));
    terms.kept = trace.row(SiteId::CellKept, layer, position);
    terms.written = trace.row(SiteId::CellWritten, layer, position);
    terms.read = trace.row(SiteId::CellH, layer, position);
    return terms;
}

Unexpected noState(const Trace& trace, Layer layer) {
    const BlockInfo& block = trace.model().block(layer);
    return fail(ErrorKind::Unsupported,
                block.hasAttention()
                    ? fmt::format("Layer {} attends: it keeps every key and value instead of a state of fixed size.", layer.value)
                    : fmt::format("The state of layer {} is not shown as an equation.", layer.value));
}

}  // namespace

Result<StateTerms> stateTerms(const Trace& trace, const Model& model, Layer layer, Head head, Position position, const Job& job) {
    if (auto ok = inside(trace, layer, position); !ok) return Unexpected(ok.error());
    if (job.cancelled()) return cancelledError();
    const MixerInfo& m = trace.model().block(layer).mixer;
    if (m.isCell()) return ofCell(trace, m, layer, position);
    if (m.hasMatrixState()) {
        const auto operands = memoryOperands(trace, layer, head);
        if (!operands) return Unexpected(operands.error());
        return ofMemory(*operands, position.value);
    }
    if (m.kind == MixerKind::Mamba) {
        const auto operands = scanOperands(trace, model, layer);
        if (!operands) return Unexpected(operands.error());
        return ofScan(*operands, position.value);
    }
    if (m.kind == MixerKind::S4d) {
        const auto operands = ltiOperands(trace, model, layer);
        if (!operands) return Unexpected(operands.error());
        return ofLti(*operands, position.value);
    }
    return noState(trace, layer);
}

Result<std::vector<double>> survival(const Trace& trace, const Model& model, Layer layer, Head head, Position written,
                                     const Job& job) {
    if (auto ok = inside(trace, layer, written); !ok) return Unexpected(ok.error());
    const MixerInfo& m = trace.model().block(layer).mixer;
    const int T = trace.length(), j = written.value;
    std::vector<double> share{1};
    if (m.kind == MixerKind::Lstm || m.kind == MixerKind::Gru) {
        const SiteId gate = m.kind == MixerKind::Lstm ? SiteId::CellF : SiteId::CellZ;
        if (!trace.has(gate, layer))
            return fail(ErrorKind::NotFound,
                        fmt::format("Survival needs {}, which this run did not capture.", siteName(gate, layer)));
        RowVectorD product = RowVectorD::Ones(m.inner);
        for (int t = j + 1; t < T; ++t) {
            product.array() *= trace.row(gate, layer, Position(t)).array().cast<double>();
            share.push_back(product.mean());
        }
        return share;
    }
    if (m.kind == MixerKind::Rnn)
        return fail(ErrorKind::Unsupported,
                    "No survival: a plain cell has no gate that says what it keeps. “Compare” shows how far back its gradient "
                    "reaches.");
    if (m.hasMatrixState()) {
        const auto operands = memoryOperands(trace, layer, head);
        if (!operands) return Unexpected(operands.error());
        const MemoryOperands& o = *operands;
        // What is left of w_j ⊗ v_j alone is u ⊗ v_j, u ← diag(d) u − e (r · u): only the side of the keys changes.
        RowVectorD u = o.w.row(j).cast<double>();
        const RowVectorD key = u;
        const double own = key.dot(u);
        for (int t = j + 1; t < T; ++t) {
            if (job.cancelled()) return cancelledError();
            const double seen = o.e.size() > 0 ? o.r.row(t).cast<double>().dot(u) : 0;
            if (o.d.cols() == 1) u *= static_cast<double>(o.d(t, 0));
            if (o.d.cols() > 1) u.array() *= o.d.row(t).array().cast<double>();
            if (o.e.size() > 0) u -= seen * o.e.row(t).cast<double>();
            share.push_back(own > 0 ? key.dot(u) / own : 0);
        }
        return share;
    }
    if (m.kind == MixerKind::Mamba) {
        const auto operands = scanOperands(trace, model, layer);
        if (!operands) return Unexpected(operands.error());
        // Read back along B_j: Σ_n B_j[n]² exp(A[e, n] Σ Δ), its mean over the channels.
        const RowVectorD weights = operands->B.row(j).cast<double>().array().square().matrix();
        const double own = weights.sum();
        Eigen::VectorXd passed = Eigen::VectorXd::Zero(operands->A.rows());
        const MatrixD A = operands->A.cast<double>();
        for (int t = j + 1; t < T; ++t) {
            if (job.cancelled()) return cancelledError();
            passed += operands->delta.row(t).transpose().cast<double>();
            const Eigen::VectorXd left = (A.array().colwise() * passed.array()).exp().matrix() * weights.transpose();
            share.push_back(own > 0 ? left.mean() / own : 0);
        }
        return share;
    }
    if (m.kind == MixerKind::S4d) {
        const auto operands = ltiOperands(trace, model, layer);
        if (!operands) return Unexpected(operands.error());
        // Read back along B̄: Re Σ_n |B̄_n|² Ā_n^k of Σ_n |B̄_n|², its mean over the channels.
        const DiagonalSsm ssm = operands->ssm();
        const auto part = [&](const float* all, int i) { return all ? static_cast<double>(all[i]) : 0.0; };
        for (int k = 1; k < T - j; ++k) {
            double mean = 0;
            for (int e = 0; e < ssm.E; ++e) {
                double left = 0, own = 0;
                for (int i = e * ssm.N; i < (e + 1) * ssm.N; ++i) {
                    const double weight = std::norm(std::complex<double>(part(ssm.write, i), part(ssm.writeImag, i)));
                    left += weight * std::pow(std::complex<double>(part(ssm.keep, i), part(ssm.keepImag, i)), k).real();
                    own += weight;
                }
                mean += own > 0 ? left / own : 0;
            }
            share.push_back(mean / ssm.E);
        }
        return share;
    }
    return noState(trace, layer);
}

Result<RowVector> effectiveRow(const Trace& trace, const Model& model, Layer layer, Head head, Position query) {
    if (auto ok = inside(trace, layer, query); !ok) return Unexpected(ok.error());
    const MixerInfo& m = trace.model().block(layer).mixer;
    const int i = query.value;
    RowVector row = RowVector::Zero(trace.length());
    if (m.hasMatrixState()) {
        const auto operands = memoryOperands(trace, layer, head);
        if (!operands) return Unexpected(operands.error());
        const MemoryOperands& o = *operands;
        // g S_j, backwards: g ← d ⊙ g − (g · e) r takes the read through one step more.
        RowVectorD g = o.q.row(i).cast<double>();
        double normaliser = 0;
        for (int j = i; j >= 0; --j) {
            const double weight = g.dot(o.w.row(j).cast<double>());
            row(j) = static_cast<float>(weight);
            normaliser += weight;
            const double seen = o.e.size() > 0 ? g.dot(o.e.row(j).cast<double>()) : 0;
            if (o.d.cols() == 1) g *= static_cast<double>(o.d(j, 0));
            if (o.d.cols() > 1) g.array() *= o.d.row(j).array().cast<double>();
            if (o.e.size() > 0) g -= seen * o.r.row(j).cast<double>();
        }
        if (o.normalised) row /= static_cast<float>(normaliser + static_cast<double>(readEps));
        return row;
    }
    if (m.kind == MixerKind::Mamba) {
        const auto operands = scanOperands(trace, model, layer);
        if (!operands) return Unexpected(operands.error());
        const ScanOperands& o = *operands;
        const int e = head.value;
        if (e < 0 || e >= o.x.cols())
            return fail(ErrorKind::BadInput,
                        fmt::format("Layer {} has {} channels; {} is none of them.", layer.value, o.x.cols(), e));
        RowVectorD g = o.C.row(i).cast<double>();
        const RowVectorD A = o.A.row(e).cast<double>();
        for (int j = i; j >= 0; --j) {
            const double delta = o.delta(j, e);
            row(j) = static_cast<float>(delta * g.dot(o.B.row(j).cast<double>()));
            g.array() *= (A.array() * delta).exp();
        }
        return row;
    }
    if (m.kind == MixerKind::S4d) {  // the kernel, laid backwards from the query
        const auto operands = ltiOperands(trace, model, layer);
        if (!operands) return Unexpected(operands.error());
        const int e = head.value;
        if (e < 0 || e >= operands->u.cols())
            return fail(ErrorKind::BadInput,
                        fmt::format("Layer {} has {} channels; {} is none of them.", layer.value, operands->u.cols(), e));
        const std::vector<double> kernel = diagonalSsmKernel(operands->ssm(), e, i + 1);
        for (int j = i; j >= 0; --j) row(j) = static_cast<float>(kernel[static_cast<std::size_t>(i - j)]);
        return row;
    }
    return noState(trace, layer);
}

}  // namespace lw
