#include "widgets/attention/head_matrix_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/attention/matrix_parts.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/text_width.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr int mostBoxes = 10'000, mostSpots = 3'600;

double mapped(const HeadMatrixInput& in, double value) {
    const TileRequest& r = in.tile->request;
    if (r.quantity == AttentionQuantity::Weights && !r.minus) return value;
    return in.tile->largest > 0 ? value / in.tile->largest : 0;
}

/// The number inside a cell: two or three figures, or nothing where it says nothing or not all of them would fit.
std::string cellText(const HeadMatrixInput& in, double value, double cell) {
    const TileRequest& r = in.tile->request;
    if (r.quantity == AttentionQuantity::Weights && !r.minus) {
        if (cell < 19 || value < (cell < 32 ? 0.095 : 0.0095)) return {};
        char text[16];
        std::snprintf(text, sizeof text, cell >= 40 ? "%.3f" : "%.2f", value);
        if (cell >= 24) return text;
        return value >= 0.995 ? "1" : text + 1;  // ".81" where the zero has no room
    }
    if (r.minus && r.quantity == AttentionQuantity::Weights && std::abs(value) < 0.0095) return {};
    const int digits = cell >= 40 ? 3 : 2;
    const std::string text = printNumber(value, digits), widest = printNumber(-in.tile->largest, digits) + ".0";
    if (textWidth(widest, TypeSize::Small) > cell || textWidth(text, TypeSize::Small) > cell) return {};
    return text;
}

// Names lie side by side on the rows, and along the columns at 45°, where they stand closer; then they are smaller.
constexpr double rowPitch = 12.5, columnPitch = 12.5, smallColumnPitch = 9.5;

/// Every how many positions an axis names one, so that names `pitch` apart do not touch.
int namedEvery(double cell, double pitch) { return std::max(1, static_cast<int>(std::ceil(pitch / cell - 0.01))); }

void addAxes(Picture& picture, const HeadMatrixInput& in, const MatrixGeometry& g) {
    const int everyRow = namedEvery(g.cell, rowPitch);
    const bool small = g.cell * headSlope < columnPitch;
    const int everyColumn = namedEvery(g.cell * headSlope, small ? smallColumnPitch : columnPitch);
    const TypeSize headSize = small ? TypeSize::Small : TypeSize::Label;
    const TileRequest& r = in.tile->request;
    const double rowNames = g.left - 8, headRoom = (g.top - 6) / headSlope;
    const auto shown = [&](int position, std::optional<int> marked, std::optional<int> pointed, int first, int every) {
        if (position == marked || position == pointed) return true;
        for (const auto& other : {marked, pointed}) {
            if (other && every > 1 && std::abs(*other - position) < every) return false;
        }
        return (position - first) % every == 0;
    };
    for (int q = r.firstQuery; q < r.firstQuery + r.queries; ++q) {
        Rect row = g.rowRect(q);
        const std::string& piece = pieceAt(in, q);
        if (shown(q, in.query, in.hoverQuery, r.firstQuery, everyRow)) {
            const double height = std::max(row.h, 14.0);
            picture.label({.rect = {0, row.y + row.h / 2 - height / 2, rowNames, height},
                           .text = piece,
                           .size = TypeSize::Label,
                           .align = Align::Right,
                           .colour = Ink::Text,
                           .bold = q == in.query});
        }
        Locus place;
        place.layer = r.place.layer;
        place.head = r.place.head;
        place.position = Position(q);
        picture.spot({.rect = {0, row.y, rowNames + 4, row.h},
                      .place = place,
                      .says = fill(in.say(QT_TRANSLATE_NOOP("Attention", "query %1 “%2”")), {std::to_string(q), piece})});
    }
    for (int k = r.firstKey; k < r.firstKey + r.keys; ++k) {
        const double middle = g.left + g.cell * (k - g.firstKey + 0.5);
        const std::string& piece = pieceAt(in, k);
        if (shown(k, in.key, in.hoverKey, r.firstKey, everyColumn)) {
            picture.label({.rect = {middle + 3, g.top - 18, std::min(headRoom, textWidth(piece, headSize, k == in.key) + 2), 14},
                           .text = piece,
                           .size = headSize,
                           .colour = Ink::Text,
                           .bold = k == in.key,
                           .angle = 45});
        }
        Locus place;
        place.layer = r.place.layer;
        place.head = r.place.head;
        place.key = Position(k);
        picture.spot({.rect = {middle - g.cell / 2, g.top - 22, g.cell, 20},
                      .place = place,
                      .says = fill(in.say(QT_TRANSLATE_NOOP("Attention", "key %1 “%2”")), {std::to_string(k), piece})});
    }
}

void addCells(Picture& picture, const HeadMatrixInput& in, const MatrixGeometry& g) {
    const TileRequest& r = in.tile->request;
    const bool spots = r.queries * r.keys <= mostSpots;
    const AttentionInfo mask{.window = in.window};
    const double gap = g.cell >= 12 ? 1 : 0.5;
    for (int q = r.firstQuery; q < r.firstQuery + r.queries; ++q) {
        for (int k = r.firstKey; k < r.firstKey + r.keys; ++k) {
            const double value = in.tile->cells(q - r.firstQuery, k - r.firstKey);
            const Rect cell = g.cellRect(q, k);
            const Rect box{cell.x + gap / 2, cell.y + gap / 2, cell.w - gap, cell.h - gap};
            const double radius = g.cell >= 12 ? 2 : 0;
            std::optional<double> number;
            if (!seesKey(mask, q, k) || std::isnan(value)) {
                picture.box({.rect = box, .fill = Ink::Grid, .radius = radius});
            } else {
                number = value;
                const Colour fillColour = Colour::mapped(mapOf(r), mapped(in, value));
                picture.box({.rect = box, .fill = fillColour, .frame = g.cell >= 9 ? Ink::Grid : Ink::None, .radius = radius});
                if (std::string text = cellText(in, value, g.cell); !text.empty()) {
                    picture.label({.rect = cell,
                                   .text = std::move(text),
                                   .size = g.cell >= 40 ? TypeSize::Label : TypeSize::Small,
                                   .align = Align::Centre,
                                   .on = fillColour});
                }
            }
            if (spots)
                picture.spot({.rect = cell, .place = cellPlace(r, q, k), .says = cellSays(in, q, k, number), .value = number});
        }
    }
}

void addRaster(Picture& picture, const HeadMatrixInput& in, const MatrixGeometry& g) {
    const TileRequest& r = in.tile->request;
    const Rect area{g.left, g.top, g.cell * r.keys, g.cell * r.queries};
    Raster raster{.rect = area,
                  .rows = static_cast<int>(in.tile->cells.rows()),
                  .cols = static_cast<int>(in.tile->cells.cols()),
                  .values = {},
                  .map = mapOf(r)};
    raster.values.reserve(static_cast<std::size_t>(in.tile->cells.size()));
    for (Eigen::Index i = 0; i < in.tile->cells.rows(); ++i) {
        for (Eigen::Index j = 0; j < in.tile->cells.cols(); ++j) {
            raster.values.push_back(static_cast<float>(mapped(in, in.tile->cells(i, j))));
        }
    }
    picture.raster(std::move(raster));
    // The edge of the mask: what lies right of it no query sees.
    const int from = std::max(r.firstQuery, r.firstKey), to = std::min(r.firstQuery + r.queries, r.firstKey + r.keys);
    if (from < to) {
        Stroke edge{.points = {}, .colour = Ink::Line};
        edge.points.push_back({g.left + g.cell * (from - r.firstKey), g.top + g.cell * (from - r.firstQuery)});
        edge.points.push_back({g.left + g.cell * (to - r.firstKey), g.top + g.cell * (to - r.firstQuery)});
        picture.stroke(std::move(edge));
    }
    picture.box({.rect = area, .fill = Ink::None, .frame = Ink::Line});
}

/// Right of the matrix: the rows that the step computed, and those that stood before it. Under it: of which keys the step made
/// k and v itself, and of which they came from the cache.
void addStepMarks(Picture& picture, const HeadMatrixInput& in, const MatrixGeometry& g) {
    if (!in.step) return;
    const TileRequest& r = in.tile->request;
    const auto row = [&](int from, int to, Colour colour, double width) {
        from = std::max(from, r.firstQuery);
        to = std::min(to, r.firstQuery + r.queries);
        if (from >= to) return;
        const double y = g.top + g.cell * (from - r.firstQuery) + 1;
        picture.box({.rect = {g.right() + 5, y, width, std::max(2.0, g.cell * (to - from) - 2)}, .fill = colour, .radius = 1});
    };
    row(0, in.step->from, Ink::Faint, 3);
    row(in.step->from, in.step->to, Ink::New, 5);
    const auto column = [&](int from, int to, Colour colour, double height) {
        from = std::max(from, r.firstKey);
        to = std::min(to, r.firstKey + r.keys);
        if (from >= to) return;
        const double x = g.left + g.cell * (from - r.firstKey) + 1;
        picture.box({.rect = {x, g.bottom() + 4, std::max(2.0, g.cell * (to - from) - 2), height}, .fill = colour, .radius = 1});
    };
    column(0, in.step->from, Ink::Faint, 3);
    column(in.step->from, in.step->to, Ink::New, 5);
}

void addFrames(Picture& picture, const HeadMatrixInput& in, const MatrixGeometry& g) {
    const TileRequest& r = in.tile->request;
    const auto inside = [](std::optional<int> p, int first, int count) { return p && *p >= first && *p < first + count; };
    if (inside(in.otherQuery, r.firstQuery, r.queries)) {
        const Rect at = g.rowRect(*in.otherQuery);
        picture.box({.rect = {at.x - 2, at.y - 1.5, at.w + 4, at.h + 3},
                     .fill = Ink::None,
                     .frame = Ink::Accent,
                     .frameWidth = 1.5,
                     .radius = 3,
                     .dashed = true});
        picture.label({.rect = {g.right() + 4, at.y + at.h / 2 - 7, 12, 14},
                       .text = "A",
                       .size = TypeSize::Label,
                       .colour = Ink::Accent,
                       .bold = true});
    }
    const bool row = inside(in.query, r.firstQuery, r.queries), column = inside(in.key, r.firstKey, r.keys);
    if (row) {
        const Rect at = g.rowRect(*in.query);
        picture.box({.rect = {at.x - 2, at.y - 1.5, at.w + 4, at.h + 3},
                     .fill = Ink::None,
                     .frame = Ink::SelectedFrame,
                     .frameWidth = 2,
                     .radius = 3});
    }
    if (column) {
        if (row) {
            const Rect at = g.cellRect(*in.query, *in.key);
            picture.box({.rect = {at.x - 0.5, at.y - 0.5, at.w + 1, at.h + 1},
                         .fill = Ink::None,
                         .frame = Ink::Accent,
                         .frameWidth = 2,
                         .radius = 3});
        }
        // The key's end on its axis.
        const double x = g.left + g.cell * (*in.key - r.firstKey);
        picture.box({.rect = {x + 1, g.top - 3, std::max(2.0, g.cell - 2), 2}, .fill = Ink::Accent});
    }
}

}  // namespace

std::optional<StepRows> rowsOfStep(const Trace& trace, std::optional<Step> chosen) {
    const auto& blocks = trace.blocks();
    if (blocks.size() < 2) return std::nullopt;
    const int last = static_cast<int>(blocks.size()) - 1, step = chosen ? chosen->value : last;
    if (step < 0 || step > last) return std::nullopt;
    const TraceBlock& block = *blocks[static_cast<std::size_t>(step)];
    return StepRows{step, block.first, block.first + block.rows()};
}

Picture headMatrixPicture(const HeadMatrixInput& in) {
    const MatrixGeometry g = matrixGeometry(in);
    const TileRequest& r = in.tile->request;
    Picture picture;
    picture.width = in.width;
    picture.height = std::min(in.height, g.bottom() + matrixFoot + (in.step ? secondFoot : 0));
    if (g.cell < smallestBox || r.pool > 1 || r.queries * r.keys > mostBoxes) {
        addRaster(picture, in, g);
    } else {
        addCells(picture, in, g);
    }
    if (picture.spots.empty()) {
        Locus place;
        place.layer = r.place.layer;
        place.head = r.place.head;
        picture.spot({.rect = {g.left, g.top, g.right() - g.left, g.bottom() - g.top},
                      .place = place,
                      .says = fill(in.say(QT_TRANSLATE_NOOP("Attention", "layer %1, head %2: queries %3 to %4")),
                                   {std::to_string(r.place.layer.value), std::to_string(r.place.head.value),
                                    std::to_string(r.firstQuery), std::to_string(r.firstQuery + r.queries - 1)}),
                      .raster = true});
    }
    addAxes(picture, in, g);
    addStepMarks(picture, in, g);
    addFrames(picture, in, g);
    addMatrixFoot(picture, in, g);
    DataTable table;
    table.name = fill("%1_L%2_H%3", {r.quantity == AttentionQuantity::Scores    ? "scores"
                                     : r.quantity == AttentionQuantity::Weights ? "pattern"
                                                                                : "pattern_times_value",
                                     std::to_string(r.place.layer.value), std::to_string(r.place.head.value)});
    if (r.minus) table.name += "_B_minus_A";
    for (int k = 0; k < in.tile->cells.cols(); ++k)
        table.columns.push_back(std::to_string(r.firstKey + k * r.pool) + " " + pieceAt(in, r.firstKey + k * r.pool));
    for (int q = 0; q < in.tile->cells.rows(); ++q) {
        table.rowNames.push_back(std::to_string(r.firstQuery + q * r.pool) + " " + pieceAt(in, r.firstQuery + q * r.pool));
        table.rows.emplace_back(in.tile->cells.row(q).data(), in.tile->cells.row(q).data() + in.tile->cells.cols());
    }
    picture.tables.push_back(std::move(table));
    return picture;
}

}  // namespace lw
