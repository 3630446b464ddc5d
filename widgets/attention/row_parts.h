// Pieces that the row's arithmetic and its weighted sum of values share. Qt-free.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "widgets/attention/row_arithmetic_picture.h"

namespace lw {

inline std::string fixed3(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", value);
    return text;
}

inline const std::string& pieceAt(const RowArithmeticInput& in, int position) {
    static const std::string none = "—";
    return position >= 0 && position < static_cast<int>(in.pieces.size()) ? in.pieces[static_cast<std::size_t>(position)] : none;
}

inline Locus placeOf(const RowArithmetic& row, int key, SiteId site) {
    Locus place;
    place.layer = row.place.layer;
    place.head = row.place.head;
    place.position = Position(row.query);
    place.key = Position(key);
    place.site = site;
    return place;
}

/// Below the table: weight · v of each key as a strip of Dh cells, the rest summed, and z.
void addValueSum(Picture& picture, const RowArithmeticInput& input, const std::vector<const RowTerm*>& terms, double y);
double valueSumHeight(int terms);

}  // namespace lw
