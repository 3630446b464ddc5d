#include "widgets/shared/picture.h"

#include <ranges>

namespace lw {

const Spot* Picture::at(double x, double y) const {
    for (const Spot& spot : spots | std::views::reverse)
        if (spot.rect.contains(x, y)) return &spot;
    return nullptr;
}

std::vector<std::string> Picture::texts() const {
    std::vector<std::string> result;
    for (const PictureItem& item : items)
        if (const auto* label = std::get_if<Label>(&item)) result.push_back(label->text);
    return result;
}

}  // namespace lw
