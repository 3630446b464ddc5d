#include "core/text/utf8.h"

#include <cassert>

namespace lw::utf8 {

Step decode(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) -> unsigned {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;  // 0 is no continuation
    };
    const unsigned first = byte(0);
    if (first < 0x80) return {first, 1, true};
    if (first < 0xC2 || first > 0xF4) return {};
    const int length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    // The second byte's range is narrower after E0 and F0 (overlong), ED (surrogates) and F4 (past U+10FFFF).
    const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (byte(1) < low || byte(1) > high) return {};
    char32_t point = ((length == 2 ? first & 0x1Fu : length == 3 ? first & 0x0Fu : first & 0x07u) << 6) | (byte(1) & 0x3Fu);
    for (int i = 2; i < length; ++i) {
        const unsigned next = byte(static_cast<std::size_t>(i));
        if ((next & 0xC0u) != 0x80u) return {0, i, false};
        point = (point << 6) | (next & 0x3Fu);
    }
    return {point, length, true};
}

std::size_t length(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) {
        const Step step = decode(text, at);
        at += step.ok ? static_cast<std::size_t>(step.bytes) : 1;
    }
    return count;
}

std::optional<std::size_t> firstInvalid(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const Step step = decode(text, at);
        if (!step.ok) return at;
        at += static_cast<std::size_t>(step.bytes);
    }
    return std::nullopt;
}

void append(std::string& out, char32_t point) {
    assert(point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF));
    const auto push = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (point < 0x80) {
        push(point);
    } else if (point < 0x800) {
        push(0xC0 | (point >> 6));
        push(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        push(0xE0 | (point >> 12));
        push(0x80 | ((point >> 6) & 0x3F));
        push(0x80 | (point & 0x3F));
    } else {
        push(0xF0 | (point >> 18));
        push(0x80 | ((point >> 12) & 0x3F));
        push(0x80 | ((point >> 6) & 0x3F));
        push(0x80 | (point & 0x3F));
    }
}

std::string repaired(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const Step step = decode(bytes, at);
        if (step.ok) {
            out.append(bytes, at, static_cast<std::size_t>(step.bytes));
        } else {
            out += "\xEF\xBF\xBD";
        }
        at += static_cast<std::size_t>(step.bytes);
    }
    return out;
}

}  // namespace lw::utf8
