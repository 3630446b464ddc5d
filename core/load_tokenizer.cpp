#include "core/load_tokenizer.h"

#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include "core/formats/gguf_split.h"
#include "core/formats/gguf_tokenizer.h"
#include "core/formats/mapped_file.h"
#include "core/load.h"
#include "core/text/gguf_vocabulary.h"
#include "core/text/gpt2_files.h"
#include "core/text/json_text.h"
#include "core/text/tokenizer_json.h"

namespace lw {

namespace fs = std::filesystem;

namespace {

Result<std::string> readAll(const fs::path& path) { return readFile(path, JsonLimits().bytes); }

}  // namespace

Result<std::shared_ptr<const Tokenizer>> tokenizerOf(const TokenizerFiles& files) {
    if (files.tokenizerJson) {
        auto text = readAll(*files.tokenizerJson);
        if (!text) return Unexpected(text.error());
        std::string config;
        if (files.tokenizerConfig) {
            auto read = readAll(*files.tokenizerConfig);
            if (!read) return Unexpected(read.error());
            config = *std::move(read);
        }
        return tokenizerFromJson(*text, files.tokenizerJson->string(), config);
    }
    if (files.vocabJson && files.mergesTxt) {
        auto vocabulary = readAll(*files.vocabJson);
        if (!vocabulary) return Unexpected(vocabulary.error());
        auto merges = readAll(*files.mergesTxt);
        if (!merges) return Unexpected(merges.error());
        return tokenizerFromGpt2Files(*vocabulary, *merges, files.vocabJson->parent_path().string());
    }
    if (files.sentencePieceModel) {
        return fail(ErrorKind::Unsupported,
                    fmt::format("{}: a SentencePiece model file cannot be read; tokenizer.json is expected beside it.",
                                files.sentencePieceModel->string()),
                    files.sentencePieceModel->string());
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
    auto path = resolveModel(nameOrPath);
    if (!path) return Unexpected(path.error());
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
        TokenizerFiles files;
        files.tokenizerJson = *path;
        tokenizer = tokenizerOf(files);
    }
    if (tokenizer && !*tokenizer)
        return fail(ErrorKind::NotFound, fmt::format("{}: there is no tokenizer here.", path->string()), path->string());
    return tokenizer;
}

}  // namespace lw
