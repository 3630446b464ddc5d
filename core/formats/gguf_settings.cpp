// Walks over all settings once, checking every length; lists are only measured.
#include "core/formats/gguf_settings.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/formats/in_quotes.h"
#include "core/text/utf8.h"

namespace lw {

namespace {

constexpr std::uint64_t kMostSettings = 65'536;  // files have less than a hundred
constexpr std::uint64_t kMostInJson = 1024;      // values of a list, such as one for each layer
constexpr int kMostNesting = 4;                  // lists in lists; files have none

struct ValueFacts {
    std::string_view plural;
    std::size_t bytes;  // of one value; 0 if that varies
};
constexpr std::array<ValueFacts, 13> kFacts{{{"8-bit numbers", 1},
                                             {"signed 8-bit numbers", 1},
                                             {"16-bit numbers", 2},
                                             {"signed 16-bit numbers", 2},
                                             {"32-bit numbers", 4},
                                             {"signed 32-bit numbers", 4},
                                             {"floats", 4},
                                             {"true-or-false values", 1},
                                             {"texts", 0},
                                             {"lists", 0},
                                             {"64-bit numbers", 8},
                                             {"signed 64-bit numbers", 8},
                                             {"64-bit floats", 8}}};

const ValueFacts& factsOf(GgufValue type) { return kFacts[static_cast<std::size_t>(type)]; }

GgufValue readType(ByteCursor& cursor, std::string_view key) {
    const auto number = cursor.number<std::uint32_t>("a setting's type");
    if (number < kFacts.size()) return static_cast<GgufValue>(number);
    cursor.failWith(fmt::format("gives the setting {} the unknown type {}", inQuotes(key), number));
    return GgufValue::U8;
}

// The double whose shortest decimal form is the float's: 1e-5 instead of 9.999999747378752e-06. It rounds to the same float.
double sameDecimal(float value) {
    if (!std::isfinite(value)) return value;
    std::array<char, 32> text;
    const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
    double result = value;
    std::from_chars(text.data(), written.ptr, result);
    return result;
}

nlohmann::json readScalar(ByteCursor& cursor, GgufValue type, std::string_view key) {
    const std::string_view what = "a setting's value";
    switch (type) {
        case GgufValue::U8:
            return cursor.number<std::uint8_t>(what);
        case GgufValue::I8:
            return cursor.number<std::int8_t>(what);
        case GgufValue::U16:
            return cursor.number<std::uint16_t>(what);
        case GgufValue::I16:
            return cursor.number<std::int16_t>(what);
        case GgufValue::U32:
            return cursor.number<std::uint32_t>(what);
        case GgufValue::I32:
            return cursor.number<std::int32_t>(what);
        case GgufValue::U64:
            return cursor.number<std::uint64_t>(what);
        case GgufValue::I64:
            return cursor.number<std::int64_t>(what);
        case GgufValue::F32:
            return sameDecimal(cursor.number<float>(what));
        case GgufValue::F64:
            return cursor.number<double>(what);
        case GgufValue::String:
            return utf8::repaired(cursor.text(what));
        case GgufValue::Array:
            return nullptr;
        case GgufValue::Bool: {
            const auto value = cursor.number<std::uint8_t>(what);
            if (value > 1)
                cursor.failWith(fmt::format("has {} where the setting {} is true (1) or false (0)", value, inQuotes(key)));
            return value != 0;
        }
    }
    return nullptr;
}

// Moves behind `count` values of a list, checking every length on the way.
void skipValues(ByteCursor& cursor, GgufValue type, std::uint64_t count, std::string_view key, int depth) {
    const std::size_t size = factsOf(type).bytes;
    // The least that one value takes: a text has a length of 8 bytes, a list a type and a length.
    const std::size_t least = size > 0 ? size : type == GgufValue::String ? 8 : 12;
    if (cursor.ok() && count > cursor.left() / least) {
        cursor.failWith(fmt::format("is cut short or broken: the setting {} claims {} {}, but only {} bytes follow",
                                    inQuotes(key), count, factsOf(type).plural, cursor.left()));
    }
    if (size > 0) return cursor.skip(count * size, "a setting's list");
    if (depth >= kMostNesting) {
        return cursor.failWith(fmt::format("nests the lists of the setting {} more than {} deep", inQuotes(key), kMostNesting));
    }
    for (std::uint64_t i = 0; i < count && cursor.ok(); ++i) {
        if (type == GgufValue::String) {
            cursor.text("a text of a setting's list");
        } else {
            const GgufValue inner = readType(cursor, key);
            skipValues(cursor, inner, cursor.number<std::uint64_t>("a list's length"), key, depth + 1);
        }
    }
}

}  // namespace

GgufSettings GgufSettings::read(ByteCursor& cursor, std::uint64_t count, std::span<const std::byte> bytes, std::string_view file,
                                std::shared_ptr<const void> owner) {
    GgufSettings settings;
    settings.m_bytes = bytes;
    settings.m_file = file;
    settings.m_owner = std::move(owner);
    if (count > kMostSettings) {
        cursor.failWith(fmt::format("claims {} settings where at most {} are expected", count, kMostSettings));
    }
    for (std::uint64_t i = 0; i < count && cursor.ok(); ++i) {
        const std::string key = utf8::repaired(cursor.text("a setting's name"));
        const GgufValue type = readType(cursor, key);
        if (settings.m_json.contains(key)) cursor.failWith(fmt::format("gives the setting {} twice", inQuotes(key)));
        if (!cursor.ok()) break;
        nlohmann::json& value = settings.m_json[key];
        if (type != GgufValue::Array) {
            value = readScalar(cursor, type, key);
            continue;
        }
        const GgufValue element = readType(cursor, key);
        const auto length = cursor.number<std::uint64_t>("a list's length");
        const std::size_t at = cursor.at();
        skipValues(cursor, element, length, key, 1);
        if (!cursor.ok()) break;
        settings.m_lists.emplace(key, List{element, length, at});
        if (length > kMostInJson || element == GgufValue::Array || key.starts_with("tokenizer.")) {
            value = fmt::format("list of {} {}", length, factsOf(element).plural);
            continue;
        }
        value = nlohmann::json::array();
        const std::size_t end = cursor.at();
        cursor.moveTo(at);
        for (std::uint64_t k = 0; k < length; ++k) value.push_back(readScalar(cursor, element, key));
        if (cursor.ok()) cursor.moveTo(end);
    }
    return settings;
}

ByteCursor GgufSettings::cursorAt(std::size_t at) const {
    ByteCursor cursor(m_bytes, m_file);
    cursor.moveTo(at);
    return cursor;
}

Result<GgufSettings::List> GgufSettings::list(std::string_view key) const {
    const auto found = m_lists.find(std::string(key));
    if (found != m_lists.end()) return found->second;
    if (!m_json.contains(key))
        return fail(ErrorKind::NotFound, fmt::format("{} has no setting {}.", m_file, inQuotes(key)), m_file);
    return fail(ErrorKind::BadFormat,
                fmt::format("The setting {} of {} is a {} where a list was expected.", inQuotes(key), m_file,
                            m_json.find(key)->type_name()),
                m_file);
}

Unexpected GgufSettings::otherType(std::string_view key, GgufValue found, std::string_view expected) const {
    return fail(ErrorKind::BadFormat,
                fmt::format("The setting {} of {} is a list of {} where {} were expected.", inQuotes(key), m_file,
                            factsOf(found).plural, expected),
                m_file);
}

Result<std::vector<std::string>> GgufSettings::texts(std::string_view key) const {
    const auto place = list(key);
    if (!place) return Unexpected(place.error());
    if (place->type != GgufValue::String) return otherType(key, place->type, "texts");
    ByteCursor cursor = cursorAt(place->at);
    std::vector<std::string> values(static_cast<std::size_t>(place->count));
    for (std::string& value : values) value = cursor.text("a text");
    return values;
}

Result<std::vector<float>> GgufSettings::floats(std::string_view key) const {
    const auto place = list(key);
    if (!place) return Unexpected(place.error());
    ByteCursor cursor = cursorAt(place->at);
    std::vector<float> values(static_cast<std::size_t>(place->count));
    for (float& value : values) {
        if (place->type == GgufValue::F32) {
            value = cursor.number<float>("a number");
        } else {
            const nlohmann::json number = readScalar(cursor, place->type, key);
            if (!number.is_number()) return otherType(key, place->type, "numbers");
            value = number.get<float>();
        }
    }
    return values;
}

Result<std::vector<std::int64_t>> GgufSettings::integers(std::string_view key) const {
    const auto place = list(key);
    if (!place) return Unexpected(place.error());
    ByteCursor cursor = cursorAt(place->at);
    std::vector<std::int64_t> values(static_cast<std::size_t>(place->count));
    for (std::int64_t& value : values) {
        const nlohmann::json number = readScalar(cursor, place->type, key);
        constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        if (!number.is_number_integer() || (number.is_number_unsigned() && number.get<std::uint64_t>() > kMost)) {
            return otherType(key, place->type, "integers up to 2^63 − 1");
        }
        value = number.get<std::int64_t>();
    }
    return values;
}

}  // namespace lw
