#include "core/nn/head_dot.h"

#include <cassert>
#include <utility>

namespace lw::nn {

Tensor headDot(const Tensor& x, const Weight& weight) {
    const Eigen::Index T = x.rows(), H = weight.rows(), m = weight.cols();
    assert(x.cols() == H * m);
    const Matrix w = weight.toMatrix();
    Matrix y(T, H);
    for (Eigen::Index h = 0; h < H; ++h) y.col(h) = x.value().middleCols(h * m, m) * w.row(h).transpose();
    return Tensor::result(std::move(y), {x, weight.leaf()}, [x, weight, w, H, m](const Matrix& dy) {
        if (x.requiresGrad()) {
            Matrix dx(dy.rows(), H * m);
            for (Eigen::Index h = 0; h < H; ++h) dx.middleCols(h * m, m) = dy.col(h) * w.row(h);
            x.accumulateGrad(std::move(dx));
        }
        if (weight.isTrainable()) {
            Matrix dw(H, m);
            for (Eigen::Index h = 0; h < H; ++h) dw.row(h) = dy.col(h).transpose() * x.value().middleCols(h * m, m);
            weight.leaf().accumulateGrad(std::move(dw));
        }
    });
}

}  // namespace lw::nn
