#include "core/formats/rwkv_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/formats/byte_cursor.h"
#include "core/formats/in_quotes.h"
#include "core/formats/stored_tensor.h"

namespace lw {

namespace {

constexpr std::uint32_t magic = 0x67676d66;
constexpr std::int32_t blocksSince = 101;  // the version with today's blocks of numbers

struct RwkvType {
    const char* name;
    int blockValues, blockBytes;
};

// By the format's numbers; those between are not used.
std::optional<RwkvType> typeNumbered(std::int32_t number) {
    switch (number) {
        case 0:
            return RwkvType{"F32", 1, 4};
        case 1:
            return RwkvType{"F16", 1, 2};
        case 2:
            return RwkvType{"Q4_0", 32, 18};
        case 3:
            return RwkvType{"Q4_1", 32, 20};
        case 7:
            return RwkvType{"Q5_0", 32, 22};
        case 8:
            return RwkvType{"Q5_1", 32, 24};
        case 9:
            return RwkvType{"Q8_0", 32, 34};
        default:
            return std::nullopt;
    }
}

// One tensor's description; its data follow.
std::optional<TensorEntry> readEntry(ByteCursor& cursor, std::span<const std::byte> bytes, std::int32_t version) {
    const auto dimensions = cursor.number<std::int32_t>("a tensor's number of dimensions");
    const auto nameLength = cursor.number<std::int32_t>("the length of a tensor's name");
    const auto typeNumber = cursor.number<std::int32_t>("a tensor's type");
    if (!cursor.ok()) return std::nullopt;
    const auto type = typeNumbered(typeNumber);
    TensorEntry entry;
    if (dimensions < 1 || dimensions > 4 || nameLength < 1 || nameLength > 1024) {
        cursor.failWith(fmt::format("has a tensor of {} dimensions with a name of {} bytes", dimensions, nameLength));
    } else if (!type) {
        cursor.failWith(fmt::format("has a tensor of the type {}, which the format does not know", typeNumber));
    } else if (type->blockValues > 1 && version < blocksSince) {
        cursor.failWith(fmt::format("is of version {}, whose blocks of numbers ({}) are not read; version {} is", version,
                                    type->name, blocksSince));
    }
    for (std::int32_t i = 0; i < dimensions && cursor.ok(); ++i)
        entry.shape.insert(entry.shape.begin(), cursor.number<std::int32_t>("a tensor's shape"));
    const std::size_t at = cursor.at();
    if (cursor.ok()) cursor.skip(static_cast<std::uint64_t>(nameLength), "a tensor's name");
    if (!cursor.ok()) return std::nullopt;
    entry.name.assign(reinterpret_cast<const char*>(bytes.data()) + at, static_cast<std::size_t>(nameLength));
    entry.type = type->name;
    const auto count = valueCount(entry.shape);
    if (!count || *count == 0 || entry.shape.back() % type->blockValues != 0 || *count > std::int64_t{1} << 40) {
        cursor.failWith(fmt::format("has the tensor {} with the shape {}", inQuotes(entry.name), shapeText(entry.shape)));
        return std::nullopt;
    }
    entry.bytes = *count / type->blockValues * type->blockBytes;
    return entry;
}

}  // namespace

Result<std::shared_ptr<const RwkvFile>> RwkvFile::open(const std::filesystem::path& path) {
    auto mapped = MappedFile::open(path);
    if (!mapped) return Unexpected(mapped.error());
    auto file = std::shared_ptr<RwkvFile>(new RwkvFile());
    file->m_file = *mapped;
    const std::span<const std::byte> bytes = file->m_file->bytes();
    ByteCursor cursor(bytes, file->m_file->name());
    if (cursor.number<std::uint32_t>("the file's mark") != magic) cursor.failWith("does not begin as rwkv.cpp's files do");
    const auto version = cursor.number<std::int32_t>("the version");
    if (cursor.ok() && (version < 100 || version > 101))
        cursor.failWith(fmt::format("is of version {}; expected 100 or 101", version));
    file->m_vocabulary = cursor.number<std::int32_t>("the size of the vocabulary");
    file->m_width = cursor.number<std::int32_t>("the width");
    file->m_layers = cursor.number<std::int32_t>("the number of layers");
    cursor.number<std::int32_t>("the type of most tensors");
    while (cursor.ok() && cursor.left() > 0) {
        auto entry = readEntry(cursor, bytes, version);
        if (!entry) break;
        if (file->find(entry->name)) cursor.failWith(fmt::format("has the tensor {} twice", inQuotes(entry->name)));
        file->m_offsets.push_back(cursor.at());
        cursor.skip(static_cast<std::uint64_t>(entry->bytes), "the data of a tensor");
        file->m_entries.push_back(*std::move(entry));
    }
    if (!cursor.ok()) return cursor.error();
    return std::shared_ptr<const RwkvFile>(std::move(file));
}

const TensorEntry* RwkvFile::find(std::string_view name) const {
    const auto at = std::ranges::find(m_entries, name, &TensorEntry::name);
    return at == m_entries.end() ? nullptr : &*at;
}

Result<Weight> RwkvFile::weight(std::string_view name) const {
    const TensorEntry* entry = find(name);
    if (!entry) return fail(ErrorKind::NotFound, fmt::format("{} has no tensor {}.", where(), inQuotes(name)), std::string(name));
    return makeWeight(*entry, m_file->bytes().data() + m_offsets[static_cast<std::size_t>(entry - m_entries.data())], m_file,
                      where());
}

Result<nlohmann::json> RwkvFile::config() const {
    const TensorEntry* bonus = find("blocks.0.att.r_k");
    const TensorEntry* feed = find("blocks.0.ffn.key.weight");
    if (!bonus || !feed || bonus->shape.size() != 2 || feed->shape.size() != 2) {
        const char* version = find("blocks.0.att.time_maa_w1")   ? "6"
                              : find("blocks.0.att.ln_x.weight") ? "5"
                              : find("blocks.0.att.time_first")  ? "4"
                                                                 : nullptr;
        return fail(ErrorKind::Unsupported,
                    version ? fmt::format("{} holds an RWKV-{} model; of RWKV only version 7 is supported.", where(), version)
                            : fmt::format("{} holds no RWKV-7 model: its tensors are others.", where()),
                    std::string(where()));
    }
    return nlohmann::json{{"model_type", "rwkv7"},
                          {"vocab_size", m_vocabulary},
                          {"hidden_size", m_width},
                          {"num_hidden_layers", m_layers},
                          {"intermediate_size", feed->shape.front()},
                          {"head_size", bonus->shape.back()}};
}

bool looksLikeRwkv(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::array<char, 4> first{};
    return in.read(first.data(), first.size()) && std::string_view(first.data(), 4) == "fmgg";
}

}  // namespace lw
