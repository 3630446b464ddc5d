// The text that a run has read, and the bytes of it that each token covers: prompt and what was generated since.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/tokenizer.h"

namespace lw {

/// prompt: what the first `promptLength` of `ids` were made of; empty where they are not all of it (cut to the context): then the
/// text is put together from what the tokens stand for. A character that is not complete yet at the end is left out.
std::string textOfRun(const Tokenizer& tokenizer, std::string_view prompt, std::span<const TokenId> ids, int promptLength);

/// Where each of `ids` stands in their text: as the tokenizer cuts it, and where it would cut otherwise than was generated, by
/// what the tokens stand for. from == to for one that stands for no text.
std::vector<Token> tokensOfRun(const Tokenizer& tokenizer, std::string_view text, std::span<const TokenId> ids);

}  // namespace lw
