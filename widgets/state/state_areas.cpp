#include "widgets/state/state_areas.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lw {

namespace {
constexpr double smallestBox = 5;
constexpr Eigen::Index mostBoxes = 1500;
}  // namespace

std::optional<StateArea::Hit> StateArea::at(double x, double y) const {
    if (!rect.contains(x, y) || values.size() == 0) return std::nullopt;
    const auto rows = static_cast<int>(values.rows()), columns = static_cast<int>(values.cols());
    Hit hit;
    hit.row = std::min(rows - 1, static_cast<int>((y - rect.y) / rect.h * rows));
    hit.column = std::min(columns - 1, static_cast<int>((x - rect.x) / rect.w * columns));
    const int index = hit.row * columns + hit.column;
    if (count > 0 && index >= count) return std::nullopt;
    hit.value = static_cast<double>(values(hit.row, hit.column));
    hit.place = place;
    switch (kind) {
        case Kind::State:
            hit.place.unit = Unit(cell ? index : hit.row);
            if (!cell) hit.place.unit2 = Unit(hit.column);
            break;
        case Kind::Vector:
            hit.place.unit = Unit(index);
            break;
        case Kind::OverText:
            if (!onlyPosition) hit.place.unit = Unit(firstUnit + hit.row);
            hit.place.position = Position(hit.column);
            break;
        case Kind::Heads:
            hit.place.head = Head(hit.row);
            hit.place.position = Position(hit.column);
            break;
        case Kind::Queries:
            hit.place.position = Position(hit.row);
            [[fallthrough]];
        case Kind::Keys:
            if (hit.column <= hit.place.position->value)
                hit.place.key = Position(hit.column);
            else
                hit.place.site.reset();  // not written yet
            break;
    }
    return hit;
}

Rect StateArea::cellRect(int row, int column) const {
    const double w = rect.w / static_cast<double>(values.cols()), h = rect.h / static_cast<double>(values.rows());
    return {rect.x + w * column, rect.y + h * row, w, h};
}

int foldedColumns(int count) {
    int columns = 1;
    while (columns * columns < count) columns *= 2;
    return columns;
}

Matrix foldVector(const RowVector& values) {
    const auto count = static_cast<int>(values.size());
    const int columns = foldedColumns(count), rows = std::max(1, (count + columns - 1) / columns);
    Matrix folded = Matrix::Constant(rows, columns, std::numeric_limits<float>::quiet_NaN());
    for (int i = 0; i < count; ++i) folded(i / columns, i % columns) = values(i);
    return folded;
}

void addCells(Picture& picture, Rect rect, const Matrix& values, double limit, ColourMap map) {
    if (values.size() == 0) return;
    const auto scaled = [&](float v) { return limit > 0 ? static_cast<float>(static_cast<double>(v) / limit) : 0.0f; };
    const double w = rect.w / static_cast<double>(values.cols()), h = rect.h / static_cast<double>(values.rows());
    if (values.size() <= mostBoxes && w >= smallestBox && h >= smallestBox) {
        for (Eigen::Index r = 0; r < values.rows(); ++r)
            for (Eigen::Index c = 0; c < values.cols(); ++c) {
                if (std::isnan(values(r, c))) continue;
                picture.box({.rect = {rect.x + w * static_cast<double>(c), rect.y + h * static_cast<double>(r), w - 1, h - 1},
                             .fill = Colour::mapped(map, static_cast<double>(scaled(values(r, c)))),
                             .radius = std::min(w, h) >= 10 ? 2.0 : 0.0});
            }
        return;
    }
    Raster raster{
        .rect = rect, .rows = static_cast<int>(values.rows()), .cols = static_cast<int>(values.cols()), .values = {}, .map = map};
    raster.values.reserve(static_cast<std::size_t>(values.size()));
    for (Eigen::Index r = 0; r < values.rows(); ++r)
        for (Eigen::Index c = 0; c < values.cols(); ++c)
            raster.values.push_back(std::isnan(values(r, c)) ? values(r, c) : scaled(values(r, c)));
    picture.raster(std::move(raster));
}

}  // namespace lw
