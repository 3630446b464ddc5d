// Writing a file so that it is either wholly there or not at all: under a temporary name in the same folder, renamed when done.
// Not durable against a power cut: nothing is synced to the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lw {

class AtomicFile {
public:
    /// Fails: NotWritable (no such folder, no permission, the target is a folder or a device).
    static Result<AtomicFile> create(const std::filesystem::path& target);

    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&& other) noexcept;
    /// Removes what was written unless commit() succeeded.
    ~AtomicFile();

    /// Puts the bytes at `offset`; consecutive pieces are gathered, so small ones are cheap.
    /// Fails: NotWritable (disk full, device error).
    Result<void> writeAt(std::int64_t offset, std::span<const std::byte> bytes);
    Result<void> append(std::span<const std::byte> bytes);
    Result<void> append(std::string_view text);

    /// Gives the file its name. An existing file is replaced and keeps its permissions.
    Result<void> commit();

    const std::string& name() const { return m_name; }  // the target, as error messages show it

private:
    AtomicFile() = default;
    Result<void> flush();
    Result<void> writeNow(std::span<const std::byte> bytes);  // at m_bufferAt
    void discard() noexcept;
    Unexpected problem(int code) const;

    std::string m_name, m_target, m_temporary;
    int m_fd = -1;
    bool m_named = true;  // m_temporary is there
    std::vector<std::byte> m_buffer;  // waits to be written at m_bufferAt
    std::int64_t m_bufferAt = 0;
};

/// Fails: as AtomicFile.
Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view content);

}  // namespace lw
