// The picture of the next token's distribution: bars before and after temperature and filters, the cumulative bar with the
// dice, entropy and surprise. Geometry only, no Qt; tested as numbers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "core/generate/histogram.h"
#include "widgets/next_token/next_token_facts.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

struct NextTokenInput {
    NextTokenFacts facts;
    std::string pieceHere;                      // the token at the position, visible
    std::function<std::string(TokenId)> piece;  // visible text of a token
    bool tip = false;                           // the last position of the path: here a token can be forced
    std::optional<NextTokenFacts> lastRoll;     // at the tip: the distribution from which the last token was drawn
    std::optional<DrawHistogram> rolled = {};   // many draws with the present settings: counts beside the probabilities
    Locus place;
    InformationUnit unit = InformationUnit::Nats;
    bool controls = false;  // with the switch of the rolls
};
inline constexpr const char* rollsAction = "rolls";

/// Spots of tokens that can be forced have the action "force:<id>"; numbers are places (Logits, unit = token id).
Picture nextTokenPicture(const NextTokenInput& input, double width, double height, const Say& say);
std::pair<std::string, std::string> nextTokenTitle(const NextTokenInput& input, const Say& say);
/// How many tokens have a row in a picture of this height.
int nextTokenRows(double height, bool lastRoll, bool rolled = false);

/// Difference mode: the probabilities (temperature 1) of B less those of A, by token, the largest differences first.
Picture nextTokenDifferencePicture(const NextTokenInput& b, const std::vector<TokenDifference>& differences,
                                   const std::string& nameA, double width, double height, const Say& say);

/// "temperature 0.8 · top-k 40", or "greedy"; "temperature 1, nothing struck out" where the settings change nothing.
std::string settingsWords(const SamplingSettings& settings, const Say& say);

}  // namespace lw
