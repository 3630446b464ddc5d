// The image of a Raster: each cell one pixel, in the colours of the palette.
#pragma once

#include <QImage>

#include "widgets/shared/palette.h"
#include "widgets/shared/picture.h"

namespace lw {

/// cols × rows pixels; null if the raster is empty. NaN cells have the panel's colour.
QImage rasterImage(const Raster& raster, const Palette& palette);

/// The image for `width` × `height` device pixels. Cells larger than a pixel keep hard edges; where several cells share a
/// pixel it shows the one of the largest magnitude, so that no single strong cell is lost.
QImage fittedRasterImage(const Raster& raster, const Palette& palette, int width, int height);

}  // namespace lw
