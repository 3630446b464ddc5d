// Rows of numbers as colours, as every page of this view draws them. Qt-free.
#pragma once

#include <string>

#include "core/tensor/matrix.h"
#include "widgets/shared/picture.h"

namespace lw {

/// The largest |value|; 1 where all are zero, so that it can be divided by.
double largestMagnitude(const Matrix& values);

/// The values over `rect`, a row of the matrix a row of cells, ±limit at the ends of the diverging map.
void addHeat(Picture& picture, Rect rect, const Matrix& values, double limit);

/// Fills a cell with the value's colour and writes the number on it.
void addNumberCell(Picture& picture, Rect rect, double value, double limit);

/// Numbers of a vector side by side, `columns` a line, each a spot at `place` with its unit (no place: only told). Gives the
/// height. `name` begins what a spot says.
double addNumbers(Picture& picture, double x, double y, double width, const RowVector& values, double limit, const Locus* place,
                  const std::string& name, int most = 1024);

inline constexpr double numberWidth = 54, numberHeight = 17;

}  // namespace lw
