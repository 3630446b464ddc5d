#include "core/text/char_class.h"

#include <utf8proc.h>

#include <algorithm>
#include <utility>

namespace lw {
namespace {

utf8proc_category_t category(char32_t point) { return utf8proc_category(static_cast<utf8proc_int32_t>(point)); }

}  // namespace

bool isWhiteSpace(char32_t point) {
    if (point < 0x80) return point == ' ' || (point >= 0x09 && point <= 0x0D);
    return point == 0x85 || point == 0xA0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 ||
           point == 0x2029 || point == 0x202F || point == 0x205F || point == 0x3000;
}

bool isPunctuation(char32_t point) {
    if (point < 0x80) {
        return (point >= 0x21 && point <= 0x2F) || (point >= 0x3A && point <= 0x40) || (point >= 0x5B && point <= 0x60) ||
               (point >= 0x7B && point <= 0x7E);
    }
    const auto c = category(point);
    return c >= UTF8PROC_CATEGORY_PC && c <= UTF8PROC_CATEGORY_PO;
}

bool isNumeric(char32_t point) {
    const auto c = category(point);
    return c == UTF8PROC_CATEGORY_ND || c == UTF8PROC_CATEGORY_NL || c == UTF8PROC_CATEGORY_NO;
}

bool isMark(char32_t point) {
    const auto c = category(point);
    return c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_MC || c == UTF8PROC_CATEGORY_ME;
}

bool isNonspacingMark(char32_t point) { return category(point) == UTF8PROC_CATEGORY_MN; }

bool isControl(char32_t point) {
    const auto c = category(point);
    return c == UTF8PROC_CATEGORY_CC || c == UTF8PROC_CATEGORY_CF || c == UTF8PROC_CATEGORY_CO || c == UTF8PROC_CATEGORY_CS;
}

bool isIdeograph(char32_t point) {
    // From the library, whose sixth range begins at 2B920 where BERT's begins at 2B820.
    static constexpr std::pair<char32_t, char32_t> Ranges[] = {{0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},
                                                               {0x20000, 0x2A6DF}, {0x2A700, 0x2B81F}, {0x2B920, 0x2CEAF},
                                                               {0x2F800, 0x2FA1F}};
    return std::ranges::any_of(Ranges, [&](const auto& range) { return point >= range.first && point <= range.second; });
}

bool isWordCharacter(char32_t point) {
    const auto c = category(point);
    if (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NL) return true;  // letters, marks, Nd, Nl
    // Circled and squared Latin letters are alphabetic although their category is So.
    const bool lettersInFrames = (point >= 0x24B6 && point <= 0x24E9) || (point >= 0x1F130 && point <= 0x1F149) ||
                                 (point >= 0x1F150 && point <= 0x1F169) || (point >= 0x1F170 && point <= 0x1F189);
    return c == UTF8PROC_CATEGORY_PC || lettersInFrames || point == 0x200C || point == 0x200D;
}

}  // namespace lw
