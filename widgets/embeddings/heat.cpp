#include "widgets/embeddings/heat.h"

#include <algorithm>

#include "widgets/shared/format.h"

namespace lw {

double largestMagnitude(const Matrix& values) {
    const double largest = values.size() > 0 ? static_cast<double>(values.cwiseAbs().maxCoeff()) : 0.0;
    return largest > 0 ? largest : 1.0;
}

void addHeat(Picture& picture, Rect rect, const Matrix& values, double limit) {
    Raster raster{.rect = rect,
                  .rows = static_cast<int>(values.rows()),
                  .cols = static_cast<int>(values.cols()),
                  .values = {},
                  .map = ColourMap::Diverging};
    raster.values.reserve(static_cast<std::size_t>(values.size()));
    for (Eigen::Index i = 0; i < values.size(); ++i)
        raster.values.push_back(static_cast<float>(static_cast<double>(values.data()[i]) / limit));
    picture.raster(std::move(raster));
}

void addNumberCell(Picture& picture, Rect rect, double value, double limit) {
    const Colour fill = Colour::mapped(ColourMap::Diverging, value / limit);
    picture.box({.rect = {rect.x, rect.y, rect.w - 1, rect.h - 1}, .fill = fill, .radius = 2});
    Label label{
        .rect = rect, .text = printNumber(value, 3), .size = TypeSize::Small, .align = Align::Centre, .on = fill, .mono = true};
    picture.label(std::move(label));
}

double addNumbers(Picture& picture, double x, double y, double width, const RowVector& values, double limit, const Locus* place,
                  const std::string& name, int most) {
    const int columns = std::max(1, static_cast<int>(width / numberWidth));
    const int count = std::min(most, static_cast<int>(values.size()));
    for (int i = 0; i < count; ++i) {
        const Rect rect{x + numberWidth * (i % columns), y + numberHeight * (i / columns), numberWidth, numberHeight};
        const auto value = static_cast<double>(values(i));
        addNumberCell(picture, rect, value, limit);
        Spot spot{
            .rect = rect, .place = {}, .says = name + " [" + std::to_string(i) + "]: " + printNumber(value), .value = value};
        if (place) {
            spot.place = *place;
            spot.place.unit = Unit(i);
        }
        picture.spot(std::move(spot));
    }
    return numberHeight * ((count + columns - 1) / columns);
}

}  // namespace lw
