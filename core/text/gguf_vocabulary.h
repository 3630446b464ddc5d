// The vocabulary that a GGUF file carries, as a plain struct (core/formats fills it), and the tokenizer made of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/text/tokenizer.h"

namespace lw {

/// The keys are tokenizer.ggml.<…>. What the file does not have stays empty or none.
struct GgufVocabulary {
    /// model: "gpt2" (byte-level BPE), "llama" (SentencePiece BPE), "t5" (SentencePiece Unigram), "bert" (WordPiece), "rwkv"
    /// (longest match over bytes)
    std::string model;
    std::string pre;                  // pre: how words are cut, for "gpt2"; empty is read as "default"
    std::vector<std::string> tokens;  // tokens
    std::vector<std::string> merges;  // merges: "left right"
    std::vector<float> scores;        // scores
    std::vector<std::int32_t> types;  // token_type: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte
    std::optional<std::int64_t> bos, eos, eot, unknown;  // …_token_id as written; 4294967295 and negative numbers mean none
    std::optional<std::int64_t> separator, classifier;   // seperator_token_id (so spelled), cls_token_id
    std::optional<bool> addBos, addEos, addSpacePrefix;  // add_bos_token, add_eos_token, add_space_prefix
    std::optional<bool> removeExtraSpaces;               // remove_extra_whitespaces
    std::string charsMap;                                // precompiled_charsmap: what "t5" normalizes, compiled
};

/// `where` names the file in errors. If the file does not say: "llama" puts a space and BOS (id 1 if not named) in front, "gpt2"
/// neither, except with pre-tokenizers whose models are used with BOS (llama-bpe, tekken, chameleon); "t5" puts EOS behind,
/// "bert" [CLS] in front and [SEP] behind. Fails: Unsupported (another model, a pre-tokenizer that is not known: named, with
/// those that are), BadFormat (lists of different lengths, an entry twice, ids outside the vocabulary).
Result<std::shared_ptr<const Tokenizer>> tokenizerFromGguf(const GgufVocabulary& vocabulary, std::string_view where);

}  // namespace lw
