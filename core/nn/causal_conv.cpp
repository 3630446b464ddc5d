#include "core/nn/causal_conv.h"

#include <cassert>
#include <utility>

namespace lw::nn {

Tensor causalConv(const Tensor& x, const Weight& weight, const Weight& bias, Matrix& past) {
    const Eigen::Index T = x.rows(), C = x.cols(), taps = weight.cols(), before = taps - 1;
    assert(weight.rows() == C && past.rows() == before && past.cols() == C);
    Matrix inputs(before + T, C);
    inputs << past, x.value();
    past = inputs.bottomRows(before);
    const Matrix byTap = weight.toMatrix().transpose();  // [taps, C]
    Matrix y(T, C);
    if (bias.defined()) {
        y.rowwise() = bias.row(0);
    } else {
        y.setZero();
    }
    for (Eigen::Index t = 0; t < T; ++t) {
        for (Eigen::Index j = 0; j < taps; ++j) y.row(t) += inputs.row(t + j).cwiseProduct(byTap.row(j));
    }
    if (!x.requiresGrad() && !weight.isTrainable() && !bias.isTrainable()) return Tensor(std::move(y));
    return Tensor::result(std::move(y), {x, weight.leaf(), bias.leaf()},
                          [x, weight, bias, inputs = std::move(inputs), byTap](const Matrix& dy) {
                              const Eigen::Index rows = dy.rows(), count = byTap.rows();
                              if (x.requiresGrad()) {
                                  Matrix d = Matrix::Zero(inputs.rows(), inputs.cols());
                                  for (Eigen::Index t = 0; t < rows; ++t) {
                                      for (Eigen::Index j = 0; j < count; ++j)
                                          d.row(t + j) += dy.row(t).cwiseProduct(byTap.row(j));
                                  }
                                  x.accumulateGrad(Matrix(d.bottomRows(rows)));
                              }
                              if (weight.isTrainable()) {
                                  Matrix dw(weight.rows(), count);
                                  for (Eigen::Index j = 0; j < count; ++j)
                                      dw.col(j) = dy.cwiseProduct(inputs.middleRows(j, rows)).colwise().sum().transpose();
                                  weight.leaf().accumulateGrad(std::move(dw));
                              }
                              if (bias.isTrainable()) bias.leaf().accumulateGrad(Matrix(dy.colwise().sum()));
                          });
}

}  // namespace lw::nn
