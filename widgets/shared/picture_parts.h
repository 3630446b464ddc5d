// Small pieces that several pictures are made of: the heading line of a view, a column head, the legend of a map, a hatched bar.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "widgets/shared/picture.h"
#include "widgets/shared/text_width.h"

namespace lw {

inline constexpr double headingHeight = 28;

/// "Layer 24, head 4   reads names from earlier in the text": title and, as far as there is room, subtitle on one line. Where the
/// subtitle does not fit whole, `brief` takes its place, if there is one.
inline void addHeading(Picture& picture, double x, double y, double width, const std::string& title, const std::string& subtitle,
                       const std::string& brief = {}) {
    const double titleWidth = std::min(width, textWidth(title, TypeSize::Title, true));
    picture.label({.rect = {x, y, titleWidth, headingHeight - 4}, .text = title, .size = TypeSize::Title, .bold = true});
    const double left = x + titleWidth + 12;
    const double room = x + width - left;
    const bool whole = brief.empty() || textWidth(subtitle, TypeSize::Body) <= room;
    if (!subtitle.empty() && room > 60)
        picture.label({.rect = {left, y + 1, room, headingHeight - 4},
                       .text = whole ? subtitle : brief,
                       .size = TypeSize::Body,
                       .colour = Ink::Muted});
    picture.title = title;
    picture.subtitle = subtitle;
}

/// The name of a part of a view: bold, muted, Label size.
inline void addCaption(Picture& picture, Rect rect, const std::string& text, Align align = Align::Left) {
    picture.label({.rect = rect, .text = text, .size = TypeSize::Label, .align = align, .colour = Ink::Muted, .bold = true});
}

/// A diverging scale: − limit … 0 … + limit in one line, 12 high.
inline void addDivergingLegend(Picture& picture, double x, double y, double width, const std::string& low,
                               const std::string& high) {
    const double lowWidth = textWidth(low, TypeSize::Small, false, true),
                 highWidth = textWidth(high, TypeSize::Small, false, true);
    picture.label({.rect = {x, y, lowWidth, 12}, .text = low, .size = TypeSize::Small, .colour = Ink::Muted, .mono = true});
    Raster ramp{.rect = {x + lowWidth + 4, y + 2, std::max(8.0, width - lowWidth - highWidth - 8), 8},
                .rows = 1,
                .cols = 41,
                .values = {},
                .map = ColourMap::Diverging};
    for (int i = 0; i < ramp.cols; ++i) ramp.values.push_back(static_cast<float>(i - 20) / 20.0f);
    const double right = ramp.rect.right();
    picture.raster(std::move(ramp));
    picture.label(
        {.rect = {right + 4, y, highWidth, 12}, .text = high, .size = TypeSize::Small, .colour = Ink::Muted, .mono = true});
}

/// A bar drawn as an outline with slanted lines: something that is shown but does not count (struck out).
inline void addHatchedBar(Picture& picture, Rect rect, Colour colour) {
    picture.box({.rect = rect, .fill = Ink::None, .frame = colour, .radius = 2, .dashed = true});
    for (double at = rect.x - rect.h + 4; at < rect.right(); at += 5) {
        const double from = std::max(at, rect.x), to = std::min(at + rect.h, rect.right());
        if (to - from < 1) continue;
        picture.stroke({.points = {{from, rect.bottom() - (from - at)}, {to, rect.bottom() - (to - at)}}, .colour = colour});
    }
}

/// Places a bar from the zero line: negative ones to the left of it.
inline Rect signedBar(double zero, double y, double height, double value, double pixelsPerUnit) {
    const double length = std::max(value == 0 ? 0.0 : 1.0, std::abs(value) * pixelsPerUnit);
    return {value < 0 ? zero - length : zero, y, length, height};
}

}  // namespace lw
