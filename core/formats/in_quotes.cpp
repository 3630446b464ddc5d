// Escapes and cuts texts for error messages.
#include "core/formats/in_quotes.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include "core/text/utf8.h"

namespace lw {

namespace {

bool printable(char32_t point) {
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(point))) {
        case UTF8PROC_CATEGORY_CC:
        case UTF8PROC_CATEGORY_CF:
        case UTF8PROC_CATEGORY_CS:
        case UTF8PROC_CATEGORY_CN:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP:
            return false;
        default:
            return true;
    }
}

}  // namespace

std::string inQuotes(std::string_view text) {
    constexpr std::size_t kMost = 80;
    std::string result = "\"";
    for (std::size_t at = 0; at < text.size();) {
        if (at >= kMost) return result + "…\"";
        const utf8::Step step = utf8::decode(text, at);
        const std::string_view bytes = text.substr(at, static_cast<std::size_t>(step.bytes));
        if (step.ok && printable(step.point)) {
            result += bytes;
        } else {
            for (const char c : bytes) result += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
        }
        at += bytes.size();
    }
    return result + '"';
}

}  // namespace lw
