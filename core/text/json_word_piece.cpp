// tokenizer.json: "model" of the types WordPiece and WordLevel.
#include <fmt/format.h>

#include "core/text/tokenizer_json_parts.h"
#include "core/text/word_level_model.h"
#include "core/text/word_piece_model.h"

namespace lw::tokenizer_json {
namespace {

/// Both need their unknown token only when something is unknown.
TokenId unknownId(const Vocabulary& own, const std::string& unknown) { return unknown.empty() ? -1 : own.find(unknown); }

}  // namespace

ModelFile readWordPiece(const JsonField& model) {
    ModelFile out;
    out.vocabulary = readVocabulary(model["vocab"]);
    WordPieceOptions options;
    options.continuingPrefix = out.continuingPrefix = model["continuing_subword_prefix"].text("##");
    const std::int64_t most = model["max_input_chars_per_word"].integer(100);
    if (most < 0) model["max_input_chars_per_word"].problem(ErrorKind::BadFormat, fmt::format("is {}", most));
    // Every place of a word tries every length: a limit keeps that from growing without end.
    options.mostCharacters = static_cast<std::size_t>(std::clamp<std::int64_t>(most, 0, 10'000));
    out.kind = "WordPiece";
    out.make = [options, unknown = model["unk_token"].text("[UNK]")](
                   const Vocabulary& own, std::string_view) -> Result<std::unique_ptr<const WordModel>> {
        WordPieceOptions complete = options;
        complete.unknown = unknownId(own, unknown);
        return std::make_unique<const WordPieceModel>(own, complete);
    };
    return out;
}

ModelFile readWordLevel(const JsonField& model) {
    ModelFile out;
    out.vocabulary = readVocabulary(model["vocab"]);
    out.kind = "whole words";
    out.make = [unknown = model["unk_token"].text("<unk>")](const Vocabulary& own,
                                                            std::string_view) -> Result<std::unique_ptr<const WordModel>> {
        return std::make_unique<const WordLevelModel>(own, unknownId(own, unknown));
    };
    return out;
}

}  // namespace lw::tokenizer_json
