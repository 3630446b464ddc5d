// Where the cells of the large matrix stand, which cell a point is in, and the words for a cell.
#include <algorithm>
#include <cmath>

#include "widgets/attention/matrix_parts.h"
#include "widgets/shared/format.h"
#include "widgets/shared/text_width.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double largestCell = 44, marksWidth = 16;

/// Room for the row names: the widest of them, between 28 and 92.
double nameWidth(const HeadMatrixInput& in, int first, int count, double most) {
    double widest = 28;
    for (int p = first; p < first + count && widest < most; ++p) {
        widest = std::max(widest, textWidth(pieceAt(in, p), TypeSize::Label, p == in.query || p == in.key) + 4);
    }
    return std::min(widest, most);
}

}  // namespace

std::optional<std::pair<int, int>> MatrixGeometry::at(double x, double y) const {
    if (x < left || y < top || x >= right() || y >= bottom() || cell <= 0) return std::nullopt;
    return std::pair{firstQuery + std::min(queries - 1, static_cast<int>((y - top) / cell)),
                     firstKey + std::min(keys - 1, static_cast<int>((x - left) / cell))};
}

MatrixGeometry matrixGeometry(const HeadMatrixInput& in) {
    const TileRequest& r = in.tile->request;
    MatrixGeometry g;
    g.firstQuery = r.firstQuery;
    g.firstKey = r.firstKey;
    g.queries = r.queries;
    g.keys = r.keys;
    const double rowNames = nameWidth(in, r.firstQuery, r.queries, std::min(92.0, in.width * 0.2));
    const double heads = nameWidth(in, r.firstKey, r.keys, 84) * headSlope;
    g.left = std::ceil(rowNames + 8);
    g.top = std::ceil(heads + 14);
    const double across = (in.width - g.left - std::max(heads * 0.9, marksWidth)) / std::max(1, r.keys);
    const double down = (in.height - g.top - matrixFoot - (in.step ? secondFoot : 0)) / std::max(1, r.queries);
    g.cell = std::clamp(std::min(across, down), 0.05, largestCell);
    if (g.cell >= smallestBox) g.cell = std::floor(g.cell * 2) / 2;
    return g;
}

int positionsThatFit(double width, double height, int length) {
    const double side = std::max(60.0, std::min(width - 150, height - 90));
    if (length * 9.0 <= side) return std::max(1, length);
    return std::clamp(static_cast<int>(side / 15), 1, std::max(1, length));
}

std::string quantityName(AttentionQuantity quantity, const Say& say) {
    switch (quantity) {
        case AttentionQuantity::Scores:
            return say(QT_TRANSLATE_NOOP("Attention", "score"));
        case AttentionQuantity::Weights:
            return say(QT_TRANSLATE_NOOP("Attention", "weight"));
        case AttentionQuantity::WeightedValues:
            return say(QT_TRANSLATE_NOOP("Attention", "weight × |v|"));
    }
    return {};
}

std::string cellSays(const HeadMatrixInput& in, int query, int key, std::optional<double> value) {
    const std::initializer_list<std::string> parts = {std::to_string(query), pieceAt(in, query), std::to_string(key),
                                                      pieceAt(in, key)};
    if (!value) return fill(in.say(QT_TRANSLATE_NOOP("Attention", "query %1 “%2” does not see key %3 “%4”: masked")), parts);
    return fill(in.say(QT_TRANSLATE_NOOP("Attention", "query %1 “%2” reads key %3 “%4”")), parts) + ": " +
           quantityName(in.tile->request.quantity, in.say) + (in.tile->request.minus ? " B − A " : " ") + printNumber(*value);
}

Locus cellPlace(const TileRequest& request, int query, int key) {
    Locus place;
    place.layer = request.place.layer;
    place.head = request.place.head;
    place.position = Position(query);
    place.key = Position(key);
    place.site = request.quantity == AttentionQuantity::Scores ? SiteId::AttnScores : SiteId::Pattern;
    return place;
}

}  // namespace lw
