// Opening and checking a GGUF file.
#include "core/formats/gguf.h"

#include <algorithm>
#include <array>
#include <bit>
#include <fstream>
#include <limits>
#include <numeric>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "core/formats/gguf_types.h"
#include "core/formats/in_quotes.h"
#include "core/formats/stored_tensor.h"
#include "core/text/utf8.h"

namespace lw {

namespace {

constexpr std::string_view kMagic = "GGUF";
constexpr std::uint64_t kMostTensors = 1 << 20;
constexpr std::uint32_t kMostDimensions = 4;
constexpr std::uint64_t kMostAlignment = 1 << 20;

struct TensorInfo {
    TensorEntry entry;         // bytes: -1 if the type's number is unknown
    std::uint64_t offset = 0;  // from the data's begin
};

// Magic and version: whether this is a file that we read.
Result<void> checkVersion(ByteCursor& cursor, const MappedFile& file) {
    const std::string& name = file.name();
    const std::string_view begin = file.text().substr(0, kMagic.size());
    if (begin != kMagic) {
        return fail(ErrorKind::BadFormat,
                    fmt::format("{} is no GGUF file: it begins with {} instead of \"GGUF\".", name, inQuotes(begin)), name);
    }
    cursor.skip(kMagic.size(), "the file's kind");
    const auto version = cursor.number<std::uint32_t>("the version");
    if (!cursor.ok()) return cursor.error();
    if (version == 2 || version == 3) return {};
    const bool swapped = version != 0 && (version & 0xffffu) == 0;
    return fail(ErrorKind::Unsupported,
                swapped ? fmt::format("{} is a big-endian GGUF file; only little-endian ones are read.", name)
                        : fmt::format("{} is a GGUF file of version {}; versions 2 and 3 are read.", name, version),
                name);
}

std::uint64_t alignmentFrom(ByteCursor& cursor, const nlohmann::json& settings) {
    const auto found = settings.find("general.alignment");
    if (found == settings.end()) return 32;
    const std::uint64_t alignment = found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
    if (std::has_single_bit(alignment) && alignment >= 8 && alignment <= kMostAlignment) return alignment;
    cursor.failWith(fmt::format("has {} as its setting \"general.alignment\" where a power of two from 8 to {} was expected",
                                found->is_number() ? found->dump() : found->type_name(), kMostAlignment));
    return 32;
}

// Bytes of a tensor, -1 for an unknown type; nothing if the shape does not fit the type or the numbers of this machine.
std::optional<std::int64_t> storedBytes(std::span<const std::int64_t> shape, const GgufType* type) {
    const auto count = valueCount(shape);
    if (!count) return std::nullopt;
    if (!type) return -1;
    if (!shape.empty() && shape.back() % type->blockValues != 0) return std::nullopt;
    std::int64_t bytes = 0;
    if (__builtin_mul_overflow(*count / type->blockValues, type->blockBytes, &bytes)) return std::nullopt;
    return bytes;
}

TensorInfo readTensorInfo(ByteCursor& cursor) {
    TensorInfo info;
    info.entry.name = utf8::repaired(cursor.text("a tensor's name"));
    const std::string name = inQuotes(info.entry.name);
    const auto dimensions = cursor.number<std::uint32_t>("a tensor's number of dimensions");
    if (dimensions > kMostDimensions) {
        cursor.failWith(
            fmt::format("gives the tensor {} {} dimensions where at most {} are allowed", name, dimensions, kMostDimensions));
    }
    for (std::uint32_t i = 0; i < dimensions && cursor.ok(); ++i) {
        const auto length = cursor.number<std::uint64_t>("a tensor's shape");
        if (length > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            cursor.failWith(fmt::format("gives the tensor {} the length {} in its shape", name, length));
        }
        info.entry.shape.push_back(static_cast<std::int64_t>(length));
    }
    std::reverse(info.entry.shape.begin(), info.entry.shape.end());
    const auto number = cursor.number<std::uint32_t>("a tensor's type");
    info.offset = cursor.number<std::uint64_t>("a tensor's place");
    if (!cursor.ok()) return info;

    const GgufType* type = ggufType(number);
    info.entry.type = type ? std::string(type->name) : fmt::format("type {}", number);
    const auto bytes = storedBytes(info.entry.shape, type);
    if (!bytes) {
        cursor.failWith(fmt::format("gives the tensor {} the shape {}, which {} cannot store", name, shapeText(info.entry.shape),
                                    info.entry.type));
    }
    info.entry.bytes = bytes.value_or(0);
    return info;
}

// Every tensor inside the file, at an aligned place, and none over another. Gives unknown types the bytes up to the next one.
void checkPlaces(ByteCursor& cursor, std::vector<TensorInfo>& tensors, std::uint64_t dataBytes, std::uint64_t alignment) {
    std::vector<TensorInfo*> order(tensors.size());
    std::transform(tensors.begin(), tensors.end(), order.begin(), [](TensorInfo& info) { return &info; });
    std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
        return std::tie(a->offset, a->entry.bytes) < std::tie(b->offset, b->entry.bytes);
    });
    for (std::size_t i = 0; i < order.size() && cursor.ok(); ++i) {
        TensorEntry& entry = order[i]->entry;
        const std::uint64_t offset = order[i]->offset;
        const std::uint64_t limit = i + 1 < order.size() ? std::min(order[i + 1]->offset, dataBytes) : dataBytes;
        if (offset % alignment != 0) {
            cursor.failWith(fmt::format("puts the tensor {} at byte {} of the data, which is no multiple of the alignment {}",
                                        inQuotes(entry.name), offset, alignment));
        } else if (offset > dataBytes ||
                   static_cast<std::uint64_t>(std::max<std::int64_t>(entry.bytes, 0)) > dataBytes - offset) {
            cursor.failWith(
                fmt::format("is cut short or broken: the tensor {} takes {} bytes from byte {} of the data on, but there "
                            "are only {}",
                            inQuotes(entry.name), std::max<std::int64_t>(entry.bytes, 0), offset, dataBytes));
        } else if (entry.bytes < 0) {
            entry.bytes = static_cast<std::int64_t>(limit - offset);
            // No type stores a value in less than a bit.
            if (valueCount(entry.shape).value_or(0) / 8 > entry.bytes) {
                cursor.failWith(fmt::format("gives the tensor {} the shape {}, but only {} bytes", inQuotes(entry.name),
                                            shapeText(entry.shape), entry.bytes));
            }
        } else if (static_cast<std::uint64_t>(entry.bytes) > limit - offset) {
            cursor.failWith(fmt::format("lets the tensor {} overlap the tensor {}", inQuotes(entry.name),
                                        inQuotes(order[i + 1]->entry.name)));
        }
    }
}

}  // namespace

Result<std::shared_ptr<const GgufFile>> GgufFile::open(const std::filesystem::path& path) {
    const auto mapped = MappedFile::open(path);
    if (!mapped) return Unexpected(mapped.error());
    const std::shared_ptr<GgufFile> file(new GgufFile);
    file->m_file = *mapped;
    const std::span<const std::byte> bytes = file->m_file->bytes();
    ByteCursor cursor(bytes, file->m_file->name());
    if (const auto known = checkVersion(cursor, *file->m_file); !known) return Unexpected(known.error());

    const auto tensorCount = cursor.number<std::uint64_t>("the number of tensors");
    const auto settingCount = cursor.number<std::uint64_t>("the number of settings");
    if (cursor.ok() && tensorCount > kMostTensors) {
        cursor.failWith(fmt::format("claims {} tensors where at most {} are expected", tensorCount, kMostTensors));
    }
    file->m_settings = GgufSettings::read(cursor, settingCount, bytes, file->m_file->name(), file->m_file);
    const std::uint64_t alignment = alignmentFrom(cursor, file->m_settings.json());

    std::vector<TensorInfo> tensors;
    for (std::uint64_t i = 0; i < tensorCount && cursor.ok(); ++i) tensors.push_back(readTensorInfo(cursor));
    const std::uint64_t dataBegin = (cursor.at() + alignment - 1) / alignment * alignment;
    const std::uint64_t dataBytes = bytes.size() > dataBegin ? bytes.size() - dataBegin : 0;
    checkPlaces(cursor, tensors, dataBytes, alignment);
    if (!cursor.ok()) return cursor.error();

    for (TensorInfo& info : tensors) {
        file->m_entries.push_back(std::move(info.entry));
        file->m_offsets.push_back(static_cast<std::size_t>(dataBegin + info.offset));
    }
    for (std::size_t i = 0; i < file->m_entries.size(); ++i) {
        if (file->m_byName.emplace(file->m_entries[i].name, i).second) continue;
        cursor.failWith(fmt::format("has two tensors of the name {}", inQuotes(file->m_entries[i].name)));
        return cursor.error();
    }
    return file;
}

const TensorEntry* GgufFile::find(std::string_view name) const {
    const auto found = m_byName.find(name);
    return found == m_byName.end() ? nullptr : &m_entries[found->second];
}

Result<Weight> GgufFile::weight(std::string_view name) const {
    const auto found = m_byName.find(name);
    if (found == m_byName.end()) {
        return fail(ErrorKind::NotFound, fmt::format("{} has no tensor {}.", where(), inQuotes(name)), std::string(where()));
    }
    const TensorEntry& entry = m_entries[found->second];
    const std::size_t offset = m_offsets[found->second];
    if (entry.bytes > 0) m_file->willNeed(offset, static_cast<std::size_t>(entry.bytes));
    return makeWeight(entry, m_file->bytes().data() + offset, m_file, where());
}

bool looksLikeGguf(const std::filesystem::path& path) {
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code)) return false;
    std::array<char, 4> begin{};
    std::ifstream(path, std::ios::binary).read(begin.data(), begin.size());
    return std::string_view(begin.data(), begin.size()) == kMagic;
}

}  // namespace lw
