// What the parts' tensors start as where their names do not say it (models/init.h).
#pragma once

#include <cmath>

#include "core/models/init.h"

namespace lw {

/// Taps of a convolution of single channels: uniform within ±1/√taps, as torch.nn.Conv1d's.
inline Init convolutionInit(int taps) { return Init::uniform(-1 / std::sqrt(taps), 1 / std::sqrt(taps)); }

/// Biases of a step size that passes through softplus: steps from 0.001 to 0.1, evenly in their logarithm.
/// Source: Gu and Dao 2023, section 3.6.
inline Init stepBiasInit() {
    return Init::values([](std::int64_t, std::int64_t, Pcg32& random) {
        const double step = 0.001 * std::pow(100.0, random.uniform());
        return step + std::log(-std::expm1(-step));  // softplus⁻¹
    });
}

/// A_log of a diagonal state matrix: A = −(1, 2, …, N) in every channel (Gu et al. 2022, S4D-Real).
inline Init diagonalInit() {
    return Init::values([](std::int64_t, std::int64_t n, Pcg32&) { return std::log(static_cast<double>(n + 1)); });
}

/// A_log of one number a head: A = −(uniform from 1 to 16) (Dao and Gu 2024).
inline Init scalarDecayInit() {
    return Init::values([](std::int64_t, std::int64_t, Pcg32& random) { return std::log(1 + 15 * random.uniform()); });
}

}  // namespace lw
