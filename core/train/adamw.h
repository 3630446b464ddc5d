// AdamW: Adam whose weight decay does not pass through the moments.
// Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2, with the decay scaled by the rate as
// PyTorch's torch.optim.AdamW does.
#pragma once

#include <cstdint>

namespace lw::train {

struct AdamW {
    double beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8;

    /// One step over n values. `step` counts from 1; `rate` is the learning rate, `decay` the weight decay (0 for gains and
    /// biases); gradients are multiplied by `gradientScale` first (clipping).
    ///   w ← w − rate · decay · w
    ///   m ← β₁ m + (1 − β₁) g        v ← β₂ v + (1 − β₂) g²
    ///   w ← w − rate · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
    void update(float* w, const float* g, float* m, float* v, std::int64_t n, std::int64_t step, double rate, double decay,
                double gradientScale) const;
};

/// Σ g² in double, in order.
double sumOfSquares(const float* g, std::int64_t n);

/// What gradients with this norm are multiplied by so that it is at most `limit` (limit 0: never).
double clippingScale(double norm, double limit);

}  // namespace lw::train
