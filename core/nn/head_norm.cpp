#include "core/nn/head_norm.h"

#include <cassert>
#include <cmath>
#include <utility>

namespace lw::nn {

namespace {

struct HeadNormKind {
    int heads = 1;
    bool centred = false, mean = true;  // mean: √(mean + eps), else √(sum + eps)
    double eps = 0;
    float offset = 0;
};

Tensor normHeads(const Tensor& x, const Weight& gain, const Weight& bias, const HeadNormKind& kind) {
    const Eigen::Index T = x.rows(), W = x.cols(), H = kind.heads, m = W / H;
    assert(m * H == W && (!gain.defined() || gain.cols() == m || gain.cols() == W));
    RowVector g = RowVector::Ones(W);
    if (gain.defined()) {
        const RowVector row = gain.row(0);
        g = (row.size() == W ? row : RowVector(row.replicate(1, H))).array() + kind.offset;
    }
    Matrix normalized(T, W), scales(T, H);
    for (Eigen::Index t = 0; t < T; ++t) {
        for (Eigen::Index h = 0; h < H; ++h) {
            const auto part = x.value().row(t).segment(h * m, m).cast<double>();
            const double middle = kind.centred ? part.mean() : 0;
            const double squares = (part.array() - middle).square().sum();
            const double s = std::sqrt((kind.mean ? squares / static_cast<double>(m) : squares) + kind.eps);
            scales(t, h) = static_cast<float>(s);
            normalized.row(t).segment(h * m, m) = ((part.array() - middle) / s).matrix().cast<float>();
        }
    }
    Matrix y = normalized.array().rowwise() * g.array();
    if (bias.defined()) y.rowwise() += bias.row(0);
    if (!x.requiresGrad() && !gain.isTrainable() && !bias.isTrainable()) return Tensor(std::move(y));
    return Tensor::result(
        std::move(y), {x, gain.leaf(), bias.leaf()},
        [x, gain, bias, kind, g, normalized = std::move(normalized), scales = std::move(scales), H, m](const Matrix& dy) {
            if (bias.isTrainable()) bias.leaf().accumulateGrad(Matrix(dy.colwise().sum()));
            if (gain.isTrainable()) {
                const RowVector all = dy.cwiseProduct(normalized).colwise().sum();
                Matrix d = all;
                if (gain.cols() == m && H > 1) {
                    d = Matrix::Zero(1, m);
                    for (Eigen::Index h = 0; h < H; ++h) d += all.segment(h * m, m);
                }
                gain.leaf().accumulateGrad(d);
            }
            if (!x.requiresGrad()) return;
            Matrix dx(dy.rows(), dy.cols());
            const double count = kind.mean ? static_cast<double>(m) : 1.0;
            for (Eigen::Index t = 0; t < dy.rows(); ++t) {
                for (Eigen::Index h = 0; h < H; ++h) {
                    const RowVectorD dn = dy.row(t).segment(h * m, m).cwiseProduct(g.segment(h * m, m)).cast<double>();
                    const RowVectorD n = normalized.row(t).segment(h * m, m).cast<double>();
                    const double along = dn.dot(n) / count, middle = kind.centred ? dn.mean() : 0.0;
                    dx.row(t).segment(h * m, m) =
                        ((dn.array() - middle - n.array() * along) / static_cast<double>(scales(t, h))).matrix().cast<float>();
                }
            }
            x.accumulateGrad(std::move(dx));
        });
}

}  // namespace

Tensor headNorm(const Tensor& x, int heads, const Weight& gain, double eps, float offset) {
    return normHeads(x, gain, {}, {.heads = heads, .eps = eps, .offset = offset});
}

Tensor groupNorm(const Tensor& x, int heads, const Weight& gain, const Weight& bias, double eps) {
    return normHeads(x, gain, bias, {.heads = heads, .centred = true, .eps = eps});
}

Tensor unitHeads(const Tensor& x, int heads, double eps) {
    return normHeads(x, {}, {}, {.heads = heads, .mean = false, .eps = eps});
}

Tensor everyOther(const Tensor& x, int m, int which) {
    const Eigen::Index blocks = x.cols() / (2 * m);
    assert(blocks * 2 * m == x.cols());
    Matrix y(x.rows(), blocks * m);
    for (Eigen::Index b = 0; b < blocks; ++b) y.middleCols(b * m, m) = x.value().middleCols((2 * b + which) * m, m);
    return Tensor::result(std::move(y), {x}, [x, m, which, blocks](const Matrix& dy) {
        Matrix dx = Matrix::Zero(x.rows(), x.cols());
        for (Eigen::Index b = 0; b < blocks; ++b) dx.middleCols((2 * b + which) * m, m) = dy.middleCols(b * m, m);
        x.accumulateGrad(std::move(dx));
    });
}

}  // namespace lw::nn
