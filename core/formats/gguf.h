// GGUF files of versions 2 and 3: settings, vocabulary and weights of a model in one memory-mapped file. Read-only.
// What the settings mean is the business of models and tokenizers (gguf_tokenizer.h).
// Source: docs/gguf.md in ggml.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/formats/gguf_settings.h"
#include "core/formats/mapped_file.h"
#include "core/tensor/weight_source.h"

namespace lw {

class GgufFile final : public WeightSource {
public:
    /// Checks every count, length and place against the file before anything is held. A file without tensors (only a
    /// vocabulary) is fine. Tensors of types that the program cannot compute with are listed; weight() refuses them.
    /// Fails: as MappedFile::open; BadFormat with what was expected and found; Unsupported for other versions and big-endian.
    static Result<std::shared_ptr<const GgufFile>> open(const std::filesystem::path& path);

    std::string_view where() const override { return m_file->name(); }
    std::span<const TensorEntry> entries() const override { return m_entries; }
    const TensorEntry* find(std::string_view name) const override;
    Result<Weight> weight(std::string_view name) const override;
    Result<void> intact() const override { return m_file->intact(); }

    const GgufSettings& settings() const { return m_settings; }

private:
    GgufFile() = default;

    std::shared_ptr<const MappedFile> m_file;
    GgufSettings m_settings;
    std::vector<TensorEntry> m_entries;  // in the order of the file's list
    std::vector<std::size_t> m_offsets;  // of each entry's data, from the file's start
    std::unordered_map<std::string_view, std::size_t> m_byName;
};

/// Whether the file begins as a GGUF file does, whatever its name. False if it cannot be read.
bool looksLikeGguf(const std::filesystem::path& path);

}  // namespace lw
