#include "core/nn/window.h"

#include <cassert>
#include <utility>

namespace lw::nn {

Tensor windows(const Tensor& x, int n, Eigen::Index before) {
    const Eigen::Index T = x.rows() - before, D = x.cols();
    assert(T > 0 && before >= 0 && n > 0);
    Matrix y = Matrix::Zero(T, n * D);
    for (Eigen::Index t = 0; t < T; ++t) {
        for (Eigen::Index i = 0; i < n; ++i) {
            const Eigen::Index from = before + t - (n - 1) + i;
            if (from >= 0) y.row(t).segment(i * D, D) = x.value().row(from);
        }
    }
    return Tensor::result(std::move(y), {x}, [x, n, before, T, D](const Matrix& dy) {
        Matrix dx = Matrix::Zero(x.rows(), D);
        for (Eigen::Index t = 0; t < T; ++t) {
            for (Eigen::Index i = 0; i < n; ++i) {
                const Eigen::Index from = before + t - (n - 1) + i;
                if (from >= 0) dx.row(from) += dy.row(t).segment(i * D, D);
            }
        }
        x.accumulateGrad(std::move(dx));
    });
}

Tensor tokenShift(const Tensor& x, const Weight& mix, const Matrix& past) {
    const Eigen::Index T = x.rows();
    assert(mix.cols() == x.cols() && past.rows() == 1 && past.cols() == x.cols());
    Matrix change(T, x.cols());  // x_{t−1} − x_t
    change.row(0) = past.row(0) - x.value().row(0);
    if (T > 1) change.bottomRows(T - 1) = x.value().topRows(T - 1) - x.value().bottomRows(T - 1);
    const RowVector by = mix.row(0);
    Matrix y = x.value();
    y.array() += change.array().rowwise() * by.array();
    if (!x.requiresGrad() && !mix.isTrainable()) return Tensor(std::move(y));
    return Tensor::result(std::move(y), {x, mix.leaf()}, [x, mix, by, change = std::move(change), T](const Matrix& dy) {
        if (mix.isTrainable()) mix.leaf().accumulateGrad(Matrix(dy.cwiseProduct(change).colwise().sum()));
        if (!x.requiresGrad()) return;
        const Matrix mixed = dy.array().rowwise() * by.array();
        Matrix dx = dy - mixed;
        if (T > 1) dx.topRows(T - 1) += mixed.bottomRows(T - 1);
        x.accumulateGrad(std::move(dx));
    });
}

}  // namespace lw::nn
