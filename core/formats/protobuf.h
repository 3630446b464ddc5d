// Walking through the fields of a message in Protocol Buffers' wire format, as far as SentencePiece's files need it.
// Source: "Protocol Buffers: Encoding" (protobuf.dev). Nothing is trusted: every length is checked against what is left.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lw {

class ProtobufFields {
public:
    /// A message that begins at byte `at` of a file.
    explicit ProtobufFields(std::string_view message, std::size_t at = 0) : m_message(message), m_begin(at) {}

    enum class Wire { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

    /// Goes to the next field. False at the end, and when something is wrong.
    bool next();
    /// What is wrong, with the byte of the file: "byte 17 …". Empty: nothing.
    const std::string& problem() const { return m_problem; }

    std::uint32_t number() const { return m_number; }
    Wire wire() const { return m_wire; }
    bool is(std::uint32_t number, Wire wire) const { return m_number == number && m_wire == wire; }

    // Of the current field, as its wire type says; otherwise 0 or empty.
    std::uint64_t integer() const { return m_wire == Wire::Varint ? m_value : 0; }
    bool flag() const { return integer() != 0; }
    float real() const;
    std::string_view bytes() const { return m_bytes; }
    ProtobufFields message() const { return ProtobufFields(m_bytes, m_bytesAt); }

private:
    bool fail(std::string what);
    bool varint(std::uint64_t& value);

    std::string_view m_message;
    std::size_t m_begin = 0, m_at = 0;
    std::uint32_t m_number = 0;
    Wire m_wire = Wire::Varint;
    std::uint64_t m_value = 0;
    std::string_view m_bytes;
    std::size_t m_bytesAt = 0;
    std::string m_problem;
};

}  // namespace lw
