#include "core/formats/protobuf.h"

#include <bit>

#include <fmt/format.h>

namespace lw {

bool ProtobufFields::fail(std::string what) {
    m_problem = fmt::format("byte {} {}", m_begin + m_at, what);
    m_at = m_message.size();
    return false;
}

bool ProtobufFields::varint(std::uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (m_at >= m_message.size()) return fail("should go on with a number, but the message ends");
        const auto byte = static_cast<unsigned char>(m_message[m_at++]);
        value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
        if (byte < 0x80) return true;
    }
    return fail("ends a number of more than 64 bits");
}

bool ProtobufFields::next() {
    if (m_at >= m_message.size() || !m_problem.empty()) return false;
    m_bytes = {};
    std::uint64_t key = 0;
    if (!varint(key)) return false;
    const std::uint64_t number = key >> 3, wire = key & 7;
    if (number == 0 || number > 0x1FFFFFFF) return fail(fmt::format("follows a field with the number {}", number));
    m_number = static_cast<std::uint32_t>(number);
    m_wire = static_cast<Wire>(wire);
    const auto fixed = [&](std::size_t bytes) {
        if (m_message.size() - m_at < bytes)
            return fail(fmt::format("begins a number of {} bytes, but {} are left", bytes, m_message.size() - m_at));
        m_value = 0;
        for (std::size_t i = bytes; i-- > 0;) m_value = m_value << 8 | static_cast<unsigned char>(m_message[m_at + i]);
        m_at += bytes;
        return true;
    };
    switch (wire) {
        case 0:
            return varint(m_value);
        case 1:
            return fixed(8);
        case 5:
            return fixed(4);
        case 2: {
            std::uint64_t length = 0;
            if (!varint(length)) return false;
            if (length > m_message.size() - m_at)
                return fail(fmt::format("begins a field of {} bytes, but {} are left", length, m_message.size() - m_at));
            m_bytes = m_message.substr(m_at, static_cast<std::size_t>(length));
            m_bytesAt = m_begin + m_at;
            m_at += static_cast<std::size_t>(length);
            return true;
        }
        default:
            return fail(fmt::format("follows a field of the unknown wire type {}", wire));
    }
}

float ProtobufFields::real() const {
    return m_wire == Wire::Fixed32 ? std::bit_cast<float>(static_cast<std::uint32_t>(m_value)) : 0;
}

}  // namespace lw
