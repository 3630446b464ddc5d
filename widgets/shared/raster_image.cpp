#include "widgets/shared/raster_image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace lw {

namespace {

constexpr int shades = 512;

std::array<QRgb, shades> tableOf(ColourMap map, const Palette& palette) {
    std::array<QRgb, shades> table{};
    for (int i = 0; i < shades; ++i) {
        const double at = static_cast<double>(i) / (shades - 1);
        table[static_cast<std::size_t>(i)] =
            (map == ColourMap::Sequential ? palette.sequential(at) : palette.diverging(2 * at - 1)).rgb();
    }
    return table;
}

// Fewer rows and columns: each new cell is the old one of the largest magnitude among those it covers (NaN only if all are).
Raster pooled(const Raster& raster, int cols, int rows) {
    if (raster.values.size() < static_cast<std::size_t>(raster.rows) * static_cast<std::size_t>(raster.cols)) return {};
    Raster result{.rect = raster.rect, .rows = rows, .cols = cols, .values = {}, .map = raster.map};
    result.values.assign(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols),
                         std::numeric_limits<float>::quiet_NaN());
    const float* value = raster.values.data();
    for (int row = 0; row < raster.rows; ++row) {
        const auto to = static_cast<std::size_t>(static_cast<std::int64_t>(row) * rows / raster.rows * cols);
        for (int col = 0; col < raster.cols; ++col, ++value) {
            float& cell = result.values[to + static_cast<std::size_t>(static_cast<std::int64_t>(col) * cols / raster.cols)];
            if (std::isnan(cell) || std::abs(*value) > std::abs(cell)) cell = *value;
        }
    }
    return result;
}

}  // namespace

QImage rasterImage(const Raster& raster, const Palette& palette) {
    if (raster.rows <= 0 || raster.cols <= 0 ||
        raster.values.size() < static_cast<std::size_t>(raster.rows) * static_cast<std::size_t>(raster.cols))
        return {};
    const auto table = tableOf(raster.map, palette);
    const QRgb panel = palette.of(Ink::Panel).rgb();
    QImage image(raster.cols, raster.rows, QImage::Format_RGB32);
    if (image.isNull()) return {};
    const float* value = raster.values.data();
    for (int row = 0; row < raster.rows; ++row) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(row));
        for (int col = 0; col < raster.cols; ++col, ++value) {
            if (std::isnan(*value)) {
                line[col] = panel;
                continue;
            }
            const float at = raster.map == ColourMap::Sequential ? *value : (*value + 1) / 2;
            line[col] = table[static_cast<std::size_t>(std::lround(std::clamp(at, 0.0f, 1.0f) * (shades - 1)))];
        }
    }
    return image;
}

QImage fittedRasterImage(const Raster& raster, const Palette& palette, int width, int height) {
    if (width <= 0 || height <= 0) return {};
    const QImage image = raster.cols > width || raster.rows > height
                             ? rasterImage(pooled(raster, std::min(width, raster.cols), std::min(height, raster.rows)), palette)
                             : rasterImage(raster, palette);
    if (image.isNull()) return {};
    return image.scaled(width, height, Qt::IgnoreAspectRatio, Qt::FastTransformation);
}

}  // namespace lw
