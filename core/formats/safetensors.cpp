// Opening, checking and reading one safetensors file.
#include "core/formats/safetensors.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include <fmt/format.h>

#include "core/formats/in_quotes.h"
#include "core/formats/safetensors_header.h"
#include "core/formats/stored_tensor.h"
#include "core/tensor/half.h"

namespace lw {

namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMostHeaderBytes = 100'000'000;  // the limit of the format's reference reader

Unexpected broken(std::string_view where, std::string_view what) {
    return fail(ErrorKind::BadFormat, fmt::format("{} {}.", where, what), std::string(where));
}

// The JSON text between the length and the data.
Result<std::string_view> headerText(const MappedFile& file) {
    const std::string& name = file.name();
    std::uint64_t length = 0;
    if (file.size() < kLengthBytes) {
        return broken(name,
                      fmt::format("is no safetensors file: it has {} bytes where a header's length alone takes 8", file.size()));
    }
    std::memcpy(&length, file.bytes().data(), kLengthBytes);
    if (length > kMostHeaderBytes) {
        return broken(name, fmt::format("is no safetensors file: it claims a header of {} bytes where at most {} are allowed",
                                        length, kMostHeaderBytes));
    }
    if (length > file.size() - kLengthBytes) {
        return broken(name, fmt::format("is cut short: its header should have {} bytes, but only {} follow", length,
                                        file.size() - kLengthBytes));
    }
    return file.text().substr(kLengthBytes, static_cast<std::size_t>(length));
}

// The entries' promises against `dataBytes` bytes of data. Entries come sorted by place.
Result<void> checkEntries(std::span<const SafetensorsHeaderEntry> entries, std::uint64_t dataBytes, std::string_view where) {
    std::uint64_t covered = 0;
    for (const SafetensorsHeaderEntry& entry : entries) {
        const int bits = safetensorsBits(entry.dtype);
        if (bits == 0) {
            return broken(
                where, fmt::format("stores the tensor {} in the unknown type {}", inQuotes(entry.name), inQuotes(entry.dtype)));
        }
        const auto count = valueCount(entry.shape);
        std::int64_t size = 0;
        if (!count || __builtin_mul_overflow(*count, static_cast<std::int64_t>(bits), &size)) {
            return broken(where, fmt::format("gives the tensor {} the shape {}, which is larger than any file",
                                             inQuotes(entry.name), shapeText(entry.shape)));
        }
        const auto expected = static_cast<std::uint64_t>(size) / 8 + (size % 8 != 0 ? 1 : 0);
        if (entry.end < entry.begin || entry.end - entry.begin != expected || size % 8 != 0) {
            return broken(
                where, fmt::format("gives the tensor {} bytes {} to {}, but its shape {} of {} takes {} bytes",
                                   inQuotes(entry.name), entry.begin, entry.end, shapeText(entry.shape), entry.dtype, expected));
        }
        if (entry.end > dataBytes) {
            return broken(where,
                          fmt::format("is cut short or broken: the tensor {} should end at byte {} of the data, but there are "
                                      "only {}",
                                      inQuotes(entry.name), entry.end, dataBytes));
        }
        if (entry.begin != covered) {
            return broken(where, fmt::format("{} before the tensor {}: its data begin at byte {} where {} was expected",
                                             entry.begin > covered ? "has a hole" : "lets tensors overlap", inQuotes(entry.name),
                                             entry.begin, covered));
        }
        covered = entry.end;
    }
    if (covered != dataBytes) {
        return broken(where, fmt::format("has {} bytes of data, but its tensors end at byte {}", dataBytes, covered));
    }
    return {};
}

// One stored number as T; false if the type is unknown or (integers) the value does not fit.
template <class T, class Stored>
void convert(std::span<const std::byte> bytes, std::vector<T>& out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
        Stored value;
        std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
        out[i] = static_cast<T>(value);
    }
}

template <class T>
bool convertIntegers(std::string_view dtype, std::span<const std::byte> bytes, std::vector<T>& out) {
    if (dtype == "I64") return convert<T, std::int64_t>(bytes, out), true;
    if (dtype == "I32") return convert<T, std::int32_t>(bytes, out), true;
    if (dtype == "I16") return convert<T, std::int16_t>(bytes, out), true;
    if (dtype == "I8") return convert<T, std::int8_t>(bytes, out), true;
    if (dtype == "U8" || dtype == "BOOL") return convert<T, std::uint8_t>(bytes, out), true;
    if (dtype == "U16") return convert<T, std::uint16_t>(bytes, out), true;
    if (dtype == "U32") return convert<T, std::uint32_t>(bytes, out), true;
    if (dtype == "U64") return convert<T, std::uint64_t>(bytes, out), true;
    return false;
}

template <class T>
bool convertFloats(std::string_view dtype, std::span<const std::byte> bytes, std::vector<T>& out) {
    if (dtype == "F32") return convert<T, float>(bytes, out), true;
    if (dtype == "F64") return convert<T, double>(bytes, out), true;
    if (dtype != "F16" && dtype != "BF16") return false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        std::uint16_t value;
        std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
        out[i] = static_cast<T>(dtype == "F16" ? halfToFloat(value) : bfloat16ToFloat(value));
    }
    return true;
}

}  // namespace

Result<std::shared_ptr<const SafetensorsFile>> SafetensorsFile::open(const std::filesystem::path& path) {
    const auto mapped = MappedFile::open(path);
    if (!mapped) return Unexpected(mapped.error());
    const auto text = headerText(**mapped);
    if (!text) return Unexpected(text.error());
    auto header = parseSafetensorsHeader(*text, (*mapped)->name());
    if (!header) return Unexpected(header.error());

    std::sort(header->entries.begin(), header->entries.end(),
              [](const auto& a, const auto& b) { return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name); });
    const std::size_t dataBegin = kLengthBytes + text->size();
    if (const auto good = checkEntries(header->entries, (*mapped)->size() - dataBegin, (*mapped)->name()); !good) {
        return Unexpected(good.error());
    }

    const std::shared_ptr<SafetensorsFile> file(new SafetensorsFile);
    file->m_file = *mapped;
    file->m_metadata = std::move(header->metadata);
    for (SafetensorsHeaderEntry& entry : header->entries) {
        file->m_offsets.push_back(dataBegin + static_cast<std::size_t>(entry.begin));
        file->m_entries.push_back({std::move(entry.name), std::move(entry.shape), std::move(entry.dtype),
                                   static_cast<std::int64_t>(entry.end - entry.begin)});
    }
    for (std::size_t i = 0; i < file->m_entries.size(); ++i) file->m_byName.emplace(file->m_entries[i].name, i);
    return file;
}

const TensorEntry* SafetensorsFile::find(std::string_view name) const {
    const auto found = m_byName.find(name);
    return found == m_byName.end() ? nullptr : &m_entries[found->second];
}

Result<std::size_t> SafetensorsFile::indexOf(std::string_view name) const {
    const auto found = m_byName.find(name);
    if (found != m_byName.end()) return found->second;
    return fail(ErrorKind::NotFound, fmt::format("{} has no tensor {}.", where(), inQuotes(name)), std::string(where()));
}

Result<Weight> SafetensorsFile::weight(std::string_view name) const {
    const auto index = indexOf(name);
    if (!index) return Unexpected(index.error());
    const TensorEntry& entry = m_entries[*index];
    m_file->willNeed(m_offsets[*index], static_cast<std::size_t>(entry.bytes));
    return makeWeight(entry, m_file->bytes().data() + m_offsets[*index], m_file, where());
}

Result<std::span<const std::byte>> SafetensorsFile::bytes(std::string_view name) const {
    const auto index = indexOf(name);
    if (!index) return Unexpected(index.error());
    return m_file->bytes().subspan(m_offsets[*index], static_cast<std::size_t>(m_entries[*index].bytes));
}

template <class T>
Result<std::vector<T>> SafetensorsFile::values(std::string_view name, bool onlyIntegers) const {
    const auto stored = bytes(name);
    if (!stored) return Unexpected(stored.error());
    const TensorEntry& entry = *find(name);
    std::vector<T> out(static_cast<std::size_t>(valueCount(entry.shape).value_or(0)));
    if (convertIntegers(entry.type, *stored, out) || (!onlyIntegers && convertFloats(entry.type, *stored, out))) return out;
    return fail(onlyIntegers ? ErrorKind::Mismatch : ErrorKind::Unsupported,
                fmt::format("The array {} of {} is stored as {} where {} were expected.", inQuotes(name), where(), entry.type,
                            onlyIntegers ? "integers" : "numbers of 16 to 64 bits"),
                std::string(where()));
}

Result<std::vector<float>> SafetensorsFile::floats(std::string_view name) const { return values<float>(name, false); }

Result<std::vector<double>> SafetensorsFile::doubles(std::string_view name) const { return values<double>(name, false); }

Result<std::vector<std::int64_t>> SafetensorsFile::integers(std::string_view name) const {
    auto numbers = values<std::int64_t>(name, true);
    if (!numbers || find(name)->type != "U64") return numbers;
    if (std::all_of(numbers->begin(), numbers->end(), [](std::int64_t value) { return value >= 0; })) return numbers;
    return fail(ErrorKind::Mismatch,
                fmt::format("The array {} of {} holds a number above 2^63 − 1, which is not read.", inQuotes(name), where()),
                std::string(where()));
}

}  // namespace lw
