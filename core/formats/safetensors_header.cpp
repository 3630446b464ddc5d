// A strict reader of exactly one JSON structure, on the events of nlohmann's parser.
#include "core/formats/safetensors_header.h"

#include <array>
#include <limits>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/formats/in_quotes.h"
#include "core/text/json_text.h"
#include "core/text/utf8.h"

namespace lw {

namespace {

constexpr std::string_view kMetadata = "__metadata__";
constexpr std::size_t kMostDimensions = 32;  // far above any model's; keeps a shape from growing with the file

class HeaderReader final : public nlohmann::json_sax<nlohmann::json> {
public:
    SafetensorsHeader header;
    std::string problem;  // a sentence's end, empty while all is well

    bool null() override { return refuse("null"); }
    bool boolean(bool) override { return refuse("true or false"); }
    bool number_integer(number_integer_t value) override { return refuse(fmt::format("the number {}", value)); }
    bool number_float(number_float_t, const string_t& text) override { return refuse(fmt::format("the number {}", text)); }
    bool binary(binary_t&) override { return refuse("binary data"); }

    bool number_unsigned(number_unsigned_t value) override {
        if (m_state == State::Shape) {
            if (m_entry.shape.size() == kMostDimensions) return say(fmt::format("has more than {} dimensions", kMostDimensions));
            if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
                return say(fmt::format("has the length {} in its shape", value));
            }
            m_entry.shape.push_back(static_cast<std::int64_t>(value));
            return true;
        }
        if (m_state == State::Offsets && m_offsets < 2) {
            (m_offsets++ == 0 ? m_entry.begin : m_entry.end) = value;
            return true;
        }
        return refuse(fmt::format("the number {}", value));
    }

    bool string(string_t& value) override {
        if (m_state == State::Metadata) {
            header.metadata.insert_or_assign(m_name, std::move(value));
            return true;
        }
        if (m_state != State::Entry || m_field != "dtype") return refuse(fmt::format("the text {}", inQuotes(value)));
        m_entry.dtype = std::move(value);
        return true;
    }

    bool start_object(std::size_t) override {
        switch (m_state) {
            case State::Start:
                m_state = State::Top;
                return true;
            case State::Top:
                m_state = m_name == kMetadata ? State::Metadata : State::Entry;
                m_entry = {};
                m_entry.name = m_name;
                m_seen.clear();
                m_offsets = 0;
                return true;
            default:
                return refuse("an object");
        }
    }

    bool key(string_t& name) override {
        if (m_state == State::Top && !m_names.insert(name).second) {
            problem = fmt::format("the name {} is given twice", inQuotes(name));
            return false;
        }
        if (m_state == State::Entry) {
            if (!m_seen.insert(name).second) return say(fmt::format("gives the field {} twice", inQuotes(name)));
            if (name != "dtype" && name != "shape" && name != "data_offsets") {
                return say(fmt::format("has the unknown field {}", inQuotes(name)));
            }
            m_field = std::move(name);
            return true;
        }
        if (m_state == State::Metadata && header.metadata.contains(name)) {
            problem = fmt::format("the metadata {} is given twice", inQuotes(name));
            return false;
        }
        m_name = std::move(name);
        return true;
    }

    bool end_object() override {
        if (m_state == State::Entry) {
            for (const char* field : {"dtype", "shape", "data_offsets"}) {
                if (!m_seen.contains(field)) return say(fmt::format("has no field \"{}\"", field));
            }
            header.entries.push_back(std::move(m_entry));
        }
        m_state = m_state == State::Top ? State::End : State::Top;
        return true;
    }

    bool start_array(std::size_t) override {
        if (m_state == State::Entry && m_field == "shape") {
            m_state = State::Shape;
        } else if (m_state == State::Entry && m_field == "data_offsets") {
            m_state = State::Offsets;
        } else {
            return refuse("a list");
        }
        return true;
    }

    bool end_array() override {
        if (m_state == State::Offsets && m_offsets != 2) return say("has data_offsets that are not two numbers");
        m_state = State::Entry;
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& failure) override {
        problem = fmt::format("it is not valid JSON at byte {}: {}", position == 0 ? 0 : position - 1,
                              utf8::repaired(jsonComplaint(failure.what()).substr(0, 200)));
        return false;
    }

private:
    enum class State { Start, Top, Metadata, Entry, Shape, Offsets, End };

    bool say(std::string_view what) {
        problem = fmt::format("the tensor {} {}", inQuotes(m_entry.name), what);
        return false;
    }

    bool refuse(const std::string& found) {
        switch (m_state) {
            case State::Start:
            case State::End:
                problem = fmt::format("it is {} where an object was expected", found);
                return false;
            case State::Top:
                problem = fmt::format("{} is {} where an object was expected", inQuotes(m_name), found);
                return false;
            case State::Metadata:
                problem = fmt::format("the metadata {} is {} where a text was expected", inQuotes(m_name), found);
                return false;
            case State::Entry:
                return say(fmt::format("has {} as its field \"{}\"", found, m_field));
            case State::Shape:
                return say(fmt::format("has {} in its shape where lengths from 0 on were expected", found));
            case State::Offsets:
                return say(fmt::format("has {} in its data_offsets where two numbers from 0 on were expected", found));
        }
        return false;
    }

    State m_state = State::Start;
    std::string m_name, m_field;
    SafetensorsHeaderEntry m_entry;
    std::unordered_set<std::string> m_names, m_seen;
    int m_offsets = 0;
};

struct Bits {
    std::string_view dtype;
    int bits;
};
constexpr std::array<Bits, 22> kBits{{{"BOOL", 8},        {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},
                                      {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
                                      {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16},    {"BF16", 16},
                                      {"I32", 32},        {"U32", 32},    {"F32", 32},    {"C64", 64},    {"F64", 64},
                                      {"I64", 64},        {"U64", 64}}};

}  // namespace

int safetensorsBits(std::string_view dtype) {
    for (const Bits& row : kBits) {
        if (row.dtype == dtype) return row.bits;
    }
    return 0;
}

Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view json, std::string_view where) {
    HeaderReader reader;
    if (!nlohmann::json::sax_parse(json, &reader)) {
        return fail(ErrorKind::BadFormat, fmt::format("The header of {} is broken: {}.", where, reader.problem),
                    std::string(where));
    }
    return std::move(reader.header);
}

}  // namespace lw
