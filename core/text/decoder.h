// Decoders: spellings of tokens back to text. Names and meaning are the `tokenizers` library's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/text/pre_tokenizer.h"
#include "core/text/regex.h"

namespace lw {

/// Takes the pieces of a text and gives other pieces; joined they are the text.
/// Fails: a regular expression over its limit.
using Decoder = std::function<Result<std::vector<std::string>>(std::vector<std::string>)>;

namespace decoders {

Decoder byteLevel();     // letters of GPT-2's alphabet to bytes; what is no UTF-8 becomes U+FFFD
Decoder byteFallback();  // runs of <0xE4>: their text if they are UTF-8, else one U+FFFD a byte
Decoder replace(std::string what, std::string by);
Decoder replace(Regex what, std::string by);
Decoder fuse();
Decoder strip(std::string character, std::size_t start, std::size_t stop);  // at most so many of it at either end of a piece
Decoder metaspace(std::string replacement, PrependScheme scheme);
Decoder wordEnd(std::string suffix);  // the suffix becomes a space, at the last piece nothing
/// Entries inside a word lose `prefix`, others get a space in front; `cleanup` draws punctuation and English contractions
/// together.
Decoder wordPiece(std::string prefix, bool cleanup);
Decoder sequence(std::vector<Decoder> steps);

}  // namespace decoders

/// The byte of a spelling like "<0xE4>", or -1.
int spelledByte(std::string_view spelling);

}  // namespace lw
