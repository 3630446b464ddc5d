// A file seen as memory, read-only. Weights are views into it, so opening a model reads nothing but its header, and several
// programs share one copy. Others may change or shorten the file while we look: a lost page reads as zeros (bus_guard.h), and
// intact() tells that what was read is not to be trusted. Small files are read into memory instead (readFile).
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/formats/bus_guard.h"

namespace lw {

// An open file and how it was when it was opened.
struct OpenFile {
    /// Fails: NotFound (nothing there), Unreadable (a folder, a device, no permission), BadFormat (0 bytes).
    static Result<OpenFile> open(const std::filesystem::path& path);
    /// Fails: Unreadable if the file was shortened or written to since.
    Result<void> unchanged() const;

    OpenFile() = default;
    OpenFile(OpenFile&& other) noexcept;
    OpenFile& operator=(OpenFile&& other) noexcept;
    ~OpenFile();

    std::string name;
    int fd = -1;
    std::size_t size = 0;
    timespec modified{};
};

class MappedFile {
public:
    /// Fails: as OpenFile::open.
    static Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);

    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    std::span<const std::byte> bytes() const { return {m_data, m_file.size}; }
    std::string_view text() const { return {reinterpret_cast<const char*>(m_data), m_file.size}; }
    std::size_t size() const { return m_file.size; }
    /// The path as error messages show it.
    const std::string& name() const { return m_file.name; }

    /// Tells the system that these bytes are read soon. A hint: nothing fails. The range lies inside the file.
    void willNeed(std::size_t offset, std::size_t length) const;

    /// To be asked after reading: whether all that was read up to now was what the file held when it was opened.
    /// Fails: Unreadable (shortened, written to, or a disk that failed since).
    Result<void> intact() const;

private:
    MappedFile(OpenFile file, const std::byte* data);

    OpenFile m_file;
    const std::byte* m_data = nullptr;
    BusGuard m_guard;
};

/// The whole file in memory.
/// Fails: as OpenFile::open; BadFormat if it has more than `most` bytes; Unreadable (a disk that fails, a file that shrinks).
Result<std::string> readFile(const std::filesystem::path& path, std::int64_t most);

}  // namespace lw
