#include "widgets/block/heat_strip.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "widgets/shared/format.h"

namespace lw {

std::optional<int> HeatStrip::cellAt(double x, double y) const {
    if (!rect.contains(x, y) || cell <= 0) return std::nullopt;
    const int column = static_cast<int>((x - rect.x) / cell), row = static_cast<int>((y - rect.y) / cellHeight);
    const int index = row * columns + column;
    if (column >= columns || row >= rows || index >= count) return std::nullopt;
    return index;
}

Rect HeatStrip::cellRect(int index) const {
    return {rect.x + cell * (index % columns), rect.y + cellHeight * (index / columns), cell, cellHeight};
}

HeatStrip layoutStrip(int count, double x, double y, double width, double height) {
    HeatStrip strip;
    strip.count = count;
    if (count <= 0) return strip;
    for (int cell = 12; cell >= 1; --cell) {
        const int columns = std::max(1, std::min(count, static_cast<int>(width / cell)));
        const int rows = (count + columns - 1) / columns;
        if (rows * cell > height && cell > 1) continue;
        strip.columns = columns;
        strip.rows = rows;
        strip.cell = cell;
        // one or two lines of cells take the height that is there, so that short vectors are as easy to hit as long ones
        strip.cellHeight = std::max<double>(cell, std::floor(height / rows));
        break;
    }
    strip.rect = {x, y, strip.cell * strip.columns, strip.cellHeight * strip.rows};
    return strip;
}

double stripLimit(const RowVector& values) {
    if (values.size() == 0) return 0;
    std::vector<float> sizes;
    sizes.reserve(static_cast<std::size_t>(values.size()));
    for (Eigen::Index i = 0; i < values.size(); ++i) sizes.push_back(std::abs(values(i)));
    const auto at = sizes.begin() + static_cast<std::ptrdiff_t>(std::min(
                                        sizes.size() - 1, static_cast<std::size_t>(0.98 * static_cast<double>(sizes.size()))));
    std::nth_element(sizes.begin(), at, sizes.end());
    const double quantile = *at, largest = *std::max_element(at, sizes.end());
    return quantile > 0 && largest > 3 * quantile ? quantile : largest;
}

void addStrip(Picture& picture, const HeatStrip& strip, const RowVector& values, const std::string& says) {
    if (strip.count == 0) return;
    picture.box({.rect = {strip.rect.x - 1, strip.rect.y - 1, strip.rect.w + 2, strip.rect.h + 2}, .frame = Ink::Line});
    Raster raster{.rect = strip.rect, .rows = strip.rows, .cols = strip.columns, .map = ColourMap::Diverging};
    raster.values.assign(static_cast<std::size_t>(strip.rows * strip.columns), std::numeric_limits<float>::quiet_NaN());
    for (int i = 0; i < strip.count; ++i)
        raster.values[static_cast<std::size_t>(i)] = strip.limit > 0 ? static_cast<float>(values(i) / strip.limit) : 0.0f;
    picture.raster(std::move(raster));
    picture.spot({.rect = strip.rect, .place = strip.place, .says = says, .raster = true});
}

std::string stripScale(const HeatStrip& strip) {
    std::string text = "±" + printNumber(strip.limit, 3);
    if (strip.largest > strip.limit * 1.0001) text += " (" + printNumber(strip.largest, 3) + ")";
    return text;
}

}  // namespace lw
