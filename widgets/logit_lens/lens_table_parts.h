// Pieces that the lens table is put together from. Qt-free.
#pragma once

#include <optional>
#include <string>

#include "widgets/logit_lens/lens_table_picture.h"

namespace lw {

inline constexpr double lensNameColumn = 64, lensHeadHeight = 32, lensFootHeight = 36;

inline const std::string& pieceAt(const LensTableInput& in, int position) {
    static const std::string none = "—";
    return position >= 0 && position < static_cast<int>(in.pieces.size()) ? in.pieces[static_cast<std::size_t>(position)] : none;
}

struct LensGeometry {
    double cellWidth = 0, cellHeight = 0;
    Rect cell(int column, int row) const {
        return {lensNameColumn + column * cellWidth, lensHeadHeight + row * cellHeight, cellWidth, cellHeight};
    }
};
LensGeometry lensGeometry(const LensTableInput& input);

// What one cell shows.
struct LensReading {
    TokenId token = -1;  // whose probability or rank it is
    std::string text;
    Colour fill;
    std::string says;
    double value = 0;
};
/// nullopt: not read out yet.
std::optional<LensReading> lensReading(const LensTableInput& input, int row, int position);

/// Under the table: the scale with its words, the staircase, what is left out.
void addLensFoot(Picture& picture, const LensTableInput& input, const LensGeometry& geometry, bool staircase);

}  // namespace lw
