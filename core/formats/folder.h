// What lies in a model folder of Hugging Face layout. Looks at names only; reads nothing.
#pragma once

#include <filesystem>
#include <optional>

#include "core/base/result.h"

namespace lw {

/// A tokenizer can come without a model, and in several forms; the reader chooses.
struct TokenizerFiles {
    std::optional<std::filesystem::path> tokenizerJson, tokenizerConfig;
    std::optional<std::filesystem::path> specialTokensMap, addedTokens;
    std::optional<std::filesystem::path> vocabJson, mergesTxt;  // GPT-2's older form, found only together
    std::optional<std::filesystem::path> sentencePieceModel;    // tokenizer.model, spiece.model or source.spm

    bool any() const { return tokenizerJson || vocabJson || sentencePieceModel; }
};

struct ModelFolder {
    std::filesystem::path folder;
    std::filesystem::path config;                           // config.json
    std::optional<std::filesystem::path> generationConfig;  // generation_config.json
    std::filesystem::path weights;                          // a .safetensors file or a .safetensors.index.json
    TokenizerFiles tokenizer;
};

/// `path` is a folder, or a .safetensors file (or index) with a config.json beside it.
/// Fails: NotFound (no such path, no config.json, no weights); Unsupported with the way to convert for a folder that has only
/// PyTorch's pickled weights; BadInput if several .safetensors files could be meant.
Result<ModelFolder> examineFolder(const std::filesystem::path& path);

TokenizerFiles findTokenizerFiles(const std::filesystem::path& folder);

}  // namespace lw
