// Tokens that are found in the text as they stand, before anything else is done with it: <|endoftext|>, chat marks, names.
// Meaning of the flags: the `tokenizers` library's AddedToken.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/index.h"
#include "core/text/range.h"

namespace lw {

struct AddedToken {
    TokenId id = -1;
    std::string content;                  // not empty
    bool special = false;                 // looked for only if special tokens are parsed
    bool normalized = false;              // looked for in the normalized text instead of the original
    bool lstrip = false, rstrip = false;  // takes the white space before / behind it along
    bool singleWord = false;              // only where no word character touches it
};

/// Finds the longest of a set of contents at the leftmost place.
class AddedTokens {
public:
    AddedTokens() = default;
    explicit AddedTokens(std::vector<AddedToken> tokens);

    struct Section {
        TokenId id = -1;  // -1: ordinary text
        Range range;
    };
    /// The text cut into tokens and what lies between them; sections are not empty and cover the text. The library looks for
    /// tokens in the white space too that an earlier one took along; then, as there, sections overlap.
    std::vector<Section> find(std::string_view text, bool parseSpecial) const;
    bool empty() const { return m_tokens.empty(); }

private:
    const AddedToken* longestAt(std::string_view text, std::size_t at, bool parseSpecial) const;

    std::vector<AddedToken> m_tokens;      // sorted by content
    std::array<Range, 256> m_byFirstByte;  // of m_tokens
};

}  // namespace lw
