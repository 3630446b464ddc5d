// rwkv.cpp's own files (.bin): a short header, then tensors one after the other. Read-only and memory-mapped.
// Source: rwkv.cpp, docs/FILE_FORMAT.md.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/formats/mapped_file.h"
#include "core/tensor/weight_source.h"

namespace lw {

class RwkvFile final : public WeightSource {
public:
    /// Fails: as MappedFile::open; BadFormat (a header or tensor that the file is too short for, a negative length, a name given
    /// twice); Unsupported (a version before 101 with blocks of numbers).
    static Result<std::shared_ptr<const RwkvFile>> open(const std::filesystem::path& path);

    std::string_view where() const override { return m_file->name(); }
    std::span<const TensorEntry> entries() const override { return m_entries; }
    const TensorEntry* find(std::string_view name) const override;
    Result<Weight> weight(std::string_view name) const override;
    Result<void> intact() const override { return m_file->intact(); }

    /// The fields of a config.json, as far as header and tensors say them.
    /// Fails: Unsupported for RWKV before version 7 (the version is named).
    Result<nlohmann::json> config() const;

private:
    RwkvFile() = default;
    std::shared_ptr<const MappedFile> m_file;
    std::vector<TensorEntry> m_entries;
    std::vector<std::size_t> m_offsets;
    int m_vocabulary = 0, m_width = 0, m_layers = 0;
};

/// Does the file begin as such files do? False if it cannot be read.
bool looksLikeRwkv(const std::filesystem::path& path);

}  // namespace lw
