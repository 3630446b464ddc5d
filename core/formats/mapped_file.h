// A file seen as memory, read-only. Weights are views into it, so opening a model reads nothing but its header, and several
// programs share one copy. Not for files that others shorten while we look: the system ends a program that reads a vanished page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lw {

class MappedFile {
public:
    /// Fails: NotFound (nothing there), Unreadable (a folder, a device, no permission), BadFormat (0 bytes).
    static Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);

    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    std::span<const std::byte> bytes() const { return {m_data, m_size}; }
    std::string_view text() const { return {reinterpret_cast<const char*>(m_data), m_size}; }
    std::size_t size() const { return m_size; }
    /// The path as error messages show it.
    const std::string& name() const { return m_name; }

    /// Tells the system that these bytes are read soon. A hint: nothing fails. The range lies inside the file.
    void willNeed(std::size_t offset, std::size_t length) const;

private:
    MappedFile(std::string name, const std::byte* data, std::size_t size);

    std::string m_name;
    const std::byte* m_data = nullptr;
    std::size_t m_size = 0;
};

}  // namespace lw
