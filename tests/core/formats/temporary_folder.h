// A folder that goes away with its object, and the bytes of files for tests.
#pragma once

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>

#include <unistd.h>

namespace lw::test {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "layerwalk-test-XXXXXX").string();
        m_path = ::mkdtemp(pattern.data());
        std::filesystem::permissions(m_path, std::filesystem::perms::all);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }

    const std::filesystem::path& path() const { return m_path; }
    std::filesystem::path operator/(const std::string& name) const { return m_path / name; }

    std::filesystem::path write(const std::string& name, const std::string& content) const {
        std::filesystem::remove(m_path / name);  // overwriting makes some file systems wait for the disk
        std::ofstream(m_path / name, std::ios::binary) << content;
        return m_path / name;
    }
    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(m_path), std::filesystem::directory_iterator()));
    }

private:
    std::filesystem::path m_path;
};

/// While this lives, an administrator's program has an ordinary person's rights; an ordinary person's program keeps its own.
class OrdinaryRights {
public:
    OrdinaryRights() : m_was(::geteuid()) {
        if (m_was == 0) (void)!::seteuid(65534);
    }
    OrdinaryRights(const OrdinaryRights&) = delete;
    OrdinaryRights& operator=(const OrdinaryRights&) = delete;
    ~OrdinaryRights() {
        if (m_was == 0) (void)!::seteuid(m_was);
    }

private:
    uid_t m_was;
};

inline std::string contentOf(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The bytes of a number as they lie in memory (little-endian).
template <class T>
std::string bytesOf(T value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

template <class T>
std::string bytesOfAll(std::span<const T> values) {
    return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

/// A safetensors file: the header's length, the header, the data.
inline std::string safetensorsBytes(const std::string& header, const std::string& data) {
    return bytesOf<std::uint64_t>(header.size()) + header + data;
}

}  // namespace lw::test
