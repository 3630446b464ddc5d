// The tokens <0x00> … <0xFF> that stand for single bytes of characters without a token of their own.
#pragma once

#include <array>
#include <string_view>

#include "core/text/vocabulary.h"

namespace lw {

struct ByteTokens {
    std::array<TokenId, 256> ids;  // -1: none

    ByteTokens() { ids.fill(-1); }
    /// Those that the vocabulary has.
    explicit ByteTokens(const Vocabulary& vocabulary);

    TokenId of(char byte) const { return ids[static_cast<unsigned char>(byte)]; }
    /// Whether every byte of the text has one.
    bool cover(std::string_view text) const;
};

}  // namespace lw
