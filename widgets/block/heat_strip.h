// A vector drawn as a strip of cells: folded into as few lines as its room allows, coloured by the diverging map. A click on
// the strip finds the cell. Qt-free.
#pragma once

#include <optional>
#include <string>

#include "core/tensor/matrix.h"
#include "widgets/shared/picture.h"

namespace lw {

struct HeatStrip {
    Rect rect;  // of the cells, without the rounding at the right
    int count = 0, columns = 0, rows = 0;
    double cell = 0;  // pixels, square (one row may be higher)
    double cellHeight = 0;
    double limit = 0;    // |value| at the ends of the map
    double largest = 0;  // largest |value|; cells beyond `limit` have the end's colour
    Locus place;         // of the whole; a cell adds its unit

    /// The index of the cell at a point, if there is one.
    std::optional<int> cellAt(double x, double y) const;
    Rect cellRect(int index) const;
};

/// How `count` cells are folded into width × height: the largest whole-pixel cell that fits (never under 1 px).
HeatStrip layoutStrip(int count, double x, double y, double width, double height);

/// The colours' limit: the largest |value|, or where a few outliers would leave the rest pale the 98 % quantile.
double stripLimit(const RowVector& values);

/// Draws the cells and one raster spot; `says` is its line (a view completes it by the cell's value).
void addStrip(Picture& picture, const HeatStrip& strip, const RowVector& values, const std::string& says);

/// "±3.1", with the largest value where cells lie beyond the colours: "±3.1, max 204".
std::string stripScale(const HeatStrip& strip);

}  // namespace lw
