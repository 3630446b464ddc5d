#include "core/nn/rotary.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace lw::nn {

namespace {

// Cosines and sines of a chunk's angles, [T, Dh/2] each.
struct Angles {
    std::vector<double> frequencies;
    int first = 0;
    Matrix cosines, sines;
};

// The thread's last ones are kept: queries and keys of all layers, forward and backward, turn by the same angles.
const Angles& anglesFor(Eigen::Index T, int first, std::span<const double> frequencies) {
    thread_local Angles last;
    if (last.first == first && last.cosines.rows() == T && std::ranges::equal(last.frequencies, frequencies)) return last;
    const auto half = static_cast<Eigen::Index>(frequencies.size());
    last.frequencies.assign(frequencies.begin(), frequencies.end());
    last.first = first;
    last.cosines.resize(T, half);
    last.sines.resize(T, half);
    for (Eigen::Index t = 0; t < T; ++t) {
        for (Eigen::Index i = 0; i < half; ++i) {
            const double angle = static_cast<double>(first + t) * frequencies[static_cast<std::size_t>(i)];
            last.cosines(t, i) = static_cast<float>(std::cos(angle));
            last.sines(t, i) = static_cast<float>(std::sin(angle));
        }
    }
    return last;
}

// x and out may be the same; numbers of a head that are not turned are not touched. direction −1: backwards.
void turn(const Matrix& x, int heads, const Angles& angles, float direction, Matrix& out) {
    const Eigen::Index half = angles.cosines.cols(), width = x.cols() / heads;
    assert(x.cols() == heads * width && half * 2 <= width);
    for (Eigen::Index t = 0; t < x.rows(); ++t) {
        const float *cosines = angles.cosines.row(t).data(), *sines = angles.sines.row(t).data();
        for (int h = 0; h < heads; ++h) {
            const float* a = x.row(t).data() + h * width;
            float* o = out.row(t).data() + h * width;
            for (Eigen::Index i = 0; i < half; ++i) {
                const float c = cosines[i], s = direction * sines[i], low = a[i], high = a[i + half];
                o[i] = low * c - high * s;
                o[i + half] = high * c + low * s;
            }
        }
    }
}

}  // namespace

Tensor rotary(const Tensor& x, int heads, int first, std::span<const double> frequencies) {
    const bool whole = static_cast<Eigen::Index>(frequencies.size()) * 2 * heads == x.cols();
    Matrix out = whole ? Matrix(x.rows(), x.cols()) : x.value();
    turn(x.value(), heads, anglesFor(x.rows(), first, frequencies), 1, out);
    return Tensor::result(std::move(out), {x},
                          [x, heads, first, f = std::vector<double>(frequencies.begin(), frequencies.end())](Matrix& dy) {
                              turn(dy, heads, anglesFor(dy.rows(), first, f), -1, dy);
                              x.accumulateGrad(std::move(dy));
                          });
}

}  // namespace lw::nn
