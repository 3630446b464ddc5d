// The two vocabularies that nobody had to learn, to compare others with: every character is a token, or every byte is.
#pragma once

#include <memory>

#include "core/text/tokenizer.h"

namespace lw {

/// Ids are Unicode's code points (0 … 0x10FFFF); those of surrogates have no entry.
std::shared_ptr<const Tokenizer> characterTokenizer();

/// Ids are the bytes of the text's UTF-8 (0 … 255), spelled in GPT-2's alphabet.
std::shared_ptr<const Tokenizer> byteTokenizer();

}  // namespace lw
