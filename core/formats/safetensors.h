// safetensors files: a JSON header with names, types, shapes and places, then the numbers. Read-only and memory-mapped.
// For weights (as a WeightSource) and, with any numeric type, for reference arrays.
// Source: https://github.com/huggingface/safetensors, section Format.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/formats/mapped_file.h"
#include "core/tensor/integer_source.h"
#include "core/tensor/weight_source.h"

namespace lw {

class SafetensorsFile final : public WeightSource, public IntegerSource {
public:
    /// Checks every promise of the header against the file: types known, sizes right, the data covered without hole or overlap.
    /// Fails: as MappedFile::open; BadFormat with what was expected and found.
    static Result<std::shared_ptr<const SafetensorsFile>> open(const std::filesystem::path& path);

    std::string_view where() const override { return m_file->name(); }
    std::span<const TensorEntry> entries() const override { return m_entries; }
    const TensorEntry* find(std::string_view name) const override;
    Result<Weight> weight(std::string_view name) const override;
    Result<void> intact() const override { return m_file->intact(); }

    const std::map<std::string, std::string>& metadata() const { return m_metadata; }

    /// All values in row-major order, whatever the stored type: floats of 16 to 64 bits, integers, BOOL as 0 and 1.
    /// Fails: NotFound; Unsupported for types narrower than a byte or of eight-bit floats and complex numbers.
    Result<std::vector<float>> floats(std::string_view name) const;
    Result<std::vector<double>> doubles(std::string_view name) const;
    /// Fails: also Mismatch if the stored type is no integer or a value does not fit.
    Result<std::vector<std::int64_t>> integers(std::string_view name) const override;
    /// The stored bytes, as long as this file lives.
    Result<std::span<const std::byte>> bytes(std::string_view name) const override;

private:
    SafetensorsFile() = default;
    Result<std::size_t> indexOf(std::string_view name) const;
    template <class T>
    Result<std::vector<T>> values(std::string_view name, bool onlyIntegers) const;

    std::shared_ptr<const MappedFile> m_file;
    std::vector<TensorEntry> m_entries;  // in the order of their data
    std::vector<std::size_t> m_offsets;  // of each entry's data, from the file's start
    std::unordered_map<std::string_view, std::size_t> m_byName;
    std::map<std::string, std::string> m_metadata;
};

}  // namespace lw
