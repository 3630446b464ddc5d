#include "core/nn/linear.h"

#include <cassert>

#include "core/tensor/products.h"

namespace lw::nn {

Tensor linear(const Tensor& x, const Weight& weight, const Weight& bias) {
    assert(x.cols() == weight.cols());
    Matrix y(x.rows(), weight.rows());
    multiplyByTransposed(x.value(), weight, y);
    if (bias.defined()) y.rowwise() += bias.row(0);
    return Tensor::result(std::move(y), {x, weight.leaf(), bias.leaf()}, [x, weight, bias](const Matrix& dy) {
        if (x.requiresGrad()) {
            Matrix dx = weight.isTrainable() ? Matrix(dy * weight.leaf().value()) : Matrix(dy * weight.toMatrix());
            x.accumulateGrad(dx);
        }
        if (weight.isTrainable()) {
            Matrix dw = dy.transpose() * x.value();
            weight.leaf().accumulateGrad(dw);
        }
        if (bias.isTrainable()) {
            Matrix db = dy.colwise().sum();
            bias.leaf().accumulateGrad(db);
        }
    });
}

}  // namespace lw::nn
