// RWKV's "world" vocabulary: one token a line, its id, its text as Python writes it ('…' or b'…'), its bytes' number. The text
// comes in, no file is read here. Source: BlinkDL's rwkv_vocab_v20230424.txt and rwkv_tokenizer.py.
#pragma once

#include <memory>
#include <string_view>

#include "core/base/result.h"
#include "core/text/byte_vocabulary.h"
#include "core/text/tokenizer.h"

namespace lw {

/// Whether a text begins with such a line.
bool looksLikeRwkvWorld(std::string_view text);

/// Id 0, which the file does not list, ends a text and is written <|endoftext|>.
/// Fails: BadFormat with the line (another form, a length that does not fit, an id twice, ids far apart, a byte without a token).
Result<std::shared_ptr<const Tokenizer>> tokenizerFromRwkvWorld(std::string_view text, std::string_view where);

/// The same of tokens that have been read already. Id 0 is still free.
Result<std::shared_ptr<const Tokenizer>> rwkvWorldTokenizer(ByteVocabulary vocabulary, std::string_view where);

}  // namespace lw
