// Reads little-endian numbers and texts one after the other out of a file's bytes. The first read past the end fails the cursor
// for good: everything after it gives zeros, so a reader checks once where it matters instead of after every number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lw {

class ByteCursor {
public:
    /// `file` is what error messages call it.
    ByteCursor(std::span<const std::byte> bytes, std::string_view file) : m_bytes(bytes), m_file(file) {}

    template <class T>
    T number(std::string_view what) {
        T value{};
        if (need(sizeof value, what)) {
            std::memcpy(&value, m_bytes.data() + m_at, sizeof value);
            m_at += sizeof value;
        }
        return value;
    }

    /// A length of 64 bits, then so many bytes.
    std::string_view text(std::string_view what) {
        const auto length = number<std::uint64_t>(what);
        if (!need(length, what)) return {};
        const std::string_view result(reinterpret_cast<const char*>(m_bytes.data()) + m_at, static_cast<std::size_t>(length));
        m_at += static_cast<std::size_t>(length);
        return result;
    }

    void skip(std::uint64_t length, std::string_view what) {
        if (need(length, what)) m_at += static_cast<std::size_t>(length);
    }

    /// Fails the cursor with a sentence's end that follows the file's name: "has a setting …". The first failure stays.
    void failWith(std::string problem) {
        if (m_problem.empty()) m_problem = std::move(problem);
    }

    bool ok() const { return m_problem.empty(); }
    /// Only if !ok().
    Unexpected error() const;

    std::size_t at() const { return m_at; }
    void moveTo(std::size_t at) { m_at = at; }
    std::uint64_t left() const { return m_bytes.size() - m_at; }

private:
    bool need(std::uint64_t length, std::string_view what);

    std::span<const std::byte> m_bytes;
    std::string_view m_file;
    std::size_t m_at = 0;
    std::string m_problem;
};

}  // namespace lw
