// The parts of a tokenizer.json, each read by a file of its own. Only for core/text.
// Every reader reports what is wrong to the field's JsonProblems and goes on.
#pragma once

#include <optional>

#include "core/text/json_field.h"
#include "core/text/pipeline.h"

namespace lw::tokenizer_json {

Normalizer readNormalizer(const JsonField& field);      // empty if absent
PreTokenizer readPreTokenizer(const JsonField& field);  // empty if absent
Decoder readDecoder(const JsonField& field);            // pieces joined by spaces if absent, as the library does

/// How one piece by itself becomes bytes, concluded from the decoder, or from the pre-tokenizer if there is none.
SpellingRules readSpelling(const JsonField& decoder, const JsonField& preTokenizer, const JsonField& normalizer);

/// A pattern: {"Regex": …} or {"String": …}. Nothing and a problem if it is neither.
struct Pattern {
    std::optional<Regex> regex;
    std::string text;
};
std::optional<Pattern> readPattern(const JsonField& field);
std::optional<Regex> compile(const std::string& pattern, const JsonField& field, bool oniguruma = true);
PrependScheme readPrependScheme(const JsonField& metaspace);

struct Surroundings {
    bool decided = false;  // the post-processor speaks of special tokens at all
    std::vector<TokenId> front, behind;
};
Surroundings readPostProcessor(const JsonField& field, const Vocabulary& vocabulary);

struct AddedEntry {
    AddedToken token;
    std::int64_t id = -1;
};
std::vector<AddedEntry> readAddedTokens(const JsonField& list);

struct BpeFile {
    std::vector<std::pair<std::string, std::int64_t>> vocabulary;
    std::vector<std::pair<std::string, std::string>> merges;
};
/// The vocabulary and the merges of a model of type BPE; other types are a problem that names them.
BpeFile readBpe(const JsonField& model);

/// What tokenizer_config.json adds.
struct Config {
    std::string bos, eos;  // contents; empty: none
    bool addBos = false, addEos = false;
};
Config readConfig(const JsonField& config);

}  // namespace lw::tokenizer_json
