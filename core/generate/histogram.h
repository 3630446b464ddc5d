// The dice rolled many times at one place: how often each token came, beside how often it should.
#pragma once

#include <cstdint>
#include <vector>

#include "core/generate/sampler.h"

namespace lw {

struct DrawCount {
    TokenId id = -1;
    double probability = 0;  // after temperature and filters
    std::int64_t count = 0;
    double expected = 0;  // rolls · probability
    double spread = 0;    // one standard deviation of the binomial, √(rolls · p · (1 − p))
};

struct DrawHistogram {
    std::int64_t rolls = 0;
    std::uint64_t seed = 0;
    std::vector<DrawCount> tokens;  // those that can come, most probable first
    double largestDeviation = 0;  // |count − expected| / spread, the largest over tokens that are expected at least five times
};

/// The draws are those that choose() makes one after the other with dice of this seed (a greedy choice needs none: the first
/// token comes every time). Empty if the logits are no distribution. rolls >= 0.
DrawHistogram rollMany(std::span<const float> logits, const SamplingSettings& settings, std::int64_t rolls, std::uint64_t seed);

}  // namespace lw
