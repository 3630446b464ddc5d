// The map of a table: all rows as a cloud, listed words with hue, mark and label, sums of vectors beside it. Qt-free.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "widgets/embeddings/map_facts.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

struct MapInput {
    const TableMap* map = nullptr;
    const MatchedLists* lists = nullptr;
    const WordLayout* words = nullptr;  // t-SNE's layout instead of the principal components
    const Arithmetic* sum = nullptr;
    TokenId selected = -1;
    double width = 640, height = 400;
    bool settled = true;  // every dot can be pointed at; while it moves only the listed words
    Say say = sayEnglish;
};

/// Spots have the action "token:ID".
Picture mapPicture(const MapInput& input);

/// Where the points lie in a rectangle: the range that holds all but the outermost half per cent on each side and all of
/// `always`, the same scale on both axes if `equal`.
struct MapScale {
    double x0 = 0, y0 = 0, perX = 1, perY = 1;
    Rect area;
    Point at(double x, double y) const { return {area.x + (x - x0) * perX, area.bottom() - (y - y0) * perY}; }
};
MapScale scaleFor(const MatrixD& points, const std::vector<Eigen::Index>& always, Rect area);

}  // namespace lw
