// How many tokens a long text has, without ever holding the tokens of all of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/job.h"
#include "core/text/tokenizer.h"

namespace lw {

struct TokenCount {
    std::int64_t tokens = 0;  // without what is put in front or behind
    std::int64_t pieces = 0;  // that the text was encoded in; 1: the whole at once
};

/// The count that encode(text) would give, from pieces of about `window` bytes. A piece is cut off only where the text behind
/// the cut, encoded by itself, gives the very tokens it gave together with the text before it: after the last word that both
/// encodings share the two go on alike. White space is tried first, then line ends, then other token boundaries; where no cut
/// is exact the piece grows, if need be to the whole text.
/// text: valid UTF-8. Fails: as Tokenizer::encode (for a piece of more than 64 MiB, too); cancelled.
Result<TokenCount> countTokens(const Tokenizer& tokenizer, std::string_view text, const Job& job = {},
                               std::size_t window = std::size_t{1} << 20);

}  // namespace lw
