#include "widgets/shared/raster_image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace lw {

namespace {

constexpr int shades = 512;

using Table = std::array<QRgb, shades>;

// The map's colours. The last ones are kept: a picture may hold hundreds of small rasters, and a table costs far more than each.
const Table& tableOf(ColourMap map, const Palette& palette) {
    const auto colour = [&](double at) {
        return (map == ColourMap::Sequential ? palette.sequential(at) : palette.diverging(2 * at - 1)).rgb();
    };
    // Palettes that agree at five places are the same.
    const std::array<QRgb, 5> key{colour(0), colour(0.2), colour(0.5), colour(0.8), colour(1)};
    thread_local std::vector<std::pair<std::array<QRgb, 5>, Table>> known;
    for (const auto& [other, table] : known)
        if (other == key) return table;
    if (known.size() >= 16) known.clear();
    Table table{};
    for (int i = 0; i < shades; ++i) table[static_cast<std::size_t>(i)] = colour(static_cast<double>(i) / (shades - 1));
    return known.emplace_back(key, table).second;
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
    const Table& table = tableOf(raster.map, palette);
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
