// The tokenizer made of parts: added tokens → normalizer → pre-tokenizer → word model → what is put in front and behind.
// The factories (tokenizer_json, gpt2_files, gguf_vocabulary) choose the parts.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/text/added_tokens.h"
#include "core/text/decoder.h"
#include "core/text/normalizer.h"
#include "core/text/pre_tokenizer.h"
#include "core/text/tokenizer.h"
#include "core/text/vocabulary.h"
#include "core/text/word_model.h"

namespace lw {

/// How a spelling in the vocabulary becomes bytes of running text.
struct SpellingRules {
    bool byteLevel = false;                                     // letters of GPT-2's alphabet
    bool byteFallback = false;                                  // <0xE4>
    std::vector<std::pair<std::string, std::string>> replaced;  // "▁" by " "
    std::string dropped;                                        // "##" in front
};

struct PipelineParts {
    explicit PipelineParts(Vocabulary words)
        : vocabulary(std::move(words)), literal(static_cast<std::size_t>(vocabulary.size())), special(literal.size()) {}

    Vocabulary vocabulary;
    std::vector<AddedToken> added;  // `normalized` ones with their content already normalized
    Normalizer normalizer;          // may be empty
    PreTokenizer preTokenizer;      // may be empty: a text is one word
    std::unique_ptr<const WordModel> model;
    std::vector<std::string> literal;  // per id: text of an added token as it stands; empty: an ordinary token
    std::vector<bool> special;         // per id
    SpellingRules spelling;
    Decoder decoder;              // empty: the bytes one behind the other
    bool dropFirstSpace = false;  // without decoder: the space the encoder puts in front goes again
    std::vector<TokenId> front, behind;
    std::vector<TokenId> ends;
    TokenId bos = -1;  // what the format calls BOS; reported only if it is in front
    std::string kind;
    bool keepsText = false;  // decoding the tokens of any text gives it back
};

/// The parts belong together: ids are inside the vocabulary, lists have one entry per id (asserted).
std::shared_ptr<const Tokenizer> makePipeline(PipelineParts parts);

}  // namespace lw
