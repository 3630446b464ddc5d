// GPT-2's alphabet: every byte has a printable character, so that a byte-level vocabulary is ordinary text ("Ġcat" is " cat").
// Source: Radford et al. 2019, encoder.py: bytes that are printable in Latin-1 stand for themselves, the other 68 for U+0100 …
// U+0143.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lw {

/// The character of a byte, as UTF-8 (one or two bytes).
std::string_view byteLetter(unsigned char byte);

/// The byte of a character, if it is in the alphabet.
std::optional<unsigned char> letterByte(char32_t letter);

/// Bytes spelled in the alphabet: " cat" gives "Ġcat".
std::string spellBytes(std::string_view bytes);

/// The bytes of a spelling; nothing if a character is not in the alphabet (or the spelling is no UTF-8).
std::optional<std::string> unspellBytes(std::string_view spelling);

}  // namespace lw
