// When a choice counts as close: numbers off by 1e-5 could have given another token.
#include <cmath>

#include "core/generate/sampler.h"
#include "tests/catch.h"

using namespace lw;

namespace {

std::vector<float> logitsOf(const std::vector<double>& probabilities) {
    std::vector<float> logits;
    for (const double p : probabilities) logits.push_back(static_cast<float>(std::log(p)));
    return logits;
}

// The first draw of seed 0.
constexpr double u = 0.8078516972673416;

Choice chooseWithSeed0(const std::vector<double>& probabilities, const SamplingSettings& settings) {
    Pcg32 random(0);
    return choose(logitsOf(probabilities), settings, random);
}

}  // namespace

TEST_CASE("A draw within 1e-5 of a bin's edge is close") {
    CHECK(chooseWithSeed0({u + 0.5e-5, 1 - u - 0.5e-5}, {}).nearEdge);
    CHECK(chooseWithSeed0({u - 0.5e-5, 1 - u + 0.5e-5}, {}).nearEdge);
    CHECK(!chooseWithSeed0({u + 2e-5, 1 - u - 2e-5}, {}).nearEdge);
    CHECK(!chooseWithSeed0({u - 2e-5, 1 - u + 2e-5}, {}).nearEdge);
    CHECK(!chooseWithSeed0({1.0}, {}).nearEdge);
}

TEST_CASE("A filter's close decision counts where it would change the token") {
    // top-p: the sum before the third bin is 0.7 ± 0.5e-5. Kept, the draw .8078 falls into it; struck, into the second.
    const std::vector<double> p{0.4, 0.3, 0.3 - 1e-4, 1e-4};
    CHECK(chooseWithSeed0(p, {.topP = 0.7 + 0.5e-5}).nearEdge);
    CHECK(chooseWithSeed0(p, {.topP = 0.7 - 0.5e-5}).nearEdge);
    CHECK(!chooseWithSeed0(p, {.topP = 0.7 + 5e-5}).nearEdge);
    CHECK(!chooseWithSeed0(p, {.topP = 0.7 - 5e-5}).nearEdge);
    // A decision on the edge that changes nothing for this draw: either way it falls into the first bin.
    const std::vector<double> first{0.9, 0.06, 0.04};
    CHECK(!chooseWithSeed0(first, {.topP = 0.9 + 0.5e-5}).nearEdge);

    // min-p: the last bin stands at its limit.
    const std::vector<double> q{0.5, 0.3, 0.2};
    CHECK(chooseWithSeed0(q, {.minP = 0.4 + 1e-5}).nearEdge);
    CHECK(chooseWithSeed0(q, {.minP = 0.4 - 1e-5}).nearEdge);
    CHECK(!chooseWithSeed0(q, {.minP = 0.4 + 1e-3}).nearEdge);
    CHECK(!chooseWithSeed0(q, {.minP = 0.4 - 1e-3}).nearEdge);
}

TEST_CASE("A neighbour with the same probability is close") {
    // The draw stands in the middle of the second of two equal bins: the other order would give the other token.
    CHECK(chooseWithSeed0({0.39, 0.61 / 2, 0.61 / 2}, {}).nearEdge);
    CHECK(!chooseWithSeed0({0.39, 0.61 / 2 + 1e-3, 0.61 / 2 - 1e-3}, {}).nearEdge);
    // top-k strikes one of two equals.
    CHECK(chooseWithSeed0({0.5, 0.25, 0.25}, {.topK = 2}).nearEdge);
    CHECK(!chooseWithSeed0({0.5, 0.26, 0.24}, {.topK = 2}).nearEdge);
}

TEST_CASE("A greedy choice is close if the two largest logits are") {
    Pcg32 random;
    const auto greedy = [&](std::vector<float> logits) { return choose(logits, {.greedy = true}, random).nearEdge; };
    CHECK(greedy({3.0f, 3.0f, 0.0f}));
    CHECK(greedy({3.00001f, 3.0f}));
    CHECK(!greedy({3.0001f, 3.0f}));
    CHECK(greedy({0.5f, 0.500005f}));
    CHECK(!greedy({0.5f, 0.50002f}));
    CHECK(!greedy({1.0f}));
}
