#include "core/nn/add.h"

#include <cassert>

namespace lw::nn {

Tensor add(const Tensor& a, const Tensor& b) {
    assert(a.rows() == b.rows() && a.cols() == b.cols());
    Matrix y = a.value() + b.value();
    return Tensor::result(std::move(y), {a, b}, [a, b](Matrix& dy) {
        a.accumulateGrad(dy);
        b.accumulateGrad(std::move(dy));
    });
}

}  // namespace lw::nn
