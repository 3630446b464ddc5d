#include "core/nn/cross_entropy.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

#include "core/tensor/elementwise.h"

namespace lw::nn {

namespace {

// Mean loss of the counted rows. The softmax, which it needs anyway, is most of the gradient: kept in `gradient` (not yet divided
// by the number of counted rows) unless that is null.
double meanLoss(const Matrix& logits, std::span<const TokenId> targets, Matrix* gradient) {
    const Eigen::Index V = logits.cols();
    RowVector scratch(gradient ? 0 : V);
    if (gradient) gradient->resize(logits.rows(), V);
    double total = 0;
    int counted = 0;
    for (Eigen::Index t = 0; t < logits.rows(); ++t) {
        float* row = gradient ? gradient->row(t).data() : scratch.data();
        const TokenId target = targets[static_cast<std::size_t>(t)];
        if (target < 0) {
            if (gradient) std::fill_n(row, V, 0.0f);
            continue;
        }
        ++counted;
        const auto values = logits.row(t);
        if (!std::isfinite(values.sum())) {  // the loss is no number then, nor is its gradient
            total = std::numeric_limits<double>::quiet_NaN();
            std::fill_n(row, V, std::numeric_limits<float>::quiet_NaN());
            continue;
        }
        std::copy_n(values.data(), V, row);
        total += softmaxRow(row, V) - values(target);
        row[target] -= 1;
    }
    assert(counted > 0);
    return total / counted;
}

}  // namespace

Tensor crossEntropy(const Tensor& logits, std::span<const TokenId> targets) {
    assert(static_cast<Eigen::Index>(targets.size()) == logits.rows());
    Matrix loss(1, 1), gradient;
    loss(0, 0) = static_cast<float>(meanLoss(logits.value(), targets, logits.requiresGrad() ? &gradient : nullptr));
    std::vector<TokenId> ids(targets.begin(), targets.end());
    return Tensor::result(std::move(loss), {logits},
                          [logits, gradient = std::move(gradient), ids = std::move(ids)](const Matrix& dy) mutable {
                              if (gradient.size() == 0) meanLoss(logits.value(), ids, &gradient);  // asked a second time
                              const auto counted = std::ranges::count_if(ids, [](TokenId id) { return id >= 0; });
                              gradient *= dy(0, 0) / static_cast<float>(counted);
                              logits.accumulateGrad(std::move(gradient));
                              gradient.resize(0, 0);
                          });
}

}  // namespace lw::nn
