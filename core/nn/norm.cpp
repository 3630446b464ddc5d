#include "core/nn/norm.h"

#include <cassert>

#include "core/tensor/elementwise.h"
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
    result.out = Tensor::result(std::move(out), {x, gain.leaf(), bias.leaf()}, [x, gain, bias, s, n, w, centred](Matrix& dy) {
        if (gain.isTrainable()) {
            Matrix& dg = gain.leaf().gradient();
            for (Eigen::Index t = 0; t < dy.rows(); ++t) dg += dy.row(t).cwiseProduct(n.value().row(t));
        }
        if (bias.isTrainable()) {
            Matrix& db = bias.leaf().gradient();
            for (Eigen::Index t = 0; t < dy.rows(); ++t) db += dy.row(t);
        }
        if (!x.requiresGrad()) return;
        const Eigen::Index width = x.cols();
        const auto share = 1 / static_cast<float>(width);
        const RowVector ones = centred ? RowVector::Ones(width) : RowVector();
        for (Eigen::Index t = 0; t < dy.rows(); ++t) {
            // dn = dy ⊙ gain;  dx = (dn − [mean(dn)] − n · mean(dn ⊙ n)) / scale, the bracket only when centred
            auto dn = dy.row(t).array();
            const auto nt = n.value().row(t).array();
            dn *= w.array();
            const float* from = dy.row(t).data();
            const float along = dot(from, n.value().row(t).data(), width) * share;
            const float mean = centred ? dot(from, ones.data(), width) * share : 0.0f;
            dn = (dn - mean - nt * along) * (1 / s.value()(t, 0));
        }
        x.accumulateGrad(std::move(dy));
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
