// Opening a model: whatever the path holds (GGUF file, Hugging Face folder, .safetensors file, name of a bundled model).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/job.h"
#include "core/models/model.h"
#include "core/tensor/weight_source.h"
#include "core/text/tokenizer.h"

namespace lw {

struct LoadedModel {
    std::string name;                            // file or folder name without ending, or the bundled name
    std::filesystem::path path;                  // where it was opened
    std::shared_ptr<const Model> model;
    std::shared_ptr<const Tokenizer> tokenizer;  // null: only ids can be given
    std::vector<TokenId> ends;                   // ids that end a text: config, generation settings, tokenizer
    std::vector<std::string> warnings;           // one sentence each: unknown config fields and the like
    /// 32 hex digits over configuration and weights; computed on first use (reads every weight once).
    std::string fingerprint() const;

    struct Lazy;
    std::shared_ptr<Lazy> lazy;
};

struct LoadOptions {
    bool trainable = false;  // float32 leaves that collect gradients
};

/// The path that a name stands for: a bundled model, a path, or something in the models folder.
/// Fails: NotFound, with the names of the bundled models that resemble it.
Result<std::filesystem::path> resolveModel(const std::string& nameOrPath);

/// Fails: with one sentence that names the file, the field or the tensor, what was expected and what was found.
Result<std::shared_ptr<const LoadedModel>> loadModel(const std::string& nameOrPath, const LoadOptions& options = {},
                                                     const Job& job = {});

/// Only the tokenizer: also of a vocabulary-only GGUF, a folder, or a tokenizer.json / tokenizer file itself.
Result<std::shared_ptr<const Tokenizer>> loadTokenizer(const std::string& nameOrPath);

struct Inspection {
    std::string architecture;
    std::string configJson;            // the configuration as JSON text
    std::int64_t parameters = 0;
    std::vector<TensorEntry> tensors;
    std::string tokenizerJson;         // {"kind", "size", …} or "null"
    std::filesystem::path path;
};
/// Configuration and tensors, without reading the weights.
Result<Inspection> inspectModel(const std::string& nameOrPath);

}  // namespace lw
