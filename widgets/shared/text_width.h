// About how wide a piece of text is, without a font: pictures are laid out Qt-free. On the generous side of DejaVu Sans, the
// widest of the usual system fonts, so that a label that was given this width is not cut.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "widgets/shared/picture.h"

namespace lw {

/// Pixels of a type size at 100 %.
inline double typePixels(TypeSize size) {
    switch (size) {
        case TypeSize::Small:
            return 10;
        case TypeSize::Label:
            return 11.5;
        case TypeSize::Body:
            return 13;
        case TypeSize::Title:
            return 16;
        case TypeSize::Big:
            return 30;
    }
    return 13;
}

/// Advance of one code point in em.
inline double advanceOf(std::uint32_t c, bool mono) {
    const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
                      (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                      (c >= 0x20000 && c <= 0x3fffd);
    if (wide) return 1.0;
    if (c >= 0x1f000) return 1.3;                                                             // emoji
    if ((c >= 0x300 && c <= 0x36f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0x200d) return 0;  // combining
    if (mono) return 0.61;
    const auto in = [c](std::string_view set) { return c < 0x80 && set.find(static_cast<char>(c)) != std::string_view::npos; };
    if (in("ijlI.,:;'|! ") || c == 0xb7) return 0.33;
    if (in("frt()[]{}-/\\\"`J")) return 0.42;
    if (in("mwMW@%")) return 0.98;
    if (c >= 'A' && c <= 'Z') return 0.73;
    if (c < 0x80) return 0.635;
    return c >= 0x2190 ? 0.85 : 0.66;
}

/// Width in pixels at 100 % of a UTF-8 text on one line.
inline double textWidth(std::string_view utf8, TypeSize size, bool bold = false, bool mono = false) {
    double em = 0;
    for (std::size_t i = 0; i < utf8.size();) {
        const auto lead = static_cast<unsigned char>(utf8[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        std::uint32_t c = length == 1 ? lead : lead & (0xffu >> (length + 1));
        for (std::size_t j = 1; j < length && i + j < utf8.size(); ++j)
            c = c << 6 | (static_cast<unsigned char>(utf8[i + j]) & 0x3fu);
        em += advanceOf(c, mono);
        i += length;
    }
    return em * typePixels(size) * (bold && !mono ? 1.1 : 1.0) + 1;
}

// How a layout asks for widths: textWidth where there is no font, fontMeasure (picture_painter.h) where there is one.
using Measure = std::function<double(std::string_view utf8, TypeSize size, bool bold, bool mono)>;

}  // namespace lw
