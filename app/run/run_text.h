// The text that a run has read, with the bytes of it that each token covers: prompt and what was generated since.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/text/tokenizer.h"

namespace lw {

struct RunText {
    std::string text;           // valid UTF-8: a character that is not complete yet at the end is left out
    std::vector<Token> tokens;  // the run's, in order; from == to for one that stands for no text
};

/// prompt: what the first `promptLength` of `ids` were made of. Where they are not all of it (cut to the context), the text is
/// put together from what the tokens stand for.
RunText runText(const Tokenizer& tokenizer, std::string_view prompt, const std::vector<TokenId>& ids, int promptLength);

}  // namespace lw
