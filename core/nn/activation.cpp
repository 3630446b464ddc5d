#include "core/nn/activation.h"

#include <cassert>

#include "core/base/parallel.h"

namespace lw::nn {

Tensor activate(const Tensor& x, Activation activation) {
    Matrix y(x.rows(), x.cols());
    const float* from = x.value().data();
    float* to = y.data();
    parallelFor(x.value().size(), 16384,
                [&](std::int64_t begin, std::int64_t end) { lw::activate(activation, from + begin, to + begin, end - begin); });
    return Tensor::result(std::move(y), {x}, [x, activation](const Matrix& dy) {
        Matrix dx(dy.rows(), dy.cols());
        for (Eigen::Index i = 0; i < dy.size(); ++i) {
            dx.data()[i] = static_cast<float>(dy.data()[i] * activationSlope(activation, x.value().data()[i]));
        }
        x.accumulateGrad(dx);
    });
}

Tensor multiply(const Tensor& a, const Tensor& b) {
    assert(a.rows() == b.rows() && a.cols() == b.cols());
    Matrix y = a.value().cwiseProduct(b.value());
    return Tensor::result(std::move(y), {a, b}, [a, b](const Matrix& dy) {
        if (a.requiresGrad()) a.accumulateGrad(Matrix(dy.cwiseProduct(b.value())));
        if (b.requiresGrad()) b.accumulateGrad(Matrix(dy.cwiseProduct(a.value())));
    });
}

}  // namespace lw::nn
