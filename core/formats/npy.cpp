// The header is a Python dictionary as text, padded so that the numbers begin at a multiple of 64.
#include "core/formats/npy.h"

#include <cassert>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "core/formats/atomic_file.h"
#include "core/formats/stored_tensor.h"

namespace lw {

namespace {

constexpr std::size_t kLongestComment = 4000;

std::string header(std::string_view descr, std::span<const std::int64_t> shape, std::string_view comment) {
    std::string tuple;
    for (const std::int64_t length : shape) tuple += fmt::format("{}, ", length);
    if (shape.size() > 1) tuple.resize(tuple.size() - 2);
    if (shape.size() == 1) tuple.resize(tuple.size() - 1);  // (3,)
    std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, tuple);
    if (!comment.empty()) text += " # ";
    for (const char c : comment.substr(0, kLongestComment)) text += c >= ' ' && c <= '~' ? c : '?';
    constexpr std::size_t kBefore = 10;  // magic, version, length
    const std::size_t unpadded = kBefore + text.size() + 1;
    text.append((64 - unpadded % 64) % 64, ' ');
    text += '\n';
    std::string result("\x93NUMPY\x01\x00", 8);
    result += static_cast<char>(text.size() & 0xff);
    result += static_cast<char>(text.size() >> 8);
    return result + text;
}

Result<void> write(const std::filesystem::path& path, std::string_view descr, std::span<const std::int64_t> shape,
                   std::span<const std::byte> values, std::string_view comment) {
    auto file = AtomicFile::create(path);
    if (!file) return Unexpected(file.error());
    if (const auto done = file->append(header(descr, shape, comment)); !done) return done;
    if (const auto done = file->append(values); !done) return done;
    return file->commit();
}

}  // namespace

Result<void> writeNpy(const std::filesystem::path& path, std::span<const std::int64_t> shape, std::span<const float> values,
                      std::string_view comment) {
    assert(valueCount(shape) == static_cast<std::int64_t>(values.size()));
    return write(path, "<f4", shape, std::as_bytes(values), comment);
}

Result<void> writeNpy(const std::filesystem::path& path, std::span<const std::int64_t> shape, std::span<const double> values,
                      std::string_view comment) {
    assert(valueCount(shape) == static_cast<std::int64_t>(values.size()));
    return write(path, "<f8", shape, std::as_bytes(values), comment);
}

Result<void> writeNpy(const std::filesystem::path& path, std::span<const std::int64_t> shape,
                      std::span<const std::int64_t> values, std::string_view comment) {
    assert(valueCount(shape) == static_cast<std::int64_t>(values.size()));
    return write(path, "<i8", shape, std::as_bytes(values), comment);
}

}  // namespace lw
