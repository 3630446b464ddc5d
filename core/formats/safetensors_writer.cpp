// Header first, then every piece at its place.
#include "core/formats/safetensors_writer.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/formats/in_quotes.h"
#include "core/formats/safetensors_header.h"
#include "core/formats/stored_tensor.h"

namespace lw {

namespace {

constexpr std::size_t kAlignment = 64;  // of the data's begin: a cache line

Unexpected refused(const std::string& file, std::string_view why) {
    return fail(ErrorKind::BadInput, fmt::format("{} cannot be written: {}.", file, why), file);
}

Result<std::int64_t> bytesOf(const ArrayDeclaration& array, const std::string& file) {
    const int bits = safetensorsBits(array.dtype);
    if (bits < 8)
        return refused(file, fmt::format("the array {} has the type {}, which cannot be written", inQuotes(array.name),
                                         inQuotes(array.dtype)));
    const auto count = valueCount(array.shape);
    std::int64_t bytes = 0;
    if (!count || __builtin_mul_overflow(*count, static_cast<std::int64_t>(bits / 8), &bytes)) {
        return refused(file,
                       fmt::format("the shape {} of the array {} is too large", shapeText(array.shape), inQuotes(array.name)));
    }
    return bytes;
}

}  // namespace

Result<SafetensorsWriter> SafetensorsWriter::create(const std::filesystem::path& path, std::vector<ArrayDeclaration> arrays,
                                                    const std::map<std::string, std::string>& metadata) {
    auto file = AtomicFile::create(path);
    if (!file) return Unexpected(file.error());
    SafetensorsWriter writer(std::move(*file));
    const std::string& name = writer.m_file.name();

    std::vector<std::size_t> order(arrays.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return safetensorsBits(arrays[a].dtype) > safetensorsBits(arrays[b].dtype);
    });

    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!metadata.empty()) header["__metadata__"] = metadata;
    std::vector<std::int64_t> begin(arrays.size());
    std::vector<std::int64_t> end(arrays.size());
    std::unordered_set<std::string_view> names{"__metadata__"};
    std::int64_t place = 0;
    for (const std::size_t i : order) {
        if (!names.insert(arrays[i].name).second) {
            return refused(name, fmt::format("the array's name {} is taken", inQuotes(arrays[i].name)));
        }
        const auto bytes = bytesOf(arrays[i], name);
        if (!bytes) return Unexpected(bytes.error());
        begin[i] = place;
        if (__builtin_add_overflow(place, *bytes, &place)) return refused(name, "the arrays together are too large");
        end[i] = place;
    }
    // push_back-like insertion: a look-up for every name would take quadratic time in ordered_json.
    auto& object = header.get_ref<nlohmann::ordered_json::object_t&>();
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        object.push_back(
            {arrays[i].name, {{"dtype", arrays[i].dtype}, {"shape", arrays[i].shape}, {"data_offsets", {begin[i], end[i]}}}});
    }
    std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    text.append((kAlignment - (sizeof(std::uint64_t) + text.size()) % kAlignment) % kAlignment, ' ');

    const auto length = static_cast<std::uint64_t>(text.size());
    if (const auto done = writer.m_file.append(std::as_bytes(std::span(&length, 1))); !done) return Unexpected(done.error());
    if (const auto done = writer.m_file.append(text); !done) return Unexpected(done.error());
    const auto data = static_cast<std::int64_t>(sizeof length + text.size());
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        writer.m_next.push_back(data + begin[i]);
        writer.m_end.push_back(data + end[i]);
    }
    writer.m_arrays = std::move(arrays);
    return writer;
}

Result<void> SafetensorsWriter::append(std::size_t index, std::span<const float> values) {
    assert(m_arrays[index].dtype == "F32");
    return appendBytes(index, std::as_bytes(values));
}

Result<void> SafetensorsWriter::append(std::size_t index, std::span<const double> values) {
    assert(m_arrays[index].dtype == "F64");
    return appendBytes(index, std::as_bytes(values));
}

Result<void> SafetensorsWriter::append(std::size_t index, std::span<const std::int64_t> values) {
    assert(m_arrays[index].dtype == "I64");
    return appendBytes(index, std::as_bytes(values));
}

Result<void> SafetensorsWriter::appendBytes(std::size_t index, std::span<const std::byte> bytes) {
    assert(m_next[index] + static_cast<std::int64_t>(bytes.size()) <= m_end[index]);
    if (bytes.empty()) return {};
    const std::int64_t at = m_next[index];
    m_next[index] += static_cast<std::int64_t>(bytes.size());
    return m_file.writeAt(at, bytes);
}

Result<void> SafetensorsWriter::finish() {
    for (std::size_t i = 0; i < m_arrays.size(); ++i) {
        if (m_next[i] != m_end[i]) {
            return refused(m_file.name(), fmt::format("the array {} has got {} bytes too few", inQuotes(m_arrays[i].name),
                                                      m_end[i] - m_next[i]));
        }
    }
    return m_file.commit();
}

}  // namespace lw
