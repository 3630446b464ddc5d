#include "core/nn/norm.h"

#include <cassert>

#include "core/tensor/row_norm.h"

namespace lw::nn {

namespace {

Normalized normalize(const Tensor& x, const Weight& gain, const Weight& bias, bool centred, double eps, float offset) {
    assert(gain.cols() == x.cols());
    const Eigen::Index T = x.rows(), D = x.cols();
    Matrix scale(T, 1), normalized(T, D), out(T, D);
    const RowVector w = gain.row(0).array() + offset;
    const RowVector b = bias.defined() ? bias.row(0) : RowVector();
    for (Eigen::Index t = 0; t < T; ++t) {
        double mean = 0;
        scale(t, 0) = rowScale(x.value().row(t).data(), D, centred, eps, mean);
        normalizeRow(x.value().row(t).data(), D, mean, scale(t, 0), normalized.row(t).data());
        out.row(t) = normalized.row(t).cwiseProduct(w);
        if (b.size() > 0) out.row(t) += b;
    }
    Normalized result{Tensor(std::move(scale)), Tensor(std::move(normalized)), {}};
    const Tensor s = result.scale, n = result.normalized;
    result.out =
        Tensor::result(std::move(out), {x, gain.leaf(), bias.leaf()}, [x, gain, bias, s, n, w, centred](const Matrix& dy) {
            if (gain.isTrainable()) gain.leaf().accumulateGrad(Matrix(dy.cwiseProduct(n.value()).colwise().sum()));
            if (bias.isTrainable()) bias.leaf().accumulateGrad(Matrix(dy.colwise().sum()));
            if (!x.requiresGrad()) return;
            const RowVector& weights = w;
            const auto width = static_cast<double>(x.cols());
            Matrix dx(dy.rows(), dy.cols());
            for (Eigen::Index t = 0; t < dy.rows(); ++t) {
                // dn = dy ⊙ gain;  dx = (dn − [mean(dn)] − n · mean(dn ⊙ n)) / scale, the bracket only when centred
                const RowVectorD dn = dy.row(t).cwiseProduct(weights).cast<double>();
                const RowVectorD nt = n.value().row(t).cast<double>();
                const double along = dn.dot(nt) / width;
                const double mean = centred ? dn.sum() / width : 0.0;
                dx.row(t) = ((dn.array() - mean - nt.array() * along) / s.value()(t, 0)).matrix().cast<float>();
            }
            x.accumulateGrad(dx);
        });
    return result;
}

}  // namespace

Normalized layerNorm(const Tensor& x, const Weight& gain, const Weight& bias, double eps) {
    return normalize(x, gain, bias, true, eps, 0);
}

Normalized rmsNorm(const Tensor& x, const Weight& gain, double eps, float offset) {
    return normalize(x, gain, Weight(), false, eps, offset);
}

}  // namespace lw::nn
