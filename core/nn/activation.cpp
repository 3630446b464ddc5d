#include "core/nn/activation.h"

#include <cassert>

#include "core/base/parallel.h"
#include "core/tensor/slopes.h"

namespace lw::nn {

Tensor activate(const Tensor& x, Activation activation) {
    Matrix y(x.rows(), x.cols());
    const float* from = x.value().data();
    float* to = y.data();
    parallelFor(x.value().size(), 16384,
                [&](std::int64_t begin, std::int64_t end) { lw::activate(activation, from + begin, to + begin, end - begin); });
    return Tensor::result(std::move(y), {x}, [x, activation](Matrix& dy) {
        multiplySlope(activation, x.value().data(), dy.data(), dy.data(), dy.size());
        x.accumulateGrad(std::move(dy));
    });
}

Tensor multiply(const Tensor& a, const Tensor& b) {
    assert(a.rows() == b.rows() && a.cols() == b.cols());
    Matrix y = a.value().cwiseProduct(b.value());
    return Tensor::result(std::move(y), {a, b}, [a, b](Matrix& dy) {
        if (a.requiresGrad()) a.accumulateGrad(Matrix(dy.cwiseProduct(b.value())));
        if (!b.requiresGrad()) return;
        dy = dy.cwiseProduct(a.value());
        b.accumulateGrad(std::move(dy));
    });
}

}  // namespace lw::nn
