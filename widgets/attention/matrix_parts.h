// Pieces that the large matrix is put together from. Qt-free.
#pragma once

#include "widgets/attention/head_matrix_picture.h"

namespace lw {

inline constexpr double smallestBox = 5;                   // below this the cells are a raster
inline constexpr double matrixFoot = 24, secondFoot = 18;  // the second: marks and words of the step
inline constexpr double headSlope = 0.7071;                // column heads stand at 45°

inline const std::string& pieceAt(const HeadMatrixInput& in, int position) {
    static const std::string none = "—";
    return position >= 0 && position < static_cast<int>(in.pieces.size()) ? in.pieces[static_cast<std::size_t>(position)] : none;
}

inline ColourMap mapOf(const TileRequest& r) {
    return r.quantity == AttentionQuantity::Scores || r.minus ? ColourMap::Diverging : ColourMap::Sequential;
}

/// Under the matrix: the scale with its words, and what the marks of the step mean.
void addMatrixFoot(Picture& picture, const HeadMatrixInput& input, const MatrixGeometry& geometry);

}  // namespace lw
