#include "core/analysis/forms.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <complex>
#include <optional>

#include <fmt/format.h>

#include "core/analysis/linear_scan.h"
#include "core/analysis/state_operands.h"
#include "core/tensor/diagonal_ssm.h"

namespace lw {

namespace {

constexpr double readEps = 1e-10;  // of a normalised read, as nn/normalised_read has it

// A matrix memory's operands in double. A normalised memory has one value more, always 1: its sum is the normaliser.
struct Operands {
    MatrixD q, w, v, d, e, r;
    bool normalised = false;

    explicit Operands(const MemoryOperands& o)
        : q(o.q.cast<double>()),
          w(o.w.cast<double>()),
          v(o.v.cast<double>()),
          d(o.d.cast<double>()),
          e(o.e.cast<double>()),
          r(o.r.cast<double>()),
          normalised(o.normalised) {
        if (!normalised) return;
        v.conservativeResize(Eigen::NoChange, v.cols() + 1);
        v.rightCols(1).setOnes();
    }
    int length() const { return static_cast<int>(q.rows()); }
    // How much of each key's row step t keeps.
    RowVectorD kept(int t) const {
        if (d.size() == 0) return RowVectorD::Ones(w.cols());
        return d.cols() == 1 ? RowVectorD(RowVectorD::Constant(w.cols(), d(t, 0))) : RowVectorD(d.row(t));
    }
    MatrixD finished(MatrixD out) const {
        if (!normalised) return out;
        const Eigen::VectorXd sums = out.rightCols(1).array() + readEps;
        out.conservativeResize(Eigen::NoChange, out.cols() - 1);
        return (out.array().colwise() / sums.array()).matrix();
    }
};

Result<MatrixD> recurrent(const Operands& o, const Job& job) {
    MatrixD S = MatrixD::Zero(o.w.cols(), o.v.cols()), out(o.length(), o.v.cols());
    for (int t = 0; t < o.length(); ++t) {
        if (job.cancelled()) return cancelledError();
        const RowVectorD seen = o.e.size() > 0 ? RowVectorD(o.r.row(t) * S) : RowVectorD();
        S.array().colwise() *= o.kept(t).transpose().array();
        if (seen.size() > 0) S -= o.e.row(t).transpose() * seen;
        S += o.w.row(t).transpose() * o.v.row(t);
        out.row(t) = o.q.row(t) * S;
    }
    return o.finished(std::move(out));
}

// Tokens first … first + n − 1 at once; S [K, V] is the memory before them and becomes the one after them.
//   Of what token i writes, Π_{i<k<=t} d_k is left at t. What a token erases is u_j = r_j S_{j−1}, which holds earlier u:
//   (1 + A) u = B v + r·(what is left of S), with A, B strictly lower triangular.
void chunkAtOnce(const Operands& o, int first, int n, MatrixD& S, MatrixD& out) {
    const bool erases = o.e.size() > 0;
    MatrixD readW = MatrixD::Zero(n, n), readE = readW, lookW = readW, lookE = readW;
    for (int i = 0; i < n; ++i) {
        RowVectorD left = RowVectorD::Ones(o.w.cols());  // of token i, before token t fades it
        for (int t = i; t < n; ++t) {
            if (erases && t > i) {
                const RowVectorD look = o.r.row(first + t).cwiseProduct(left);
                lookW(t, i) = look.dot(o.w.row(first + i));
                lookE(t, i) = look.dot(o.e.row(first + i));
            }
            if (t > i) left.array() *= o.kept(first + t).array();
            const RowVectorD read = o.q.row(first + t).cwiseProduct(left);
            readW(t, i) = read.dot(o.w.row(first + i));
            if (erases) readE(t, i) = read.dot(o.e.row(first + i));
        }
    }
    const auto v = o.v.middleRows(first, n);
    MatrixD fromBefore(n, S.cols()), looked(n, S.cols());
    RowVectorD left = RowVectorD::Ones(o.w.cols());  // of the memory before the chunk
    for (int t = 0; t < n; ++t) {
        if (erases) looked.row(t) = o.r.row(first + t).cwiseProduct(left) * S;
        left.array() *= o.kept(first + t).array();
        fromBefore.row(t) = o.q.row(first + t).cwiseProduct(left) * S;
    }
    MatrixD u;
    out.middleRows(first, n) = fromBefore + readW * v;
    if (erases) {
        u = looked + lookW * v;
        (MatrixD::Identity(n, n) + lookE).triangularView<Eigen::UnitLower>().solveInPlace(u);
        out.middleRows(first, n) -= readE * u;
    }
    S.array().colwise() *= left.transpose().array();
    RowVectorD still = RowVectorD::Ones(o.w.cols());
    for (int i = n - 1; i >= 0; --i) {
        S += o.w.row(first + i).cwiseProduct(still).transpose() * v.row(i);
        if (erases) S -= o.e.row(first + i).cwiseProduct(still).transpose() * u.row(i);
        still.array() *= o.kept(first + i).array();
    }
}

Result<MatrixD> inChunks(const Operands& o, int chunk, const Job& job) {
    MatrixD S = MatrixD::Zero(o.w.cols(), o.v.cols()), out(o.length(), o.v.cols());
    for (int first = 0; first < o.length(); first += chunk) {
        if (job.cancelled()) return cancelledError();
        chunkAtOnce(o, first, std::min(chunk, o.length() - first), S, out);
    }
    return o.finished(std::move(out));
}

// One channel of a system whose state is a row of numbers, each by itself: h[n] ← keep_t[n] h[n] + write_t[n], read with C_t.
struct Channel {
    Eigen::MatrixXcd keep, write, read;  // [T, N]
    double factor = 1;
    int length() const { return static_cast<int>(keep.rows()); }
    int size() const { return static_cast<int>(keep.cols()); }
};

MatrixD recurrent(const Channel& c) {
    MatrixD y(c.length(), 1);
    Eigen::RowVectorXcd h = Eigen::RowVectorXcd::Zero(c.size());
    for (int t = 0; t < c.length(); ++t) {
        h = h.cwiseProduct(c.keep.row(t)) + c.write.row(t);
        y(t, 0) = c.factor * h.cwiseProduct(c.read.row(t)).sum().real();
    }
    return y;
}

Result<Channel> scanChannel(const Trace& trace, const Model& model, Layer layer, int e) {
    const auto operands = scanOperands(trace, model, layer);
    if (!operands) return Unexpected(operands.error());
    const ScanOperands& o = *operands;
    Channel c;
    const Eigen::VectorXd delta = o.delta.col(e).cast<double>();
    c.keep = (delta * o.A.row(e).cast<double>()).array().exp().matrix().cast<std::complex<double>>();
    const Eigen::VectorXd input = delta.cwiseProduct(o.x.col(e).cast<double>());
    c.write = (o.B.cast<double>().array().colwise() * input.array()).matrix().cast<std::complex<double>>();
    c.read = o.C.cast<std::complex<double>>();
    return c;
}

// Mamba's hidden attention: y_t = Σ_{j<=t} [Σ_n C_t[n] exp(A[n] Σ_{j<k<=t} Δ_k) B_j[n]] Δ_j x_j.
Result<MatrixD> hiddenAttention(const Trace& trace, const Model& model, Layer layer, int e, const Job& job) {
    const auto operands = scanOperands(trace, model, layer);
    if (!operands) return Unexpected(operands.error());
    const ScanOperands& o = *operands;
    const RowVectorD A = o.A.row(e).cast<double>();
    const MatrixD B = o.B.cast<double>(), C = o.C.cast<double>();
    MatrixD y = MatrixD::Zero(o.length(), 1);
    for (int t = 0; t < o.length(); ++t) {
        if (job.cancelled()) return cancelledError();
        double passed = 0;  // Σ Δ since j
        for (int j = t; j >= 0; --j) {
            const double delta = o.delta(j, e);
            const double weight = (C.row(t).array() * (A.array() * passed).exp() * B.row(j).array()).sum() * delta;
            y(t, 0) += weight * static_cast<double>(o.x(j, e));
            passed += delta;
        }
    }
    return y;
}

MatrixD byScan(const Channel& c) {
    MatrixD y = MatrixD::Zero(c.length(), 1);
    for (int n = 0; n < c.size(); ++n) {
        std::vector<LinearStep> steps;
        for (int t = 0; t < c.length(); ++t) steps.push_back({c.keep(t, n).real(), c.write(t, n).real()});
        inclusiveScan(steps);
        for (int t = 0; t < c.length(); ++t) y(t, 0) += steps[static_cast<std::size_t>(t)].b * c.read(t, n).real();
    }
    return y;
}

Result<Channel> ltiChannel(const LtiOperands& o, int e) {
    const auto number = [&](const Matrix& re, const Matrix& im, int n) {
        return std::complex<double>(static_cast<double>(re(e, n)), im.size() > 0 ? static_cast<double>(im(e, n)) : 0.0);
    };
    Channel c;
    const int T = o.length(), N = static_cast<int>(o.keep.cols());
    c.keep = c.write = c.read = Eigen::MatrixXcd(T, N);
    c.factor = static_cast<double>(o.ssm().factor());
    for (int n = 0; n < N; ++n) {
        const auto keep = number(o.keep, o.keepImag, n), write = number(o.write, o.writeImag, n),
                   read = number(o.read, o.readImag, n);
        for (int t = 0; t < T; ++t) {
            c.keep(t, n) = keep;
            c.write(t, n) = write * static_cast<double>(o.u(t, e));
            c.read(t, n) = read;
        }
    }
    return c;
}

Result<MatrixD> ofLti(Form form, const Trace& trace, const Model& model, Layer layer, int e) {
    const auto operands = ltiOperands(trace, model, layer);
    if (!operands) return Unexpected(operands.error());
    if (form == Form::Recurrent) {
        const auto channel = ltiChannel(*operands, e);
        if (!channel) return Unexpected(channel.error());
        return recurrent(*channel);
    }
    const Eigen::VectorXd u = operands->u.col(e).cast<double>();
    const std::vector<double> y =
        convolve(diagonalSsmKernel(operands->ssm(), e, operands->length()), std::vector<double>(u.begin(), u.end()));
    return MatrixD(Eigen::Map<const Eigen::VectorXd>(y.data(), operands->length()));
}

}  // namespace

std::string_view formName(Form form) {
    switch (form) {
        case Form::Recurrent:
            return "recurrent";
        case Form::Parallel:
            return "parallel";
        case Form::Chunked:
            return "chunked";
        case Form::Scan:
            return "scan";
        case Form::Convolution:
            return "convolution";
    }
    assert(false);
    return "";
}

std::vector<Form> formsOf(const MixerInfo& mixer) {
    if (mixer.hasMatrixState()) return {Form::Recurrent, Form::Parallel, Form::Chunked};
    if (mixer.kind == MixerKind::Mamba) return {Form::Recurrent, Form::Parallel, Form::Scan};
    if (mixer.kind == MixerKind::S4d) return {Form::Recurrent, Form::Convolution};
    if (mixer.isCell()) return {Form::Recurrent};
    return {};
}

Result<MatrixD> readBy(Form form, const Trace& trace, const Model& model, Layer layer, Head head, int chunk, const Job& job) {
    assert(chunk >= 1);
    const ModelInfo& info = trace.model();
    if (layer.value < 0 || layer.value >= info.layers())
        return fail(ErrorKind::BadInput,
                    fmt::format("{} has {} layers; layer {} is none of them.", info.name, info.layers(), layer.value));
    const MixerInfo& mixer = info.block(layer).mixer;
    const std::vector<Form> forms = formsOf(mixer);
    if (mixer.isCell() || std::ranges::find(forms, form) == forms.end()) {
        return fail(ErrorKind::Unsupported,
                    mixer.isCell() ? fmt::format("Layer {} ({}) has its recurrence only: its step is not linear in the state.",
                                                 layer.value, mixerKindTitle(mixer.kind))
                    : forms.empty()
                        ? fmt::format("Layer {} of {} carries no state of fixed size.", layer.value, info.name)
                        : fmt::format("Layer {} ({}) has no {} form.", layer.value, mixerKindTitle(mixer.kind), formName(form)));
    }
    if (mixer.hasMatrixState()) {
        const auto operands = memoryOperands(trace, layer, head);
        if (!operands) return Unexpected(operands.error());
        const Operands o(*operands);
        if (form == Form::Recurrent) return recurrent(o, job);
        return inChunks(o, form == Form::Parallel ? o.length() : chunk, job);
    }
    if (head.value < 0 || head.value >= mixer.inner)
        return fail(ErrorKind::BadInput, fmt::format("Layer {} has {} channels (0 to {}); {} is none of them.", layer.value,
                                                     mixer.inner, mixer.inner - 1, head.value));
    if (mixer.kind == MixerKind::S4d) return ofLti(form, trace, model, layer, head.value);
    if (form == Form::Parallel) return hiddenAttention(trace, model, layer, head.value, job);
    const auto channel = scanChannel(trace, model, layer, head.value);
    if (!channel) return Unexpected(channel.error());
    return form == Form::Recurrent ? recurrent(*channel) : byScan(*channel);
}

Result<FormsCompared> compareForms(const Trace& trace, const Model& model, Layer layer, Head head, int chunk, const Job& job) {
    const auto first = readBy(Form::Recurrent, trace, model, layer, head, chunk, job);
    if (!first) return Unexpected(first.error());
    FormsCompared compared;
    compared.scale = first->cwiseAbs().maxCoeff();
    for (const Form form : formsOf(trace.model().block(layer).mixer)) {
        if (form == Form::Recurrent) continue;
        const auto other = readBy(form, trace, model, layer, head, chunk, job);
        if (!other) return Unexpected(other.error());
        compared.others.push_back({form, (*other - *first).cwiseAbs().maxCoeff()});
    }
    return compared;
}

std::string formsSentence(const FormsCompared& compared) {
    std::string names, numbers;
    for (std::size_t i = 0; i < compared.others.size(); ++i) {
        const FormDifference& one = compared.others[i];
        if (i > 0) names += " and the ", numbers += " and ";
        names += formName(one.form);
        numbers += fmt::format("{:.2g}", one.largest);
    }
    return fmt::format("the {} form differ{} from the recurrence by at most {}, where it reads up to {:.4g}", names,
                       compared.others.size() > 1 ? "" : "s", numbers, compared.scale);
}

}  // namespace lw
