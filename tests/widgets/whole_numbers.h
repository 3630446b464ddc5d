// A guard for pictures: a number that is cut is a wrong number. Words may end in dots, figures never.
#pragma once

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "widgets/shared/picture.h"
#include "widgets/shared/text_width.h"

namespace lw::test {

/// The labels with a digit in them that have less room than their text needs.
inline std::vector<std::string> cutNumbers(const Picture& picture) {
    std::vector<std::string> cut;
    for (const PictureItem& item : picture.items) {
        const auto* label = std::get_if<Label>(&item);
        if (!label || !std::ranges::any_of(label->text, [](char c) { return c >= '0' && c <= '9'; })) continue;
        // textWidth is on the generous side, and the painter allows for less than a pixel.
        if (textWidth(label->text, label->size, label->bold, label->mono) > label->rect.w + 1) cut.push_back(label->text);
    }
    return cut;
}

}  // namespace lw::test
