#include "core/nn/linear.h"

#include <cassert>

#include "core/tensor/products.h"

namespace lw::nn {

namespace {

// gradient of `to` += a b, without a temporary; the first gradient to arrive is made of it.
template <class A, class B>
void addProduct(const Tensor& to, const A& a, const B& b) {
    if (to.grad().size() > 0) {
        to.gradient().noalias() += a * b;
        return;
    }
    Matrix product(to.rows(), to.cols());
    product.noalias() = a * b;
    to.accumulateGrad(std::move(product));
}

}  // namespace

Tensor linear(const Tensor& x, const Weight& weight, const Weight& bias) {
    assert(x.cols() == weight.cols());
    Matrix y(x.rows(), weight.rows());
    multiplyByTransposed(x.value(), weight, y);
    if (bias.defined()) y.rowwise() += bias.row(0);
    return Tensor::result(std::move(y), {x, weight.leaf(), bias.leaf()}, [x, weight, bias](const Matrix& dy) {
        if (x.requiresGrad()) {
            if (weight.isTrainable())
                addProduct(x, dy, weight.leaf().value());
            else
                addProduct(x, dy, weight.toMatrix());
        }
        if (weight.isTrainable()) addProduct(weight.leaf(), dy.transpose(), x.value());
        if (bias.isTrainable()) {
            Matrix& db = bias.leaf().gradient();
            for (Eigen::Index t = 0; t < dy.rows(); ++t) db += dy.row(t);
        }
    });
}

}  // namespace lw::nn
