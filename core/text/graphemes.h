// What a reader sees as one character: a letter with its accents, a flag, an emoji family. Cursor steps and token boxes use it.
// Source: Unicode Standard Annex 29, extended grapheme clusters (utf8proc 2.8: Unicode 15). Golden: GraphemeBreakTest.txt.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace lw {

struct ByteRange {
    std::int64_t from = 0, to = 0;  // bytes, [from, to)
    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// The clusters in order; they cover the text without gaps. A byte that is no UTF-8 is a cluster by itself.
std::vector<ByteRange> graphemes(std::string_view text);

}  // namespace lw
