#include "core/train/adamw.h"

#include <cmath>

namespace lw::train {

void AdamW::update(float* w, const float* g, float* m, float* v, std::int64_t n, std::int64_t step, double rate, double decay,
                   double gradientScale) const {
    const double t = static_cast<double>(step);
    const auto keep = static_cast<float>(1 - rate * decay);
    const auto scale = static_cast<float>(gradientScale);
    const auto b1 = static_cast<float>(beta1), b2 = static_cast<float>(beta2);
    const auto c1 = static_cast<float>(1 - beta1), c2 = static_cast<float>(1 - beta2);
    const auto stride = static_cast<float>(rate / (1 - std::pow(beta1, t)));
    const auto root = static_cast<float>(1 / std::sqrt(1 - std::pow(beta2, t)));
    const auto eps = static_cast<float>(epsilon);
    for (std::int64_t i = 0; i < n; ++i) {
        const float gradient = scale * g[i];
        m[i] = b1 * m[i] + c1 * gradient;
        v[i] = b2 * v[i] + c2 * gradient * gradient;
        w[i] = keep * w[i] - stride * m[i] / (std::sqrt(v[i]) * root + eps);
    }
}

double sumOfSquares(const float* g, std::int64_t n) {
    double sums[4] = {};
    std::int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
        for (std::int64_t k = 0; k < 4; ++k) sums[k] += static_cast<double>(g[i + k]) * g[i + k];
    }
    for (; i < n; ++i) sums[0] += static_cast<double>(g[i]) * g[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

double clippingScale(double norm, double limit) { return limit > 0 && norm > limit ? limit / norm : 1.0; }

}  // namespace lw::train
