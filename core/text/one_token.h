// A written piece of text as one token of a vocabulary.
#pragma once

#include <string_view>

#include "core/text/tokenizer.h"

namespace lw {

/// The token whose bytes in running text are exactly `text` ("·" may stand for a space); if there is none, the one with a space
/// in front (most vocabularies keep words so); else the special token that is spelt so. Of several the lowest id.
/// Fails: no such token: the sentence says which tokens the text becomes.
Result<TokenId> oneToken(const Tokenizer& tokenizer, std::string_view text);

}  // namespace lw
