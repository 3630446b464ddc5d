// GPT-2's two files: vocab.json and merges.txt (OpenAI's names: encoder.json and vocab.bpe). The texts come in, no file is read
// here.
#pragma once

#include <memory>
#include <string_view>

#include "core/base/result.h"
#include "core/text/tokenizer.h"

namespace lw {

/// vocabularyJson: {"spelling": id, …}; merges: one "left right" a line, a first line "#version…" is skipped.
/// `where` names the files in errors. Nothing is put in front; <|endoftext|> is special and the end, if the vocabulary has it.
/// Fails: BadFormat (no JSON, merges that contradict the vocabulary).
Result<std::shared_ptr<const Tokenizer>> tokenizerFromGpt2Files(std::string_view vocabularyJson, std::string_view merges,
                                                                std::string_view where);

}  // namespace lw
