#include "core/nn/expert_routing.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/tensor/elementwise.h"

namespace lw::nn {

Tensor chooseExperts(const Tensor& logits, int chosen, bool normalised) {
    const Eigen::Index T = logits.rows(), X = logits.cols();
    Matrix all = logits.value(), kept = Matrix::Zero(T, X);
    std::vector<int> order(static_cast<std::size_t>(X));
    for (Eigen::Index t = 0; t < T; ++t) {
        softmaxRow(all.row(t).data(), X);
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return all(t, a) > all(t, b); });
        float sum = 0;
        for (int i = 0; i < chosen; ++i) sum += all(t, order[static_cast<std::size_t>(i)]);
        for (int i = 0; i < chosen; ++i) {
            const int x = order[static_cast<std::size_t>(i)];
            kept(t, x) = normalised ? all(t, x) / sum : all(t, x);
        }
    }
    if (!logits.requiresGrad()) return Tensor(std::move(kept));
    const Matrix weights = kept;
    return Tensor::result(std::move(kept), {logits}, [logits, all, weights, normalised](const Matrix& dy) {
        Matrix d(dy.rows(), dy.cols());
        for (Eigen::Index t = 0; t < dy.rows(); ++t) {
            // Normalised, the chosen weights are a softmax among themselves; else entries of the softmax over all.
            double along = 0;
            for (Eigen::Index x = 0; x < dy.cols(); ++x) along += static_cast<double>(weights(t, x)) * dy(t, x);
            for (Eigen::Index x = 0; x < dy.cols(); ++x) {
                const float mine = weights(t, x) > 0 ? dy(t, x) : 0;
                const float p = normalised ? weights(t, x) : all(t, x);
                d(t, x) = p * (mine - static_cast<float>(along));
            }
        }
        logits.accumulateGrad(d);
    });
}

std::vector<int> rowsOfExpert(const Tensor& weights, int expert) {
    std::vector<int> rows;
    for (Eigen::Index t = 0; t < weights.rows(); ++t) {
        if (weights.value()(t, expert) != 0) rows.push_back(static_cast<int>(t));
    }
    return rows;
}

Tensor takeRows(const Tensor& x, const std::vector<int>& rows) {
    Matrix y(static_cast<Eigen::Index>(rows.size()), x.cols());
    for (std::size_t i = 0; i < rows.size(); ++i) y.row(static_cast<Eigen::Index>(i)) = x.value().row(rows[i]);
    return Tensor::result(std::move(y), {x}, [x, rows](const Matrix& dy) {
        Matrix dx = Matrix::Zero(x.rows(), x.cols());
        for (std::size_t i = 0; i < rows.size(); ++i) dx.row(rows[i]) += dy.row(static_cast<Eigen::Index>(i));
        x.accumulateGrad(std::move(dx));
    });
}

Tensor placeRows(const Tensor& x, const std::vector<int>& rows, Eigen::Index count) {
    Matrix y = Matrix::Zero(count, x.cols());
    for (std::size_t i = 0; i < rows.size(); ++i) y.row(rows[i]) = x.value().row(static_cast<Eigen::Index>(i));
    return Tensor::result(std::move(y), {x}, [x, rows](const Matrix& dy) {
        Matrix dx(x.rows(), x.cols());
        for (std::size_t i = 0; i < rows.size(); ++i) dx.row(static_cast<Eigen::Index>(i)) = dy.row(rows[i]);
        x.accumulateGrad(std::move(dx));
    });
}

}  // namespace lw::nn
