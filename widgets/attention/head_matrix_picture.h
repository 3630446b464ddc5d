// One head, large: query × key matrix with tokens on both axes, the selected row and key framed, what is new at this step marked.
// Qt-free: a tile of numbers → Picture.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>

#include "widgets/attention/attention_facts.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

// The rows [from, to) that one step computed: its queries, with the keys of the same positions. The rows above were there before;
// of their positions the keys and values came from the cache. Rows below came later.
struct StepRows {
    int step = 0;
    int from = 0, to = 0;
    friend bool operator==(const StepRows&, const StepRows&) = default;
};
/// Of the chosen step (none: of the last) of a trace; none where everything was computed at once, or there is no such step.
std::optional<StepRows> rowsOfStep(const Trace& trace, std::optional<Step> chosen);

struct HeadMatrixInput {
    const HeadTile* tile = nullptr;           // never null
    std::span<const std::string> pieces;      // of the whole text
    double width = 0, height = 0;             // room
    std::optional<int> query, key;            // the selected place
    std::optional<int> otherQuery;            // A's row, where it is in the same matrix
    std::optional<int> hoverQuery, hoverKey;  // pointed at, here or in another view
    std::optional<StepRows> step;             // the rows that the chosen step computed; none: all rows at once
    int window = 0;                           // of the attention (0 = none), for the edge of the mask
    Say say = sayEnglish;
};

// Where things are: also for finding the cell under the pointer in a raster.
struct MatrixGeometry {
    double left = 0, top = 0, cell = 0;  // cell: pixels of one position (pooled or not)
    int firstQuery = 0, firstKey = 0, queries = 0, keys = 0;
    double right() const { return left + cell * keys; }
    double bottom() const { return top + cell * queries; }
    Rect cellRect(int query, int key) const {
        return {left + cell * (key - firstKey), top + cell * (query - firstQuery), cell, cell};
    }
    Rect rowRect(int query) const { return {left, top + cell * (query - firstQuery), cell * keys, cell}; }
    /// Query and key under a point, if it is inside.
    std::optional<std::pair<int, int>> at(double x, double y) const;
};
MatrixGeometry matrixGeometry(const HeadMatrixInput& input);

Picture headMatrixPicture(const HeadMatrixInput& input);
/// Lines from the row under the pointer to the keys it reads, and a cross through the cell. row: its weights by key (whole text).
void addReadingLines(Picture& picture, const HeadMatrixInput& input, std::span<const float> row);

/// "0.8102", "−12.3": a cell's number as it is said, and the words for its quantity ("weight", "score", "weight × |v|").
std::string quantityName(AttentionQuantity quantity, const Say& say);
/// One line for a cell: query 13 “·to” reads key 1 “·Mary”: weight 0.8102.
std::string cellSays(const HeadMatrixInput& input, int query, int key, std::optional<double> value);
/// The place that a cell stands for.
Locus cellPlace(const TileRequest& request, int query, int key);

/// How many positions a side of the matrix shows when nobody has zoomed: all of a short text, else as many as stay legible.
int positionsThatFit(double width, double height, int length);

}  // namespace lw
