// tiktoken's files: one token a line, base64 and its rank. How words are cut and the special tokens are not in the file; they are
// known for the encodings in use, which are told apart by their number of tokens. The text comes in, no file is read here.
#pragma once

#include <memory>
#include <string_view>

#include "core/base/result.h"
#include "core/text/byte_vocabulary.h"
#include "core/text/tokenizer.h"

namespace lw {

/// Whether a text begins with such a line.
bool looksLikeTiktoken(std::string_view text);

/// `where` names the file in errors. Fails: BadFormat with the line (no base64, no number, a rank twice, ranks far apart),
/// Unsupported (an encoding that is not known, with those that are).
Result<std::shared_ptr<const Tokenizer>> tokenizerFromTiktoken(std::string_view text, std::string_view where);

/// For the encoding of that name: "cl100k_base". Fails: as above; another number of tokens than the encoding has.
Result<std::shared_ptr<const Tokenizer>> tokenizerFromRanks(ByteVocabulary vocabulary, std::string_view encoding,
                                                            std::string_view where);

}  // namespace lw
