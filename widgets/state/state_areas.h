// A matrix of numbers somewhere in the state's picture: finds the number under the pointer and the place it stands for. Qt-free.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/tensor/matrix.h"
#include "widgets/shared/picture.h"

namespace lw {

struct StateArea {
    enum class Kind {
        State,     // rows × columns of the memory at one position: unit and unit2 (of a cell the unit, folded into lines)
        Vector,    // n numbers at one position, folded into lines: unit
        OverText,  // rows are units, columns positions
        Heads,     // rows are heads, columns positions
        Keys,      // columns are keys that the position of `place` reads
        Queries,   // rows are queries, columns keys
    };
    Kind kind = Kind::State;
    Rect rect = {};
    Matrix values;              // as drawn
    int count = 0;              // of a folded vector: numbers in it; 0: all of `values`
    Locus place = {};           // what all its cells share
    bool cell = false;          // State of a cell: one unit a number
    int firstUnit = 0;          // OverText: the unit of row 0
    bool onlyPosition = false;  // OverText: the rows are no units (a mean)
    std::string name;           // "kept"

    struct Hit {
        Locus place;
        double value = 0;
        int row = 0, column = 0;  // as drawn
    };
    std::optional<Hit> at(double x, double y) const;
    Rect cellRect(int row, int column) const;
};

/// A vector folded into lines of a power of two, about as wide as high: [lines, columns], NaN after the end.
Matrix foldVector(const RowVector& values);
int foldedColumns(int count);

/// Draws the values over `limit` by the map: boxes with gaps where cells are large and few, else a raster.
void addCells(Picture& picture, Rect rect, const Matrix& values, double limit, ColourMap map);

}  // namespace lw
