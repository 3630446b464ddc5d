// tokenizer.json: the file format of the `tokenizers` library. The text comes in, no file is read here.
#pragma once

#include <memory>
#include <string_view>

#include "core/base/result.h"
#include "core/text/tokenizer.h"

namespace lw {

/// `where` names the file in errors. BOS and what else is put in front or behind comes from the post-processor; if that says
/// nothing of special tokens, from tokenizer_config.json (add_bos_token with bos_token, add_eos_token with eos_token), whose text
/// may be empty. Supported: BPE, Unigram, WordPiece and WordLevel with every normalizer, pre-tokenizer and decoder that goes with
/// them. Fails: BadFormat (no JSON, wrong types, ids or merges that contradict the vocabulary), Unsupported (another model:
/// named).
Result<std::shared_ptr<const Tokenizer>> tokenizerFromJson(std::string_view jsonText, std::string_view where,
                                                           std::string_view configText = {});

}  // namespace lw
