#include "widgets/shared/picture.h"

#include <cstring>
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

bool operator==(const Raster& a, const Raster& b) {
    return a.rect == b.rect && a.rows == b.rows && a.cols == b.cols && a.map == b.map && a.values.size() == b.values.size() &&
           (a.values.empty() || std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(float)) == 0);
}

bool sameDrawing(const Picture& a, const Picture& b) { return a.width == b.width && a.height == b.height && a.items == b.items; }

}  // namespace lw
