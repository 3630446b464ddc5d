#include "widgets/attention/head_matrix_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/text_width.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double largestCell = 44, smallestBox = 5;
constexpr int mostBoxes = 10'000, mostSpots = 3'600;
constexpr double footHeight = 24, secondFoot = 14, marksWidth = 16;
constexpr double slope = 0.7071;  // column heads stand at 45°

const std::string& pieceAt(const HeadMatrixInput& in, int position) {
    static const std::string none = "—";
    return position >= 0 && position < static_cast<int>(in.pieces.size()) ? in.pieces[static_cast<std::size_t>(position)] : none;
}

/// Room for the row names: the widest of them, between 28 and 92.
double nameWidth(const HeadMatrixInput& in, int first, int count, double most) {
    double widest = 28;
    for (int p = first; p < first + count && widest < most; ++p) {
        widest = std::max(widest, textWidth(pieceAt(in, p), TypeSize::Label, p == in.query || p == in.key) + 4);
    }
    return std::min(widest, most);
}

double mapped(const HeadMatrixInput& in, double value) {
    const TileRequest& r = in.tile->request;
    if (r.quantity == AttentionQuantity::Weights && !r.minus) return value;
    return in.tile->largest > 0 ? value / in.tile->largest : 0;
}

ColourMap mapOf(const TileRequest& r) {
    return r.quantity == AttentionQuantity::Scores || r.minus ? ColourMap::Diverging : ColourMap::Sequential;
}

/// The number inside a cell: two or three figures, or nothing where it says nothing or not all of them would fit.
std::string cellText(const HeadMatrixInput& in, double value, double cell) {
    const TileRequest& r = in.tile->request;
    if (r.quantity == AttentionQuantity::Weights && !r.minus) {
        if (cell < 24 || value < (cell < 32 ? 0.095 : 0.0095)) return {};
        char text[16];
        std::snprintf(text, sizeof text, cell >= 40 ? "%.3f" : "%.2f", value);
        return text;
    }
    if (r.minus && r.quantity == AttentionQuantity::Weights && std::abs(value) < 0.0095) return {};
    const int digits = cell >= 40 ? 3 : 2;
    const std::string text = printNumber(value, digits), widest = printNumber(-in.tile->largest, digits) + ".0";
    if (textWidth(widest, TypeSize::Small) > cell || textWidth(text, TypeSize::Small) > cell) return {};
    return text;
}

/// Every how many positions an axis names one.
int namedEvery(double cell) { return std::max(1, static_cast<int>(std::ceil(12.5 / cell))); }

void addAxes(Picture& picture, const HeadMatrixInput& in, const MatrixGeometry& g) {
    const int every = namedEvery(g.cell);
    const TileRequest& r = in.tile->request;
    const double rowNames = g.left - 8, headRoom = (g.top - 6) / slope;
    const auto shown = [&](int position, std::optional<int> marked, std::optional<int> pointed, int first) {
        if (position == marked || position == pointed) return true;
        for (const auto& other : {marked, pointed}) {
            if (other && every > 1 && std::abs(*other - position) < every) return false;
        }
        return (position - first) % every == 0;
    };
    for (int q = r.firstQuery; q < r.firstQuery + r.queries; ++q) {
        Rect row = g.rowRect(q);
        const std::string& piece = pieceAt(in, q);
        if (shown(q, in.query, in.hoverQuery, r.firstQuery)) {
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
        if (shown(k, in.key, in.hoverKey, r.firstKey)) {
            picture.label(
                {.rect = {middle + 3, g.top - 18, std::min(headRoom, textWidth(piece, TypeSize::Label, k == in.key) + 2), 14},
                 .text = piece,
                 .size = TypeSize::Label,
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

/// Right of the matrix: which rows were computed at this step, which came from the cache.
void addStepMarks(Picture& picture, const HeadMatrixInput& in, const MatrixGeometry& g) {
    if (in.newFrom <= 0) return;
    const TileRequest& r = in.tile->request;
    const auto bar = [&](int from, int to, Colour colour, double width) {
        from = std::max(from, r.firstQuery);
        to = std::min(to, r.firstQuery + r.queries);
        if (from >= to) return;
        const double y = g.top + g.cell * (from - r.firstQuery) + 1;
        picture.box({.rect = {g.right() + 5, y, width, std::max(2.0, g.cell * (to - from) - 2)}, .fill = colour, .radius = 1});
    };
    bar(0, std::min(in.generatedFrom, in.newFrom), Ink::Line, 2);
    bar(in.generatedFrom, in.newFrom, Ink::Faint, 3);
    bar(in.newFrom, static_cast<int>(in.pieces.size()), Ink::New, 5);
}

void addFrames(Picture& picture, const HeadMatrixInput& in, const MatrixGeometry& g) {
    const TileRequest& r = in.tile->request;
    const auto inside = [](std::optional<int> p, int first, int count) { return p && *p >= first && *p < first + count; };
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

void addFoot(Picture& picture, const HeadMatrixInput& in, const MatrixGeometry& g) {
    const TileRequest& r = in.tile->request;
    const double y = g.bottom() + 8;
    double x = g.left;
    const bool fixedScale = r.quantity == AttentionQuantity::Weights && !r.minus;
    const std::string high = fixedScale ? "1" : printNumber(in.tile->largest, 3);
    if (mapOf(r) == ColourMap::Diverging) {
        addDivergingLegend(picture, x, y, 150, printNumber(-in.tile->largest, 3), high);
        x += 158;
    } else {
        picture.label({.rect = {x, y, 8, 12}, .text = "0", .size = TypeSize::Small, .colour = Ink::Muted, .mono = true});
        Raster ramp{.rect = {x + 10, y + 2, 88, 8}, .rows = 1, .cols = 44, .values = {}};
        for (int i = 0; i < ramp.cols; ++i) ramp.values.push_back(static_cast<float>(i) / static_cast<float>(ramp.cols - 1));
        picture.box({.rect = {x + 9.5, y + 1.5, 89, 9}, .fill = Ink::None, .frame = Ink::Line});
        picture.raster(std::move(ramp));
        const double w = textWidth(high, TypeSize::Small, false, true);
        picture.label({.rect = {x + 102, y, w, 12}, .text = high, .size = TypeSize::Small, .colour = Ink::Muted, .mono = true});
        x += 106 + w;
    }
    std::string text = quantityName(r.quantity, in.say);
    if (r.minus) text += in.say(QT_TRANSLATE_NOOP("Attention", " B − A"));
    text += " · ";
    text += fixedScale           ? in.say(QT_TRANSLATE_NOOP("Attention", "one scale for all heads"))
            : in.tile->wholeHead ? in.say(QT_TRANSLATE_NOOP("Attention", "this head's own scale"))
                                 : in.say(QT_TRANSLATE_NOOP("Attention", "scale of the rows shown"));
    if (r.pool > 1) {
        text += fill(in.say(QT_TRANSLATE_NOOP("Attention", " · each dot the largest of %1 × %1")), {std::to_string(r.pool)});
    }
    const double room = std::max(40.0, in.width - x);
    const double wanted = std::min(room, textWidth(text, TypeSize::Small));
    picture.label({.rect = {x, y, wanted, 12}, .text = text, .size = TypeSize::Small, .colour = Ink::Muted});
    if (in.newFrom > 0) {
        const std::string mark =
            in.say(QT_TRANSLATE_NOOP("Attention", "new at this step · the rest came before, from the cache"));
        picture.box({.rect = {g.left, y + secondFoot + 1, 5, 10}, .fill = Ink::New, .radius = 1});
        picture.label({.rect = {g.left + 9, y + secondFoot, in.width - g.left - 9, 12},
                       .text = mark,
                       .size = TypeSize::Small,
                       .colour = Ink::Muted});
    }
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
    const double heads = nameWidth(in, r.firstKey, r.keys, 84) * slope;
    g.left = std::ceil(rowNames + 8);
    g.top = std::ceil(heads + 14);
    const double across = (in.width - g.left - std::max(heads * 0.9, marksWidth)) / std::max(1, r.keys);
    const double down = (in.height - g.top - footHeight - (in.newFrom > 0 ? secondFoot : 0)) / std::max(1, r.queries);
    g.cell = std::clamp(std::min(across, down), 0.05, largestCell);
    if (g.cell >= smallestBox) g.cell = std::floor(g.cell * 2) / 2;
    return g;
}

Picture headMatrixPicture(const HeadMatrixInput& in) {
    const MatrixGeometry g = matrixGeometry(in);
    const TileRequest& r = in.tile->request;
    Picture picture;
    picture.width = in.width;
    picture.height = std::min(in.height, g.bottom() + footHeight + (in.newFrom > 0 ? secondFoot : 0));
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
    addFoot(picture, in, g);
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

void addReadingLines(Picture& picture, const HeadMatrixInput& in, std::span<const float> row) {
    const MatrixGeometry g = matrixGeometry(in);
    if (!in.hoverQuery || *in.hoverQuery < g.firstQuery || *in.hoverQuery >= g.firstQuery + g.queries) return;
    const Rect at = g.rowRect(*in.hoverQuery);
    const double y = at.y + at.h / 2;
    std::vector<std::pair<float, int>> read;
    for (int k = g.firstKey; k < g.firstKey + g.keys && k < static_cast<int>(row.size()); ++k) {
        if (row[static_cast<std::size_t>(k)] >= 0.02f) read.emplace_back(row[static_cast<std::size_t>(k)], k);
    }
    std::sort(read.rbegin(), read.rend());
    if (read.size() > 8) read.resize(8);
    for (const auto& [weight, key] : read) {
        const double x = g.left + g.cell * (key - g.firstKey + 0.5);
        Stroke line{.points = {{g.left - 4, y}, {x, y}, {x, g.top - 4}},
                    .colour = Colour(Ink::Accent, 0.35 + 0.5 * static_cast<double>(weight)),
                    .width = 0.75 + 3.0 * static_cast<double>(weight),
                    .arrow = true};
        picture.stroke(std::move(line));
    }
    picture.box(
        {.rect = {at.x - 1, at.y - 0.5, at.w + 2, at.h + 1}, .fill = Ink::None, .frame = Colour(Ink::Accent, 0.7), .radius = 3});
    if (in.hoverKey && *in.hoverKey >= g.firstKey && *in.hoverKey < g.firstKey + g.keys) {
        const Rect cell = g.cellRect(*in.hoverQuery, *in.hoverKey);
        picture.box({.rect = {cell.x, g.top - 1, cell.w, g.bottom() - g.top + 2},
                     .fill = Ink::None,
                     .frame = Colour(Ink::Accent, 0.45),
                     .radius = 3});
    }
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

int positionsThatFit(double width, double height, int length) {
    const double side = std::max(60.0, std::min(width - 150, height - 90));
    if (length * 9.0 <= side) return std::max(1, length);
    return std::clamp(static_cast<int>(side / 15), 1, std::max(1, length));
}

}  // namespace lw
