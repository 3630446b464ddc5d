#include "core/nn/cross_entropy.h"

#include <cassert>
#include <cmath>
#include <vector>

namespace lw::nn {

namespace {

double logSumExp(const float* row, Eigen::Index n, double maximum) {
    double sum = 0;
    for (Eigen::Index i = 0; i < n; ++i) sum += std::exp(row[i] - maximum);
    return maximum + std::log(sum);
}

}  // namespace

Tensor crossEntropy(const Tensor& logits, std::span<const TokenId> targets) {
    assert(static_cast<Eigen::Index>(targets.size()) == logits.rows());
    double total = 0;
    int counted = 0;
    for (Eigen::Index t = 0; t < logits.rows(); ++t) {
        if (targets[t] < 0) continue;
        const auto row = logits.value().row(t);
        total += logSumExp(row.data(), row.size(), row.maxCoeff()) - row(targets[t]);
        ++counted;
    }
    assert(counted > 0);
    Matrix loss(1, 1);
    loss(0, 0) = static_cast<float>(total / counted);
    return Tensor::result(std::move(loss), {logits},
                          [logits, ids = std::vector<TokenId>(targets.begin(), targets.end()), counted](const Matrix& dy) {
                              Matrix d = Matrix::Zero(logits.rows(), logits.cols());
                              for (Eigen::Index t = 0; t < logits.rows(); ++t) {
                                  if (ids[t] < 0) continue;
                                  const auto row = logits.value().row(t);
                                  const double lse = logSumExp(row.data(), row.size(), row.maxCoeff());
                                  for (Eigen::Index v = 0; v < row.size(); ++v) {
                                      const double p = std::exp(row(v) - lse) - (v == ids[t] ? 1.0 : 0.0);
                                      d(t, v) = static_cast<float>(dy(0, 0) * p / counted);
                                  }
                              }
                              logits.accumulateGrad(d);
                          });
}

}  // namespace lw::nn
