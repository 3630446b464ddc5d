// Elementwise functions and row softmax.
#include "core/tensor/elementwise.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace lw {

float geluTanh(float x) {
    const double v = x;
    return static_cast<float>(0.5 * v * (1 + std::tanh(0.7978845608028654 * (v + 0.044715 * v * v * v))));
}
float geluErf(float x) { return static_cast<float>(0.5 * x * std::erfc(-x * 0.7071067811865476)); }
float silu(float x) { return static_cast<float>(x / (1 + std::exp(-static_cast<double>(x)))); }
float quickGelu(float x) { return static_cast<float>(x / (1 + std::exp(-1.702 * x))); }
float relu(float x) { return x > 0 ? x : 0; }

void geluTanh(const float* x, float* y, std::int64_t n) {
    std::transform(x, x + n, y, [](float v) { return geluTanh(v); });
}
void geluErf(const float* x, float* y, std::int64_t n) {
    std::transform(x, x + n, y, [](float v) { return geluErf(v); });
}
void silu(const float* x, float* y, std::int64_t n) {
    std::transform(x, x + n, y, [](float v) { return silu(v); });
}
void quickGelu(const float* x, float* y, std::int64_t n) {
    std::transform(x, x + n, y, [](float v) { return quickGelu(v); });
}
void relu(const float* x, float* y, std::int64_t n) {
    std::transform(x, x + n, y, [](float v) { return relu(v); });
}

void softmaxRow(float* scores, std::int64_t n) {
    const float highest = *std::max_element(scores, scores + n);
    assert(std::isfinite(highest));
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += scores[i] = std::exp(scores[i] - highest);
    const float scale = static_cast<float>(1 / sum);
    for (std::int64_t i = 0; i < n; ++i) scores[i] *= scale;
}

float dot(const float* a, const float* b, std::int64_t n) {
    float sums[16] = {};
    std::int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
        for (int k = 0; k < 16; ++k) sums[k] += a[i + k] * b[i + k];
    }
    float sum = 0;
    for (const float part : sums) sum += part;
    for (; i < n; ++i) sum += a[i] * b[i];
    return sum;
}

void addScaled(float scale, const float* x, float* y, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) y[i] += scale * x[i];
}

}  // namespace lw
