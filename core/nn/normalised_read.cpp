#include "core/nn/normalised_read.h"

#include <cmath>
#include <utility>

namespace lw::nn {

Tensor eluPlusOne(const Tensor& x) {
    Matrix y = x.value().unaryExpr([](float v) { return v > 0 ? v + 1 : std::exp(v); });
    return Tensor::result(std::move(y), {x}, [x](const Matrix& dy) {
        x.accumulateGrad(Matrix(dy.binaryExpr(x.value(), [](float d, float v) { return v > 0 ? d : d * std::exp(v); })));
    });
}

Tensor withOnes(const Tensor& x, int heads) {
    const Eigen::Index m = x.cols() / heads;
    Matrix y = Matrix::Ones(x.rows(), x.cols() + heads);
    for (Eigen::Index h = 0; h < heads; ++h) y.middleCols(h * (m + 1), m) = x.value().middleCols(h * m, m);
    return Tensor::result(std::move(y), {x}, [x, heads, m](const Matrix& dy) {
        Matrix dx(x.rows(), x.cols());
        for (Eigen::Index h = 0; h < heads; ++h) dx.middleCols(h * m, m) = dy.middleCols(h * (m + 1), m);
        x.accumulateGrad(std::move(dx));
    });
}

Tensor divideByLast(const Tensor& x, int heads, float eps) {
    const Eigen::Index m = x.cols() / heads - 1;
    Matrix y(x.rows(), heads * m);
    for (Eigen::Index h = 0; h < heads; ++h) {
        y.middleCols(h * m, m) =
            (x.value().middleCols(h * (m + 1), m).array().colwise() / (x.value().col(h * (m + 1) + m).array() + eps)).matrix();
    }
    return Tensor::result(std::move(y), {x}, [x, heads, m, eps](const Matrix& dy) {
        Matrix dx(x.rows(), x.cols());
        for (Eigen::Index h = 0; h < heads; ++h) {
            const auto above = x.value().middleCols(h * (m + 1), m).array();
            const auto below = x.value().col(h * (m + 1) + m).array() + eps;
            const auto d = dy.middleCols(h * m, m).array();
            dx.middleCols(h * (m + 1), m) = (d.colwise() / below).matrix();
            dx.col(h * (m + 1) + m) = (-(d * above).rowwise().sum() / below.square()).matrix();
        }
        x.accumulateGrad(std::move(dx));
    });
}

}  // namespace lw::nn
