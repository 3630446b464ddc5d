// A text that goes round in circles: the shortest piece that it ends with several times over.
#pragma once

#include <optional>
#include <span>

#include "core/base/index.h"

namespace lw {

struct TokenLoop {
    int period = 0;   // tokens of the piece
    int repeats = 0;  // how often it stands there in whole, one after the other, up to the end
    int since = 0;    // where the first of them begins
};

/// None if the text does not end with at least `least` times the same piece, or if they are fewer than `leastTokens` together
/// ("ha ha ha" is no loop yet). least >= 2 (asserted).
std::optional<TokenLoop> loopAtEnd(std::span<const TokenId> ids, int least = 3, int leastTokens = 8);

}  // namespace lw
