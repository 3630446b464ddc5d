#include "core/nn/rotary.h"

#include <cassert>
#include <cmath>
#include <vector>

namespace lw::nn {

namespace {

Matrix turn(const Matrix& x, int heads, int first, std::span<const double> frequencies, double direction) {
    const auto half = static_cast<Eigen::Index>(frequencies.size());
    const Eigen::Index width = x.cols() / heads;
    assert(x.cols() == heads * width && half * 2 <= width);
    Matrix out = half * 2 < width ? x : Matrix(x.rows(), x.cols());
    std::vector<float> cosines(half), sines(half);
    for (Eigen::Index t = 0; t < x.rows(); ++t) {
        for (Eigen::Index i = 0; i < half; ++i) {
            const double angle = static_cast<double>(first + t) * frequencies[i] * direction;
            cosines[i] = static_cast<float>(std::cos(angle));
            sines[i] = static_cast<float>(std::sin(angle));
        }
        for (int h = 0; h < heads; ++h) {
            const float* a = x.row(t).data() + h * width;
            float* o = out.row(t).data() + h * width;
            for (Eigen::Index i = 0; i < half; ++i) {
                o[i] = a[i] * cosines[i] - a[i + half] * sines[i];
                o[i + half] = a[i + half] * cosines[i] + a[i] * sines[i];
            }
        }
    }
    return out;
}

}  // namespace

Tensor rotary(const Tensor& x, int heads, int first, std::span<const double> frequencies) {
    Matrix out = turn(x.value(), heads, first, frequencies, 1.0);
    return Tensor::result(std::move(out), {x},
                          [x, heads, first, f = std::vector<double>(frequencies.begin(), frequencies.end())](const Matrix& dy) {
                              x.accumulateGrad(turn(dy, heads, first, f, -1.0));
                          });
}

}  // namespace lw::nn
