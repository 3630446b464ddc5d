// The parts of a tokenizer.json, each read by a file of its own. Only for core/text.
// Every reader reports what is wrong to the field's JsonProblems and goes on.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "core/text/json_field.h"
#include "core/text/pipeline.h"

namespace lw::tokenizer_json {

Normalizer readNormalizer(const JsonField& field);      // empty if absent
PreTokenizer readPreTokenizer(const JsonField& field);  // empty if absent
Decoder readDecoder(const JsonField& field);            // pieces joined by spaces if absent, as the library does

/// How one piece by itself becomes bytes, concluded from the decoder, or from the pre-tokenizer if there is none.
SpellingRules readSpelling(const JsonField& decoder, const JsonField& preTokenizer, const JsonField& normalizer);

/// Whether the pre-tokenizer only cuts: it drops nothing and puts nothing in front.
bool onlyCuts(const JsonField& preTokenizer);

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

/// "model", of whichever type.
struct ModelFile {
    std::vector<std::pair<std::string, std::int64_t>> vocabulary;
    /// The model for that vocabulary (without added tokens: words are never cut into those).
    std::function<Result<std::unique_ptr<const WordModel>>(const Vocabulary& own, std::string_view where)> make;
    bool byteFallback = false;     // <0xE4> are bytes
    std::string kind;              // for people; empty for BPE, whose kind shows in the decoder
    std::string continuingPrefix;  // WordPiece: marks entries inside a word
};
/// Types that are not known are a problem that names them.
ModelFile readModel(const JsonField& model);
ModelFile readBpe(const JsonField& model);
ModelFile readUnigram(const JsonField& model);
ModelFile readWordPiece(const JsonField& model);
ModelFile readWordLevel(const JsonField& model);

/// "vocab": {"spelling": id, …}.
std::vector<std::pair<std::string, std::int64_t>> readVocabulary(const JsonField& vocab);

/// What tokenizer_config.json adds.
struct Config {
    std::string bos, eos;  // contents; empty: none
    bool addBos = false, addEos = false;
};
Config readConfig(const JsonField& config);

}  // namespace lw::tokenizer_json
