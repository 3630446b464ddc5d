// What the workshop's pictures share: pills in several rows, chips in several rows, whole numbers in groups of three.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "widgets/shared/picture.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/text_width.h"

namespace lw {

/// "1,234,567".
inline std::string grouped(std::int64_t number) {
    std::string digits = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

struct PillGroup {
    std::string caption;  // may be empty
    std::vector<Pill> pills;
};

/// Groups of pills from (0, y) on, as many in a row as fit; gives the lower edge.
inline double addPillRows(Picture& picture, double y, double width, const std::vector<PillGroup>& groups) {
    double x = 0;
    for (const PillGroup& group : groups) {
        if (group.pills.empty()) continue;
        const double caption = group.caption.empty() ? 0 : textWidth(group.caption, TypeSize::Label) + 6;
        if (x > 0 && x + caption + pillsWidth(group.pills) > width) {
            x = 0;
            y += pillHeight + 4;
        }
        if (caption > 0)
            picture.label(
                {.rect = {x, y, caption, pillHeight}, .text = group.caption, .size = TypeSize::Label, .colour = Ink::Muted});
        x += caption;
        const double left = x;
        for (const Pill& pill : group.pills) {  // a group that is wider than a row goes on under its beginning
            if (x > left && x + pillWidth(pill) > width) {
                x = left;
                y += pillHeight + 4;
            }
            x = addPills(picture, x, y, {pill}) + 4;
        }
        x += 10;
    }
    picture.width = std::max(picture.width, width);
    picture.height = std::max(picture.height, y + pillHeight);
    return y + pillHeight;
}

struct Chip {
    std::string text, says;
    std::string action = {};
    bool fresh = false;
};

/// Chips from (x, y) on, as many in a row as fit and at most `rows` rows; gives how many were drawn, and the lower edge in `y`.
inline std::size_t addChips(Picture& picture, double x, double& y, double width, std::size_t rows,
                            const std::vector<Chip>& chips) {
    constexpr double height = 22, padding = 4, least = 12;
    double at = x;
    std::size_t row = 0, drawn = 0;
    for (const Chip& chip : chips) {
        const double wide = std::min(width, std::max(least, textWidth(chip.text, TypeSize::Label) + 2 * padding));
        if (at > x && at + wide > x + width) {
            if (++row == rows) break;
            at = x;
            y += height + 3;
        }
        const Rect rect{at, y, wide, height};
        picture.box({.rect = rect,
                     .fill = chip.fresh ? Colour(Ink::SelectedFill) : Colour(Ink::Grid),
                     .frame = chip.fresh ? Ink::SelectedFrame : Ink::Line,
                     .radius = 4});
        picture.label({.rect = rect, .text = chip.text, .size = TypeSize::Label, .align = Align::Centre});
        picture.spot({.rect = rect, .place = {}, .says = chip.says, .action = chip.action});
        at += wide + 3;
        ++drawn;
    }
    if (!chips.empty()) y += height;
    return drawn;
}

}  // namespace lw
