// The learning rate of each step: a straight rise, then half a cosine down to a floor.
// Source: Loshchilov and Hutter 2017, "SGDR", eq. 5 without restarts; the rise as in Vaswani et al. 2017.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace lw::train {

struct Schedule {
    double peak = 1e-3;
    double floor = 1e-4;
    std::int64_t warmup = 0, steps = 1;

    /// step counts from 0. peak · (step + 1) / warmup while step < warmup; then from peak (at step = warmup) along the cosine,
    /// which would reach the floor at step = steps.
    double rate(std::int64_t step) const {
        if (step < warmup) return peak * static_cast<double>(step + 1) / static_cast<double>(warmup);
        const double along = static_cast<double>(step - warmup) / static_cast<double>(std::max<std::int64_t>(1, steps - warmup));
        return floor + (peak - floor) * 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, along)));
    }
};

}  // namespace lw::train
