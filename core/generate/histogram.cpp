#include "core/generate/histogram.h"

#include <algorithm>
#include <cmath>

namespace lw {

DrawHistogram rollMany(std::span<const float> logits, const SamplingSettings& settings, std::int64_t rolls, std::uint64_t seed) {
    DrawHistogram result{.rolls = rolls, .seed = seed, .tokens = {}};
    const std::vector<Bin> bins = distribution(logits, settings);
    for (const Bin& bin : bins) {
        if (bin.probability <= 0) continue;
        const double p = bin.probability, n = static_cast<double>(rolls);
        result.tokens.push_back({bin.id, p, 0, n * p, std::sqrt(n * p * (1 - p))});
    }
    if (result.tokens.empty()) return result;
    Pcg32 random(seed);
    if (settings.greedy) {
        result.tokens.front().count = rolls;
    } else {
        const auto kept = bins.begin() + static_cast<std::ptrdiff_t>(result.tokens.size());  // the filters keep a prefix
        for (std::int64_t i = 0; i < rolls; ++i) {
            const auto bin =
                std::upper_bound(bins.begin(), kept, random.uniform(), [](double u, const Bin& b) { return u < b.upTo; });
            const auto at = std::min(bin - bins.begin(), static_cast<std::ptrdiff_t>(result.tokens.size()) - 1);
            ++result.tokens[static_cast<std::size_t>(at)].count;
        }
    }
    for (const DrawCount& token : result.tokens) {
        if (token.expected < 5 || token.spread <= 0) continue;
        result.largestDeviation =
            std::max(result.largestDeviation, std::abs(static_cast<double>(token.count) - token.expected) / token.spread);
    }
    return result;
}

}  // namespace lw
