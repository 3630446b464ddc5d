// The settings of a GGUF file: keys with numbers, texts and lists. Small ones are JSON; the lists of a vocabulary stay in the
// file and are read as typed vectors on request, so a broken file cannot make us hold more than it has.
// Source: docs/gguf.md in ggml.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/formats/byte_cursor.h"

namespace lw {

enum class GgufValue : std::uint32_t { U8, I8, U16, I16, U32, I32, F32, Bool, String, Array, U64, I64, F64 };

class GgufSettings {
public:
    /// Reads `count` settings at the cursor, which fails if they are broken. `owner` keeps `bytes` alive.
    static GgufSettings read(ByteCursor& cursor, std::uint64_t count, std::span<const std::byte> bytes, std::string_view file,
                             std::shared_ptr<const void> owner);

    /// Key → number, text, true or false, or a list of these. The lists of a vocabulary ("tokenizer.…"), lists of more than 1024
    /// values and lists of lists are here only as a text that says what they are: "list of 32000 texts".
    const nlohmann::json& json() const { return m_json; }
    bool contains(std::string_view key) const { return m_lists.contains(std::string(key)) || m_json.contains(key); }

    /// The whole of a list of texts; of numbers (any numeric type, widened or rounded); of integers.
    /// Fails: NotFound (no such key), BadFormat (another type; names both; an integer beyond int64).
    Result<std::vector<std::string>> texts(std::string_view key) const;
    Result<std::vector<float>> floats(std::string_view key) const;
    Result<std::vector<std::int64_t>> integers(std::string_view key) const;

private:
    struct List {
        GgufValue type;
        std::uint64_t count;
        std::size_t at;  // of the first value, from the file's start
    };
    Result<List> list(std::string_view key) const;
    Unexpected otherType(std::string_view key, GgufValue found, std::string_view expected) const;
    ByteCursor cursorAt(std::size_t at) const;

    std::span<const std::byte> m_bytes;
    std::string m_file;
    std::shared_ptr<const void> m_owner;
    nlohmann::json m_json = nlohmann::json::object();
    std::unordered_map<std::string, List> m_lists;
};

}  // namespace lw
