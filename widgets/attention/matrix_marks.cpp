// What is laid over and under the large matrix: the lines of a pointed row, the scale.
#include <algorithm>

#include "widgets/attention/matrix_parts.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/text_width.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

void addReadingLines(Picture& picture, const HeadMatrixInput& in, std::span<const float> row) {
    const MatrixGeometry g = matrixGeometry(in);
    if (!in.hoverQuery || *in.hoverQuery < g.firstQuery || *in.hoverQuery >= g.firstQuery + g.queries) return;
    const Rect at = g.rowRect(*in.hoverQuery);
    const double y = at.y + at.h / 2;
    std::vector<std::pair<float, int>> read;
    for (int k = g.firstKey; k < g.firstKey + g.keys && k < static_cast<int>(row.size()); ++k) {
        if (row[static_cast<std::size_t>(k)] >= 0.02f) read.emplace_back(row[static_cast<std::size_t>(k)], k);
    }
    std::sort(read.rbegin(), read.rend());
    if (read.size() > 8) read.resize(8);
    for (const auto& [weight, key] : read) {
        const double x = g.left + g.cell * (key - g.firstKey + 0.5);
        Stroke line{.points = {{g.left - 4, y}, {x, y}, {x, g.top - 4}},
                    .colour = Colour(Ink::Accent, 0.35 + 0.5 * static_cast<double>(weight)),
                    .width = 0.75 + 3.0 * static_cast<double>(weight),
                    .arrow = true};
        picture.stroke(std::move(line));
    }
    picture.box(
        {.rect = {at.x - 1, at.y - 0.5, at.w + 2, at.h + 1}, .fill = Ink::None, .frame = Colour(Ink::Accent, 0.7), .radius = 3});
    if (in.hoverKey && *in.hoverKey >= g.firstKey && *in.hoverKey < g.firstKey + g.keys) {
        const Rect cell = g.cellRect(*in.hoverQuery, *in.hoverKey);
        picture.box({.rect = {cell.x, g.top - 1, cell.w, g.bottom() - g.top + 2},
                     .fill = Ink::None,
                     .frame = Colour(Ink::Accent, 0.45),
                     .radius = 3});
    }
}

void addMatrixFoot(Picture& picture, const HeadMatrixInput& in, const MatrixGeometry& g) {
    const TileRequest& r = in.tile->request;
    const double y = g.bottom() + (in.step ? 12 : 8);
    double x = g.left;
    const bool fixedScale = r.quantity == AttentionQuantity::Weights && !r.minus;
    const std::string high = fixedScale ? "1" : printNumber(in.tile->largest, 3);
    if (mapOf(r) == ColourMap::Diverging) {
        addDivergingLegend(picture, x, y, 150, printNumber(-in.tile->largest, 3), high);
        x += 158;
    } else {
        picture.label({.rect = {x, y, 8, 12}, .text = "0", .size = TypeSize::Small, .colour = Ink::Muted, .mono = true});
        Raster ramp{.rect = {x + 10, y + 2, 88, 8}, .rows = 1, .cols = 44, .values = {}};
        for (int i = 0; i < ramp.cols; ++i) ramp.values.push_back(static_cast<float>(i) / static_cast<float>(ramp.cols - 1));
        picture.box({.rect = {x + 9.5, y + 1.5, 89, 9}, .fill = Ink::None, .frame = Ink::Line});
        picture.raster(std::move(ramp));
        const double w = textWidth(high, TypeSize::Small, false, true);
        picture.label({.rect = {x + 102, y, w, 12}, .text = high, .size = TypeSize::Small, .colour = Ink::Muted, .mono = true});
        x += 106 + w;
    }
    std::string text = quantityName(r.quantity, in.say);
    if (r.minus) text += in.say(QT_TRANSLATE_NOOP("Attention", " B − A"));
    text += " · ";
    text += fixedScale           ? in.say(QT_TRANSLATE_NOOP("Attention", "one scale for all heads"))
            : in.tile->wholeHead ? in.say(QT_TRANSLATE_NOOP("Attention", "this head's own scale"))
                                 : in.say(QT_TRANSLATE_NOOP("Attention", "scale of the rows shown"));
    if (r.pool > 1) {
        text += fill(in.say(QT_TRANSLATE_NOOP("Attention", " · each dot the largest of %1 × %1")), {std::to_string(r.pool)});
    }
    const double room = std::max(40.0, in.width - x);
    const double wanted = std::min(room, textWidth(text, TypeSize::Small));
    picture.label({.rect = {x, y, wanted, 12}, .text = text, .size = TypeSize::Small, .colour = Ink::Muted});
    if (in.step) {
        const double line = y + secondFoot;
        double at = g.left;
        const auto legend = [&](Colour colour, double size, const std::string& words) {
            const double w = textWidth(words, TypeSize::Small) + 2;
            picture.box({.rect = {at, line + 1, size, 10}, .fill = colour, .radius = 1});
            picture.label({.rect = {at + size + 4, line, std::min(w, std::max(20.0, in.width - at - size - 4)), 12},
                           .text = words,
                           .size = TypeSize::Small,
                           .colour = Ink::Muted});
            at += size + 4 + w + 12;
        };
        legend(Ink::New, 5,
               fill(in.say(QT_TRANSLATE_NOOP("Attention", "row and key new at step %1")), {std::to_string(in.step->step)}));
        if (in.step->from > 0)
            legend(Ink::Faint, 3, in.say(QT_TRANSLATE_NOOP("Attention", "stood before; keys and values from the cache")));
    }
}

}  // namespace lw
