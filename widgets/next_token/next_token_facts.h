// The distribution after one position as the sampler sees it: bins before and after the filters, what each filter struck out,
// entropies, and the draw that chose the token that follows (if one did). Qt-free.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/index.h"
#include "core/generate/sampler.h"

namespace lw {

struct NextTokenFacts {
    Position position;  // the distribution is of the token after it
    SamplingSettings settings;
    int vocabulary = 0;
    std::vector<Bin> bins;              // the most probable, falling; kept ones first
    std::vector<Bin> extra;             // not among them but of interest: the token that really follows, followed tokens
    int kept = 0;                       // bins of the whole vocabulary with probability > 0 after the filters
    double restRaw = 0, restAfter = 0;  // probability of all that is not in `bins`, before and after
    int struckTopK = 0, struckTopP = 0, struckMinP = 0;
    double entropyBefore = 0, entropyAfter = 0;  // nats
    // the token that follows in this text, if one does
    std::optional<TokenId> follows;
    double surprise = 0;           // of it, −ln p at temperature 1, nats
    std::optional<Choice> choice;  // how it was chosen, if it was generated
    std::optional<TokenId> drawn;  // which bin the draw falls into with the present settings

    const Bin* find(TokenId id) const;
};

/// follows: the next token of the text (none at its end); choice: how it was chosen (none in the prompt).
/// most: bins kept (the others are only counted); ids in `always` get a bin in any case.
NextTokenFacts nextTokenFacts(std::span<const float> logits, const SamplingSettings& settings, Position position,
                              std::optional<TokenId> follows, std::optional<Choice> choice, int most,
                              std::span<const TokenId> always = {});

// A token's probability (temperature 1) in two runs.
struct TokenDifference {
    TokenId id = -1;
    double a = 0, b = 0;
    double difference() const { return b - a; }
};
/// The `most` tokens with the largest |b − a|, falling, ties to the lower id. Empty if the vocabularies differ in size.
std::vector<TokenDifference> tokenDifferences(std::span<const float> logitsB, std::span<const float> logitsA, int most);

}  // namespace lw
