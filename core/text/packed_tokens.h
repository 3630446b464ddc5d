// A vocabulary of bytes as the program's resources hold it: a line "layerwalk tokens 1 NAME COUNT", then COUNT tokens by id, each
// a byte with its length and its bytes (length 0: none has this id). Half the size of tiktoken's files. Written by
// tools/pack_tokens.py.
#pragma once

#include <memory>
#include <string_view>

#include "core/base/result.h"
#include "core/text/tokenizer.h"

namespace lw {

bool looksLikePackedTokens(std::string_view bytes);

/// NAME is one of tiktoken's encodings (see tiktoken.h) or rwkv_world.
/// Fails: BadFormat with the byte (another first line, lengths that lie, bytes behind the last token), and as those kinds do.
Result<std::shared_ptr<const Tokenizer>> tokenizerFromPackedTokens(std::string_view bytes, std::string_view where);

}  // namespace lw
