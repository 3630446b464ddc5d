#include "core/load_tokenizer.h"

#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include "core/bundled.h"
#include "core/formats/gguf_split.h"
#include "core/formats/gguf_tokenizer.h"
#include "core/formats/mapped_file.h"
#include "core/formats/sentencepiece_model.h"
#include "core/load.h"
#include "core/text/bundled_tokenizers.h"
#include "core/text/gguf_vocabulary.h"
#include "core/text/gpt2_files.h"
#include "core/text/json_text.h"
#include "core/text/packed_tokens.h"
#include "core/text/plain_tokenizers.h"
#include "core/text/rwkv_world.h"
#include "core/text/tiktoken.h"
#include "core/text/tokenizer_json.h"

namespace lw {

namespace fs = std::filesystem;

namespace {

using Made = Result<std::shared_ptr<const Tokenizer>>;

Result<std::string> readAll(const fs::path& path) { return readFile(path, JsonLimits().bytes); }

/// The text of an optional file; empty if there is none.
Result<std::string> readAll(const std::optional<fs::path>& path) {
    return path ? readAll(*path) : Result<std::string>(std::string());
}

Made fromSentencePiece(std::string_view bytes, const std::string& where, std::string_view config) {
    const auto extras = sentencePieceExtras(config, "tokenizer_config.json");
    if (!extras) return Unexpected(extras.error());
    auto model = readSentencePieceModel(bytes, where);
    return model ? tokenizerFromSentencePiece(*model, where, *extras) : Made(Unexpected(model.error()));
}

std::optional<fs::path> beside(const fs::path& path, std::initializer_list<const char*> names) {
    std::error_code ignored;
    for (const char* name : names) {
        if (const fs::path other = path.parent_path() / name; fs::is_regular_file(other, ignored)) return other;
    }
    return std::nullopt;
}

Made fromGpt2Files(const fs::path& vocabularyPath, const fs::path& mergesPath) {
    auto vocabulary = readAll(vocabularyPath);
    if (!vocabulary) return Unexpected(vocabulary.error());
    auto merges = readAll(mergesPath);
    if (!merges) return Unexpected(merges.error());
    return tokenizerFromGpt2Files(*vocabulary, *merges, vocabularyPath.parent_path().string());
}

/// Any file that is no GGUF, by what is in it.
Made fromContent(const fs::path& path, std::string_view config) {
    const auto text = readAll(path);
    if (!text) return Unexpected(text.error());
    const std::string where = path.string();
    const std::size_t first = text->find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (first != std::string::npos && (*text)[first] == '{') {
        const fs::path name = path.filename();
        const auto merges =
            name == "vocab.json" || name == "encoder.json" ? beside(path, {"merges.txt", "vocab.bpe"}) : std::nullopt;
        return merges ? fromGpt2Files(path, *merges) : tokenizerFromJson(*text, where, config);
    }
    if (text->starts_with("#version")) {
        if (const auto vocabulary = beside(path, {"vocab.json", "encoder.json"})) return fromGpt2Files(*vocabulary, path);
        return fail(ErrorKind::NotFound,
                    fmt::format("{} holds merges; the vocabulary, vocab.json or encoder.json, is expected beside it.", where),
                    where);
    }
    if (looksLikePackedTokens(*text)) return tokenizerFromPackedTokens(*text, where);
    if (looksLikeTiktoken(*text)) return tokenizerFromTiktoken(*text, where);
    if (looksLikeRwkvWorld(*text)) return tokenizerFromRwkvWorld(*text, where);
    if (looksLikeSentencePiece(*text)) return fromSentencePiece(*text, where, config);
    return fail(
        ErrorKind::BadFormat,
        fmt::format(
            "{} is no tokenizer that this program knows: a tokenizer.json, a SentencePiece model, tiktoken's ranks, RWKV's "
            "vocabulary, GPT-2's two files or a GGUF file was expected.",
            where),
        where);
}

Made bundled(const BundledTokenizer& one) {
    if (one.path.empty()) return one.name == "bytes" ? byteTokenizer() : characterTokenizer();
    return fromContent(resourcesFolder() / one.path, {});
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> tokenizerOf(const TokenizerFiles& files) {
    if (files.tokenizerJson) {
        auto text = readAll(*files.tokenizerJson);
        if (!text) return Unexpected(text.error());
        auto config = readAll(files.tokenizerConfig);
        if (!config) return Unexpected(config.error());
        return tokenizerFromJson(*text, files.tokenizerJson->string(), *config);
    }
    if (files.vocabJson && files.mergesTxt) return fromGpt2Files(*files.vocabJson, *files.mergesTxt);
    if (files.sentencePieceModel) {
        const std::string where = files.sentencePieceModel->string();
        if (files.sentencePieceModel->filename() == "source.spm") {
            return fail(
                ErrorKind::Unsupported,
                fmt::format(
                    "{}: Marian's ids are not those of its SentencePiece model, which is not supported; tokenizer.json is "
                    "expected beside it.",
                    where),
                where);
        }
        auto config = readAll(files.tokenizerConfig);
        if (!config) return Unexpected(config.error());
        return fromContent(*files.sentencePieceModel, *config);
    }
    return std::shared_ptr<const Tokenizer>();
}

Result<std::shared_ptr<const Tokenizer>> tokenizerOf(const GgufFile& file) {
    if (!file.settings().contains("tokenizer.ggml.model")) return std::shared_ptr<const Tokenizer>();
    auto vocabulary = readGgufVocabulary(file);
    if (!vocabulary) return Unexpected(vocabulary.error());
    if (auto same = file.intact(); !same) return Unexpected(same.error());
    return tokenizerFromGguf(*vocabulary, file.where());
}

Result<std::shared_ptr<const Tokenizer>> loadTokenizer(const std::string& nameOrPath) {
    if (const BundledTokenizer* known = bundledTokenizer(nameOrPath)) return bundled(*known);
    auto path = resolveModel(nameOrPath);
    if (!path) {
        Error error = path.error();
        if (error.kind == ErrorKind::NotFound)
            error.message += fmt::format(" Bundled tokenizers are {}.", bundledTokenizerNames());
        return Unexpected(error);
    }
    std::error_code ignored;
    Result<std::shared_ptr<const Tokenizer>> tokenizer;
    if (fs::is_directory(*path, ignored)) {
        tokenizer = tokenizerOf(findTokenizerFiles(*path));
    } else if (path->extension() == ".gguf" || looksLikeGguf(*path)) {
        auto file = openGgufHead(*path);
        if (!file) return Unexpected(file.error());
        tokenizer = tokenizerOf(**file);
    } else if (path->extension() == ".safetensors") {
        tokenizer = tokenizerOf(findTokenizerFiles(path->parent_path()));
    } else {
        tokenizer = fromContent(*path, {});
    }
    if (tokenizer && !*tokenizer)
        return fail(ErrorKind::NotFound, fmt::format("{}: there is no tokenizer here.", path->string()), path->string());
    return tokenizer;
}

}  // namespace lw
