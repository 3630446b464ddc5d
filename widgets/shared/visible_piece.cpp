// visiblePiece: a token's bytes as people can see them. What joins or modifies its neighbours (joiners inside an emoji,
// variation selectors, combining marks) stays, so that characters remain whole; what cannot be seen gets a name.

#include <array>
#include <cstdint>
#include <vector>

#include <fmt/format.h>
#include <utf8proc.h>

#include "widgets/shared/format.h"

namespace lw {

namespace {

struct Named {
    std::int32_t code;
    std::string_view name;
};
constexpr std::array names = {
    Named{' ', "·"},      Named{'\n', "↵"},      Named{'\t', "⇥"},      Named{'\r', "CR"},      Named{0x00, "NUL"},
    Named{0x08, "BS"},    Named{0x1b, "ESC"},    Named{0x7f, "DEL"},    Named{0xa0, "NBSP"},    Named{0xad, "SHY"},
    Named{0x61c, "ALM"},  Named{0x200b, "ZWSP"}, Named{0x200c, "ZWNJ"}, Named{0x200d, "ZWJ"},   Named{0x200e, "LRM"},
    Named{0x200f, "RLM"}, Named{0x2028, "LSEP"}, Named{0x2029, "PSEP"}, Named{0x202a, "LRE"},   Named{0x202b, "RLE"},
    Named{0x202c, "PDF"}, Named{0x202d, "LRO"},  Named{0x202e, "RLO"},  Named{0x202f, "NNBSP"}, Named{0x2060, "WJ"},
    Named{0x2066, "LRI"}, Named{0x2067, "RLI"},  Named{0x2068, "FSI"},  Named{0x2069, "PDI"},   Named{0xfeff, "BOM"},
};

bool joins(std::int32_t c) { return c == 0x200c || c == 0x200d; }
// Changes the look of the character before it: variation selectors, the tags of flags, emoji skin tones have a look already.
bool modifies(std::int32_t c) {
    return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef) || (c >= 0xe0020 && c <= 0xe007f);
}

bool cannotBeSeen(std::int32_t c) {
    switch (c) {  // letters and marks without a picture
        case 0x034f:
        case 0x115f:
        case 0x1160:
        case 0x17b4:
        case 0x17b5:
        case 0x2800:
        case 0x3164:
        case 0xffa0:
            return true;
        default:
            break;
    }
    switch (utf8proc_category(c)) {
        case UTF8PROC_CATEGORY_CC:
        case UTF8PROC_CATEGORY_CO:
        case UTF8PROC_CATEGORY_CN:
        case UTF8PROC_CATEGORY_CS:
        case UTF8PROC_CATEGORY_ZS:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP:
            return true;
        case UTF8PROC_CATEGORY_CF:  // but the Arabic number signs and their like are drawn
            return !((c >= 0x600 && c <= 0x605) || c == 0x6dd || c == 0x70f || c == 0x8e2 || c == 0x110bd);
        default:
            return false;
    }
}

bool isMark(std::int32_t c) {
    const auto category = utf8proc_category(c);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME || category == UTF8PROC_CATEGORY_MC;
}

std::string nameOf(std::int32_t c) {
    for (const Named& named : names)
        if (named.code == c) return std::string(named.name);
    return fmt::format("U+{:04X}", c);
}

// One element of the piece: a code point with its bytes, or one byte that belongs to none (code < 0).
struct Element {
    std::int32_t code;
    std::string_view bytes;
};

std::vector<Element> elementsOf(std::string_view bytes) {
    std::vector<Element> elements;
    while (!bytes.empty()) {
        std::int32_t code = -1;
        const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(bytes.data());
        const auto length = utf8proc_iterate(data, static_cast<utf8proc_ssize_t>(bytes.size()), &code);
        const std::size_t taken = length > 0 ? static_cast<std::size_t>(length) : 1;
        elements.push_back({length > 0 ? code : -1, bytes.substr(0, taken)});
        bytes.remove_prefix(taken);
    }
    return elements;
}

}  // namespace

std::string visiblePiece(std::string_view bytes) {
    const std::vector<Element> elements = elementsOf(bytes);
    std::string result;
    bool afterVisible = false;  // the character before is drawn and can be joined to
    for (std::size_t i = 0; i < elements.size(); ++i) {
        const auto [code, text] = elements[i];
        if (code < 0) {
            result += fmt::format("\\x{:02X}", static_cast<unsigned char>(text[0]));
            afterVisible = false;
            continue;
        }
        const bool nextVisible = i + 1 < elements.size() && elements[i + 1].code >= 0 && !cannotBeSeen(elements[i + 1].code);
        if ((joins(code) && afterVisible && nextVisible) || (modifies(code) && afterVisible)) {
            result += text;
        } else if (modifies(code) || cannotBeSeen(code)) {
            result += nameOf(code);
            afterVisible = false;
        } else {
            if (isMark(code) && !afterVisible) result += "◌";  // what a lone mark is conventionally written on
            result += text;
            afterVisible = true;
        }
    }
    return result.empty() ? "∅" : result;
}

}  // namespace lw
