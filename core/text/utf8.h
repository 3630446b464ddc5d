// UTF-8: strict decoding, validation, and the replacement of what is not UTF-8.
// Source: The Unicode Standard 15, table 3-7 (well-formed sequences) and section 3.9 (U+FFFD for each maximal subpart).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lw::utf8 {

struct Step {
    char32_t point = 0;  // undefined if not ok
    int bytes = 1;       // >= 1: of the character, or of the maximal ill-formed subpart
    bool ok = false;
};

/// The character at `at` (< text.size()).
Step decode(std::string_view text, std::size_t at);

/// Offset of the first byte that belongs to no character, or nothing if all is UTF-8.
std::optional<std::size_t> firstInvalid(std::string_view text);

/// Characters; each byte that belongs to none counts by itself.
std::size_t length(std::string_view text);

/// point <= U+10FFFF and no surrogate (asserted).
void append(std::string& out, char32_t point);

/// Valid text as it is; each maximal ill-formed subpart becomes U+FFFD.
std::string repaired(std::string_view bytes);

}  // namespace lw::utf8
