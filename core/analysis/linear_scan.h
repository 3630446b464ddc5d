// A linear recurrence h_t = a_t h_{t−1} + b_t as a scan over pairs: (a₂, b₂) ∘ (a₁, b₁) = (a₂ a₁, a₂ b₁ + b₂) is associative, so
// that pairs may be joined in any order that keeps their sequence, and L steps need ⌈log₂ L⌉ that depend on one another.
// Source: Blelloch 1990, "Prefix Sums and Their Applications"; the joining of neighbours at distance 1, 2, 4, … is Hillis and
// Steele 1986.
#pragma once

#include <cstddef>
#include <vector>

namespace lw {

struct LinearStep {
    double a = 1, b = 0;  // h ← a h + b
};

inline LinearStep after(const LinearStep& second, const LinearStep& first) {
    return {second.a * first.a, second.a * first.b + second.b};
}

/// Turns step t into the join of steps 0 … t, in place; with h = 0 before, b is then h_t. Returns how many rounds, each of which
/// needs only the one before: ⌈log₂ L⌉.
inline int inclusiveScan(std::vector<LinearStep>& steps) {
    int rounds = 0;
    for (std::size_t distance = 1; distance < steps.size(); distance *= 2, ++rounds) {
        const std::vector<LinearStep> before = steps;
        for (std::size_t t = distance; t < steps.size(); ++t) steps[t] = after(before[t], before[t - distance]);
    }
    return rounds;
}

}  // namespace lw
