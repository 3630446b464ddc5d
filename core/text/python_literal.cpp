#include "core/text/python_literal.h"

#include <charconv>

#include "core/text/utf8.h"

namespace lw {
namespace {

std::optional<std::string> unescaped(std::string_view inside, bool bytes) {
    std::string out;
    for (std::size_t at = 0; at < inside.size();) {
        if (inside[at] != '\\') {
            out.push_back(inside[at++]);
            continue;
        }
        if (at + 1 == inside.size()) return std::nullopt;
        const char kind = inside[at + 1];
        at += 2;
        const std::string_view simple = "\\'\"nrt", means = "\\'\"\n\r\t";
        if (const auto known = simple.find(kind); known != std::string_view::npos) {
            out.push_back(means[known]);
            continue;
        }
        const std::size_t digits = kind == 'x' ? 2 : kind == 'u' && !bytes ? 4 : kind == 'U' && !bytes ? 8 : 0;
        if (digits == 0 || inside.size() - at < digits) return std::nullopt;
        std::uint32_t value = 0;
        const char* from = inside.data() + at;
        const auto [end, error] = std::from_chars(from, from + digits, value, 16);
        if (error != std::errc() || end != from + digits) return std::nullopt;
        if (bytes) {
            out.push_back(static_cast<char>(value));
        } else if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
            return std::nullopt;
        } else {
            utf8::append(out, value);
        }
        at += digits;
    }
    return out;
}

}  // namespace

std::optional<std::string> fromPythonLiteral(std::string_view literal) {
    const bool bytes = literal.starts_with('b');
    if (bytes) literal.remove_prefix(1);
    if (literal.size() < 2 || (literal[0] != '\'' && literal[0] != '"') || literal.back() != literal[0]) return std::nullopt;
    return unescaped(literal.substr(1, literal.size() - 2), bytes);
}

std::optional<std::string> fromPythonBytes(std::string_view inside) { return unescaped(inside, true); }

}  // namespace lw
