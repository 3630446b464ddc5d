// Choosing the next token: temperature, then top-k, top-p, min-p, then the dice. All in double precision, so that the same
// seed gives the same draws on every machine.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/index.h"
#include "core/base/pcg32.h"
#include "core/base/result.h"

namespace lw {

struct SamplingSettings {
    bool greedy = false;
    double temperature = 1.0;  // > 0
    int topK = 0;              // 0 = off
    double topP = 1.0;         // (0, 1]; 1 = off
    double minP = 0.0;         // [0, 1); 0 = off
    std::uint64_t seed = 0;
    friend bool operator==(const SamplingSettings&, const SamplingSettings&) = default;
};

/// Fails: a value outside its range, named as on the command line (--temperature, --top-k, --top-p, --min-p).
Result<void> check(const SamplingSettings& settings);

// One token of the distribution, in the order of the bins: falling probability, ties to the lower id.
struct Bin {
    TokenId id = -1;
    float logit = 0;                 // raw
    double rawProbability = 0;       // softmax at temperature 1, no filter
    double tempered = 0;             // after temperature alone
    double probability = 0;          // after the filters; 0 where struck out
    double upTo = 0;                 // cumulative probability including this bin
    const char* struckBy = nullptr;  // "top-k", "top-p", "min-p", "greedy" or null
};

/// All bins, or the first `most` (0 = all). The filters keep a prefix of the bins, at least the first. Greedy gives probability 1
/// to the first bin. Empty if the logits are no distribution (a NaN, +∞, or nothing finite among them).
std::vector<Bin> distribution(std::span<const float> logits, const SamplingSettings& settings, int most = 0);

struct Choice {
    TokenId id = -1;
    float logit = 0;
    double probability = 0;      // after the filters
    double rawProbability = 0;   // softmax at temperature 1
    std::optional<double> draw;  // u; none if greedy or forced
    bool forced = false;         // taken without asking the distribution
    bool kept = false;           // forced as one token of a path that was kept whole: a beam, a sampled text
    bool nearEdge = false;       // another choice if any number here were off by 1e-5; see choose()
};

/// One draw of `random` (none if greedy). Only as much is sorted as the choice needs; the result is that of distribution().
/// A greedy choice's probability is what temperature and filters would have given it.
/// nearEdge, greedy: the two largest logits differ by at most 1e-5 · max(1, |largest|).
/// nearEdge, drawn: within 1e-5 of the draw, or where a filter's decision (top-p: the sum before a bin against p; min-p: a bin
/// against its limit; top-k: the last kept bin against the next) lies within 1e-5, another token would have been drawn; or a
/// neighbour in the order has the same probability within 1e-5.
/// id -1 if the logits are no distribution.
Choice choose(std::span<const float> logits, const SamplingSettings& settings, Pcg32& random);
/// The choice a person forces by clicking a token. Asserted: the id is inside.
Choice force(std::span<const float> logits, const SamplingSettings& settings, TokenId id);

}  // namespace lw
