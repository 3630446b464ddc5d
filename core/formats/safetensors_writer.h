// Writes a safetensors file whose arrays arrive in pieces, for traces and checkpoints larger than memory.
// The file appears under its name only when finish() succeeds; until then, and if the writer is dropped, nothing is left behind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/atomic_file.h"

namespace lw {

struct ArrayDeclaration {
    std::string name;                 // not "__metadata__", given once
    std::string dtype;                // a name of the format: "F32", "I64", "F64", "F16", …
    std::vector<std::int64_t> shape;  // lengths >= 0; empty for a single number
};

class SafetensorsWriter {
public:
    /// Writes the header. The data lie in the file by falling size of one value, else as declared, so every number is aligned.
    /// Fails: as AtomicFile::create; BadInput for a double or reserved name, an unknown type, a shape beyond int64.
    static Result<SafetensorsWriter> create(const std::filesystem::path& path, std::vector<ArrayDeclaration> arrays,
                                            const std::map<std::string, std::string>& metadata = {});

    /// The next values of the array declared at `index`, after those it has already got. Arrays may be filled in any order,
    /// also in turns. Asserted: the declared type is the given one, and no more values come than were declared.
    /// Fails: NotWritable (disk full, device error).
    Result<void> append(std::size_t index, std::span<const float> values);
    Result<void> append(std::size_t index, std::span<const double> values);
    Result<void> append(std::size_t index, std::span<const std::int64_t> values);
    /// Of any type, as stored (little-endian).
    Result<void> appendBytes(std::size_t index, std::span<const std::byte> bytes);

    /// Fails: NotWritable; BadInput if an array has not got all its values (it names one).
    Result<void> finish();

    std::span<const ArrayDeclaration> arrays() const { return m_arrays; }

private:
    explicit SafetensorsWriter(AtomicFile file) : m_file(std::move(file)) {}

    AtomicFile m_file;
    std::vector<ArrayDeclaration> m_arrays;
    std::vector<std::int64_t> m_next, m_end;  // where each array's next byte goes, and where the array ends in the file
};

}  // namespace lw
