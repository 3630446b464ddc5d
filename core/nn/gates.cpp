#include "core/nn/gates.h"

#include <cassert>
#include <cmath>
#include <utility>

#include "core/base/parallel.h"
#include "core/tensor/elementwise.h"

namespace lw::nn {

namespace {

// y = f(x) on arrays, with d y / d x = slope(x, y).
template <class Slope>
Tensor map(const Tensor& x, void (*f)(const float*, float*, std::int64_t), const Slope& slope) {
    Matrix y(x.rows(), x.cols());
    const float* from = x.value().data();
    float* to = y.data();
    parallelFor(y.size(), 16384, [&](std::int64_t begin, std::int64_t end) { f(from + begin, to + begin, end - begin); });
    if (!x.requiresGrad()) return Tensor(std::move(y));
    const Matrix kept = y;
    return Tensor::result(std::move(y), {x}, [x, kept, slope](const Matrix& dy) {
        Matrix dx(dy.rows(), dy.cols());
        for (Eigen::Index i = 0; i < dy.size(); ++i) dx.data()[i] = dy.data()[i] * slope(x.value().data()[i], kept.data()[i]);
        x.accumulateGrad(std::move(dx));
    });
}

}  // namespace

Tensor sigmoid(const Tensor& x) {
    return map(x, lw::sigmoid, [](float, float y) { return y * (1 - y); });
}

Tensor tanh(const Tensor& x) {
    return map(x, lw::tanh, [](float, float y) { return 1 - y * y; });
}

Tensor softplus(const Tensor& x) {
    return map(x, lw::softplus, [](float v, float y) { return v > 20 ? 1.0f : 1 - std::exp(-y); });
}

Tensor exp(const Tensor& x) {
    return map(x, lw::exp, [](float, float y) { return y; });
}

Tensor negativeExp(const Weight& logarithms) {
    Matrix y = logarithms.toMatrix();
    lw::exp(y.data(), y.data(), y.size());
    y = -y;
    if (!logarithms.isTrainable()) return Tensor(std::move(y));
    const Matrix kept = y;
    return Tensor::result(std::move(y), {logarithms.leaf()}, [logarithms, kept](const Matrix& dy) {
        logarithms.leaf().accumulateGrad(Matrix(dy.cwiseProduct(kept)));
    });
}

Tensor addBias(const Tensor& x, const Weight& bias) {
    if (!bias.defined()) return x;
    assert(bias.cols() == x.cols());
    Matrix y = x.value();
    y.rowwise() += bias.row(0);
    return Tensor::result(std::move(y), {x, bias.leaf()}, [x, bias](const Matrix& dy) {
        if (x.requiresGrad()) x.accumulateGrad(dy);
        if (bias.isTrainable()) bias.leaf().accumulateGrad(Matrix(dy.colwise().sum()));
    });
}

Tensor scaleColumns(const Tensor& x, const Weight& gain) {
    const Eigen::Index H = gain.cols(), m = x.cols() / H;
    assert(H * m == x.cols());
    const RowVector w = gain.row(0);
    Matrix y(x.rows(), x.cols());
    for (Eigen::Index h = 0; h < H; ++h) y.middleCols(h * m, m) = x.value().middleCols(h * m, m) * w(h);
    return Tensor::result(std::move(y), {x, gain.leaf()}, [x, gain, w, H, m](const Matrix& dy) {
        if (x.requiresGrad()) {
            Matrix dx(dy.rows(), dy.cols());
            for (Eigen::Index h = 0; h < H; ++h) dx.middleCols(h * m, m) = dy.middleCols(h * m, m) * w(h);
            x.accumulateGrad(std::move(dx));
        }
        if (gain.isTrainable()) {
            Matrix dw(1, H);
            for (Eigen::Index h = 0; h < H; ++h)
                dw(0, h) = dy.middleCols(h * m, m).cwiseProduct(x.value().middleCols(h * m, m)).sum();
            gain.leaf().accumulateGrad(std::move(dw));
        }
    });
}

Tensor scaleHeads(const Tensor& x, const Tensor& by) {
    const Eigen::Index H = by.cols(), m = x.cols() / H;
    assert(H * m == x.cols() && by.rows() == x.rows());
    Matrix y(x.rows(), x.cols());
    for (Eigen::Index h = 0; h < H; ++h)
        y.middleCols(h * m, m) = (x.value().middleCols(h * m, m).array().colwise() * by.value().col(h).array()).matrix();
    return Tensor::result(std::move(y), {x, by}, [x, by, H, m](const Matrix& dy) {
        if (x.requiresGrad()) {
            Matrix dx(dy.rows(), dy.cols());
            for (Eigen::Index h = 0; h < H; ++h)
                dx.middleCols(h * m, m) = (dy.middleCols(h * m, m).array().colwise() * by.value().col(h).array()).matrix();
            x.accumulateGrad(std::move(dx));
        }
        if (by.requiresGrad()) {
            Matrix d(dy.rows(), H);
            for (Eigen::Index h = 0; h < H; ++h)
                d.col(h) = dy.middleCols(h * m, m).cwiseProduct(x.value().middleCols(h * m, m)).rowwise().sum();
            by.accumulateGrad(d);
        }
    });
}

Tensor scaleByRow(const Tensor& x, const Tensor& row) {
    assert(row.rows() == 1 && row.cols() == x.cols());
    Matrix y = x.value().array().rowwise() * row.value().row(0).array();
    return Tensor::result(std::move(y), {x, row}, [x, row](const Matrix& dy) {
        if (x.requiresGrad()) x.accumulateGrad(Matrix(dy.array().rowwise() * row.value().row(0).array()));
        if (row.requiresGrad()) row.accumulateGrad(Matrix(dy.cwiseProduct(x.value()).colwise().sum()));
    });
}

Tensor clamp(const Tensor& x, float least, float most) {
    Matrix y = x.value().cwiseMax(least).cwiseMin(most);
    return Tensor::result(std::move(y), {x}, [x, least, most](const Matrix& dy) {
        const auto inside = x.value().array() >= least && x.value().array() <= most;
        x.accumulateGrad(Matrix(inside.select(dy.array(), 0.0f)));
    });
}

Tensor scale(const Tensor& x, float factor) {
    return Tensor::result(Matrix(x.value() * factor), {x},
                          [x, factor](const Matrix& dy) { x.accumulateGrad(Matrix(dy * factor)); });
}

Tensor columns(const Tensor& x, Eigen::Index first, Eigen::Index count) {
    assert(first >= 0 && first + count <= x.cols());
    return Tensor::result(Matrix(x.value().middleCols(first, count)), {x}, [x, first, count](const Matrix& dy) {
        Matrix dx = Matrix::Zero(x.rows(), x.cols());
        dx.middleCols(first, count) = dy;
        x.accumulateGrad(std::move(dx));
    });
}

Tensor columnsOfHeads(const Tensor& x, Eigen::Index width, Eigen::Index first, Eigen::Index count) {
    const Eigen::Index heads = x.cols() / width;
    assert(heads * width == x.cols() && first + count <= width);
    Matrix y(x.rows(), heads * count);
    for (Eigen::Index h = 0; h < heads; ++h) y.middleCols(h * count, count) = x.value().middleCols(h * width + first, count);
    return Tensor::result(std::move(y), {x}, [x, width, first, count, heads](const Matrix& dy) {
        Matrix dx = Matrix::Zero(x.rows(), x.cols());
        for (Eigen::Index h = 0; h < heads; ++h) dx.middleCols(h * width + first, count) = dy.middleCols(h * count, count);
        x.accumulateGrad(std::move(dx));
    });
}

Tensor beside(const std::vector<Tensor>& parts) {
    Eigen::Index cols = 0;
    for (const Tensor& part : parts) cols += part.cols();
    Matrix y(parts.front().rows(), cols);
    Eigen::Index at = 0;
    for (const Tensor& part : parts) {
        y.middleCols(at, part.cols()) = part.value();
        at += part.cols();
    }
    return Tensor::result(std::move(y), parts, [parts](const Matrix& dy) {
        Eigen::Index from = 0;
        for (const Tensor& part : parts) {
            if (part.requiresGrad()) part.accumulateGrad(Matrix(dy.middleCols(from, part.cols())));
            from += part.cols();
        }
    });
}

Tensor repeatHeads(const Tensor& x, int heads, int times) {
    if (times == 1) return x;
    const Eigen::Index m = x.cols() / heads;
    Matrix y(x.rows(), x.cols() * times);
    for (Eigen::Index h = 0; h < heads; ++h) {
        for (Eigen::Index i = 0; i < times; ++i) y.middleCols((h * times + i) * m, m) = x.value().middleCols(h * m, m);
    }
    return Tensor::result(std::move(y), {x}, [x, heads, times, m](const Matrix& dy) {
        Matrix dx = Matrix::Zero(x.rows(), x.cols());
        for (Eigen::Index h = 0; h < heads; ++h) {
            for (Eigen::Index i = 0; i < times; ++i) dx.middleCols(h * m, m) += dy.middleCols((h * times + i) * m, m);
        }
        x.accumulateGrad(std::move(dx));
    });
}

}  // namespace lw::nn
