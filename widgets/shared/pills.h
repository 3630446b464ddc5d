// Switches drawn in a picture: a row of pills of which one is on, or a pill that opens a menu. What they do is their spot's
// action.
#pragma once

#include <string>
#include <vector>

#include "widgets/shared/picture.h"
#include "widgets/shared/text_width.h"

namespace lw {

struct Pill {
    std::string text;
    std::string action;
    bool on = false;
    std::string says = {};  // for the status bar and screen readers; the text where empty
};

inline constexpr double pillHeight = 22;

inline double pillWidth(const Pill& pill) { return textWidth(pill.text, TypeSize::Label) + 16; }
inline double pillsWidth(const std::vector<Pill>& pills) {
    double width = 0;
    for (const Pill& pill : pills) width += pillWidth(pill) + 4;
    return width > 0 ? width - 4 : 0;
}

/// Draws them from x on; gives the right edge.
inline double addPills(Picture& picture, double x, double y, const std::vector<Pill>& pills) {
    for (const Pill& pill : pills) {
        const Rect rect{x, y, pillWidth(pill), pillHeight};
        const Colour fill = pill.on ? Colour(Ink::Accent) : Colour(Ink::Panel);
        picture.box({.rect = rect, .fill = fill, .frame = pill.on ? Ink::Accent : Ink::Line, .radius = 5});
        Label label{.rect = rect, .text = pill.text, .size = TypeSize::Label, .align = Align::Centre, .colour = Ink::Text};
        if (pill.on) label.on = fill;
        picture.label(std::move(label));
        picture.spot({.rect = rect, .says = pill.says.empty() ? pill.text : pill.says, .action = pill.action});
        x += rect.w + 4;
    }
    return x - 4;
}

}  // namespace lw
