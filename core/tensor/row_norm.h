// The normalisation of one row, shared by nn's norms and by what a Trace derives, so that both give the same bits.
#pragma once

#include <cmath>
#include <cstdint>

namespace lw {

/// √(mean(x̃²) + eps), x̃ = x − mean(x) if `centred`, else x. n values; sums in double. Writes the mean used (0 if not centred).
inline float rowScale(const float* x, std::int64_t n, bool centred, double eps, double& mean) {
    mean = 0;
    if (centred) {
        for (std::int64_t i = 0; i < n; ++i) mean += x[i];
        mean /= static_cast<double>(n);
    }
    double squares = 0;
    for (std::int64_t i = 0; i < n; ++i) {
        const double d = x[i] - mean;
        squares += d * d;
    }
    return static_cast<float>(std::sqrt(squares / static_cast<double>(n) + eps));
}

/// out = (x − mean) / scale
inline void normalizeRow(const float* x, std::int64_t n, double mean, float scale, float* out) {
    const auto m = static_cast<float>(mean);
    for (std::int64_t i = 0; i < n; ++i) out[i] = (x[i] - m) / scale;
}

}  // namespace lw
