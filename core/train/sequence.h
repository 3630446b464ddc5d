// What a model learns from: sequences of ids, each with the ids to be predicted.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/index.h"
#include "core/base/pcg32.h"

namespace lw::train {

struct Sequence {
    std::vector<TokenId> ids;      // T tokens that the model reads
    std::vector<TokenId> targets;  // T ids to predict, each after its token; -1 = not counted

    std::int64_t counted() const {
        std::int64_t n = 0;
        for (const TokenId id : targets) n += id >= 0;
        return n;
    }
};

/// Training data without end: sequence 0, 1, 2, … Which one a number stands for depends on the seed alone, so that the number of
/// sequences taken is all there is to remember of the place in the data.
class SequenceSource {
public:
    virtual ~SequenceSource() = default;
    /// Numbers should be asked for in rising order; another order is slower, not different.
    virtual Sequence sequence(std::int64_t number) = 0;
};

/// A generator for one purpose and one number of it: streams of different purposes and numbers have nothing in common.
/// Source of the mixing: Steele et al. 2014, "Fast Splittable Pseudorandom Number Generators" (SplitMix64).
inline Pcg32 randomFor(std::uint64_t seed, std::uint64_t purpose, std::uint64_t number) {
    const auto mix = [](std::uint64_t z) {
        z += 0x9e3779b97f4a7c15ULL;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    };
    return Pcg32(mix(mix(mix(seed) ^ purpose) ^ number));
}

/// A whole number in [0, n), every one equally likely to 2⁻⁵³.
inline std::int64_t below(Pcg32& random, std::int64_t n) {
    return static_cast<std::int64_t>(random.uniform() * static_cast<double>(n));
}

/// Fisher and Yates' shuffle.
template <class T>
void shuffle(std::vector<T>& items, Pcg32& random) {
    for (std::size_t i = items.size(); i > 1; --i) {
        std::swap(items[i - 1], items[static_cast<std::size_t>(below(random, static_cast<std::int64_t>(i)))]);
    }
}

}  // namespace lw::train
