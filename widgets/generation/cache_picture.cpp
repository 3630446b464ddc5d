#include "widgets/generation/cache_picture.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {

constexpr double lineHeight = 19, barHeight = 14;
constexpr int mostCells = 24;  // a longer text is drawn in blocks of rows

std::string milliseconds(double seconds) { return printNumber(1000 * seconds, 3) + " ms"; }

// The lower triangle of query × key: rows that are computed strongly, rows that were computed earlier pale.
void addTriangle(Picture& picture, double x, double y, double triangle, int T, bool cached, const std::string& says) {
    const int cells = std::min(T, mostCells);
    const double side = triangle / cells, gap = side >= 5 ? 1 : 0;
    for (int q = 0; q < cells; ++q)
        for (int k = 0; k <= q; ++k) {
            const bool fresh = !cached || q == cells - 1;
            picture.box({.rect = {x + k * side, y + q * side, side - gap, side - gap},
                         .fill = fresh ? Colour(Ink::New) : Colour(Ink::Grid),
                         .frame = fresh ? Ink::None : Ink::Line,
                         .radius = side >= 8 ? 2.0 : 0.0});
        }
    picture.spot({.rect = {x, y, triangle, triangle}, .says = says});
}

}  // namespace

Picture cachePicture(const CacheCheck& check, bool attention, double width, const Say& say) {
    Picture picture;
    picture.width = width;
    picture.title = say(QT_TRANSLATE_NOOP("Generation", "With and without the cache"));
    const std::string T = std::to_string(check.length);
    const auto line = [&](double x, double y, double w, const std::string& text, Colour colour = Ink::Text, bool bold = false) {
        picture.label({.rect = {x, y, w, lineHeight}, .text = text, .colour = colour, .bold = bold});
    };
    const std::vector<Pill> pills = {{say(QT_TRANSLATE_NOOP("Generation", "measure again")), "measure", false,
                                      say(QT_TRANSLATE_NOOP("Generation", "run both once more and time them"))}};
    const double ratio = check.withSeconds > 0 ? check.withoutSeconds / check.withSeconds : 0;
    const double switches = pillsWidth(pills) + 12;
    line(0, 0, width - switches,
         fill(say(QT_TRANSLATE_NOOP("Generation", "Token %1: %2 with the cache, %3 without (%4 times as long)")),
              {T, milliseconds(check.withSeconds), milliseconds(check.withoutSeconds), printNumber(ratio, 3)}),
         Ink::Text, true);
    addPills(picture, width - pillsWidth(pills), 0, pills);
    line(0, lineHeight, width,
         fill(say(QT_TRANSLATE_NOOP("Generation",
                                    "The logits differ by %1 at most (the largest is %2); the most probable token is %3.")),
              {printNumber(check.logitDifference, 3), printNumber(check.largestLogit, 4),
               check.sameToken ? say(QT_TRANSLATE_NOOP("Generation", "the same"))
                               : say(QT_TRANSLATE_NOOP("Generation", "another: two are as close as that"))}),
         check.sameToken ? Ink::Text : Ink::Erased);
    line(0, 2 * lineHeight, width,
         fill(say(QT_TRANSLATE_NOOP("Generation",
                                    "The cache keeps %1 of the %2 tokens before it. Times are medians of %3 runs here.")),
              {printBytes(check.stateBytes), std::to_string(check.length - 1), std::to_string(check.repeats)}),
         Ink::Muted);
    double y = 3 * lineHeight + 14, x = 0;
    // Two triangles and a table of 240 beside each other, as large as the width allows.
    constexpr double columnGap = 28, tableWidth = 240;
    const double triangle = std::clamp((width - tableWidth) / 2 - columnGap, 120.0, 190.0);
    if (attention) {
        const std::pair<bool, std::string> both[] = {{true, say(QT_TRANSLATE_NOOP("Generation", "with the cache"))},
                                                     {false, say(QT_TRANSLATE_NOOP("Generation", "without"))}};
        for (const auto& [cached, name] : both) {
            addCaption(picture, {x, y, triangle + columnGap - 4, 16}, name);
            const std::string words = fill(say(cached ? QT_TRANSLATE_NOOP("Generation", "%1 cells new, the others stand")
                                                      : QT_TRANSLATE_NOOP("Generation", "%1 cells, all computed")),
                                           {std::to_string(cached ? check.newCells() : check.allCells())});
            addTriangle(picture, x, y + 20, triangle, check.length, cached,
                        name + ": " + words + " " + say(QT_TRANSLATE_NOOP("Generation", "(each head of each layer)")));
            picture.label({.rect = {x, y + 24 + triangle, triangle + columnGap - 4, 16}, .text = words, .size = TypeSize::Label});
            x += triangle + columnGap;
        }
        const double under = 2 * (triangle + columnGap);
        picture.label({.rect = {0, y + 42 + triangle, under, 14},
                       .text = say(QT_TRANSLATE_NOOP("Generation", "query (down) × key (across); blue: computed in this step")),
                       .size = TypeSize::Small,
                       .colour = Ink::Muted});
        if (check.length > mostCells)
            picture.label({.rect = {0, y + 56 + triangle, under, 14},
                           .text = fill(say(QT_TRANSLATE_NOOP("Generation", "drawn in %1 × %1 blocks of the %2 × %2 cells")),
                                        {std::to_string(mostCells), T}),
                           .size = TypeSize::Small,
                           .colour = Ink::Muted});
    }
    // the two times as bars, then the streams layer by layer
    const double barWidth = std::max(60.0, width - x - 64 - 80), longest = std::max(check.withSeconds, check.withoutSeconds);
    addCaption(picture, {x, y, width - x, 16}, say(QT_TRANSLATE_NOOP("Generation", "time of this step")));
    double row = y + 20;
    for (const auto& [name, seconds] : {std::pair(say(QT_TRANSLATE_NOOP("Generation", "with")), check.withSeconds),
                                        std::pair(say(QT_TRANSLATE_NOOP("Generation", "without")), check.withoutSeconds)}) {
        picture.label({.rect = {x, row, 60, lineHeight}, .text = name, .size = TypeSize::Label});
        const Rect bar{x + 64, row + 3, longest > 0 ? std::max(1.0, barWidth * seconds / longest) : 1.0, barHeight};
        picture.box({.rect = bar, .fill = Ink::New, .radius = 2});
        picture.label({.rect = {bar.right() + 6, row, 90, lineHeight},
                       .text = milliseconds(seconds),
                       .size = TypeSize::Label,
                       .mono = true});
        picture.spot({.rect = {x, row, width - x, lineHeight}, .says = name + ": " + milliseconds(seconds), .value = seconds});
        row += lineHeight + 2;
    }
    row += 10;
    DataTable table{.name = "cache", .columns = {"largest_difference", "largest_value"}};
    addCaption(picture, {x, row, width - x, 16}, say(QT_TRANSLATE_NOOP("Generation", "difference, largest value")));
    row += 18;
    const auto add = [&](const std::string& name, double difference, double largest) {
        picture.label({.rect = {x, row, 104, lineHeight}, .text = name, .size = TypeSize::Label});
        picture.label({.rect = {x + 104, row, 56, lineHeight},
                       .text = printNumber(difference, 3),
                       .size = TypeSize::Label,
                       .align = Align::Right,
                       .mono = true});
        picture.label({.rect = {x + 168, row, std::max(0.0, width - x - 168), lineHeight},
                       .text = fill(say(QT_TRANSLATE_NOOP("Generation", "of %1")), {printNumber(largest, 4)}),
                       .size = TypeSize::Label,
                       .colour = Ink::Muted});
        picture.spot(
            {.rect = {x, row, width - x, lineHeight}, .says = name + ": " + printNumber(difference, 6), .value = difference});
        table.rowNames.push_back(name);
        table.rows.push_back({difference, largest});
        row += lineHeight;
    };
    for (std::size_t l = 0; l < check.streamDifference.size(); ++l)
        add(fill(say(QT_TRANSLATE_NOOP("Generation", "stream after L%1")), {std::to_string(l)}), check.streamDifference[l],
            check.largestStream[l]);
    add(say(QT_TRANSLATE_NOOP("Generation", "logits")), check.logitDifference, check.largestLogit);
    picture.height = std::max(row, attention ? y + 74 + triangle : 0.0);
    picture.tables.push_back(std::move(table));
    return picture;
}

}  // namespace lw
