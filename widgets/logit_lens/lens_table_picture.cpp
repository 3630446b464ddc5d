#include "widgets/logit_lens/lens_table_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/shared/picture_parts.h"
#include "widgets/shared/text_width.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double nameColumn = 64, headHeight = 32, footHeight = 36;
constexpr double narrowest = 36, widest = 78, lowest = 15, easy = 20, highest = 40, twoLines = 33;

struct Geometry {
    double cellWidth = 0, cellHeight = 0;
    Rect cell(int column, int row) const {
        return {nameColumn + column * cellWidth, headHeight + row * cellHeight, cellWidth, cellHeight};
    }
};

Geometry geometryOf(const LensTableInput& in) {
    Geometry g;
    g.cellWidth = std::clamp((in.width - nameColumn - 3) / std::max(1, in.positions), 8.0, widest);
    g.cellHeight = std::clamp(
        (in.height - headHeight - footHeight) / std::max<double>(1, static_cast<double>(in.shownRows.size())), 8.0, highest);
    if (g.cellHeight > lowest) g.cellHeight = std::floor(g.cellHeight);
    return g;
}

const std::string& pieceAt(const LensTableInput& in, int position) {
    static const std::string none = "—";
    return position >= 0 && position < static_cast<int>(in.pieces.size()) ? in.pieces[static_cast<std::size_t>(position)] : none;
}

/// "+0.31", "−0.07"; nothing where it rounds to nothing.
std::string signed2(double value) {
    char text[16];
    std::snprintf(text, sizeof text, "%.2f", std::abs(value));
    if (std::string_view(text) == "0.00") return {};
    return (value < 0 ? "−" : "+") + std::string(text);
}

// What one cell shows.
struct Reading {
    std::string text;
    Colour fill;
    std::string says;
    double value = 0;
};

std::optional<Reading> readingOf(const LensTableInput& in, int row, int position) {
    const LensColumn* column = in.column ? in.column(position) : nullptr;
    if (!column || row >= static_cast<int>(column->cells.size())) return std::nullopt;
    const LensCell& cell = column->cells[static_cast<std::size_t>(row)];
    if (cell.top.empty()) return std::nullopt;
    const std::string& name = in.rows[static_cast<std::size_t>(row)].name;
    const std::string where = fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "%1, position %2 “%3”")),
                                   {name, std::to_string(position), pieceAt(in, position)});
    Reading reading;
    if (in.minus) {
        const LensDifference* difference = in.minus(position);
        if (!difference) return std::nullopt;
        const double value = difference->values[static_cast<std::size_t>(row)];
        reading.text = in.piece(cell.top.front().id);
        if (std::isnan(value)) {
            reading.fill = Ink::Grid;
            reading.says = where + ": " + in.say(QT_TRANSLATE_NOOP("LogitLens", "A has no such state"));
            reading.value = value;
            return reading;
        }
        reading.fill = Colour::mapped(ColourMap::Diverging, value);
        reading.value = value;
        reading.says = where + ": " +
                       fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "“%1” B − A %2 (B %3)")),
                            {reading.text, printNumber(value), printProbability(cell.top.front().probability)});
        return reading;
    }
    if (in.show == LensShow::Top) {
        const TokenProbability& first = cell.top.front();
        reading.text = in.piece(first.id);
        reading.fill = Colour::mapped(ColourMap::Sequential, first.probability);
        reading.value = first.probability;
        reading.says = where + ": " +
                       fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "says “%1” with probability %2; entropy %3 %4")),
                            {reading.text, printProbability(first.probability), printNumber(inUnit(cell.entropy, in.unit), 3),
                             std::string(unitName(in.unit))});
        return reading;
    }
    const FollowedColumn* followed = in.followed ? in.followed(position) : nullptr;
    if (!followed) return std::nullopt;
    const double probability = followed->probability[static_cast<std::size_t>(row)];
    const int rank = followed->rank[static_cast<std::size_t>(row)];
    if (in.show == LensShow::Probability) {
        reading.text = probability >= 0.0005 ? printProbability(probability) : probability > 0 ? "·" : "0";
        reading.fill = Colour::mapped(ColourMap::Sequential, probability);
        reading.value = probability;
    } else {
        reading.text = std::to_string(rank);
        // Logarithmic: rank 1 is full, the vocabulary's last is nothing.
        reading.fill = Colour::mapped(ColourMap::Sequential, 1 - std::log(static_cast<double>(std::max(1, rank))) /
                                                                     std::log(std::max(2.0, static_cast<double>(in.vocabulary))));
        reading.value = rank;
    }
    reading.says = where + ": " +
                   fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "“%1” has probability %2, rank %3")),
                        {in.piece(in.token), printProbability(probability), std::to_string(rank)});
    return reading;
}

void addHead(Picture& picture, const LensTableInput& in, const Geometry& g) {
    for (int c = 0; c < in.positions; ++c) {
        const int position = in.firstPosition + c;
        const Rect cell = g.cell(c, 0);
        const bool chosen = position == in.selectedPosition;
        picture.label({.rect = {cell.x + 1, 0, cell.w - 2, 17},
                       .text = pieceAt(in, position),
                       .size = TypeSize::Label,
                       .align = Align::Centre,
                       .colour = chosen ? Ink::Text : Ink::Muted,
                       .bold = chosen});
        picture.label({.rect = {cell.x, 16, cell.w, 12},
                       .text = std::to_string(position),
                       .size = TypeSize::Small,
                       .align = Align::Centre,
                       .colour = Ink::Muted,
                       .mono = true});
        Locus place;
        place.position = Position(position);
        picture.spot({.rect = {cell.x, 0, cell.w, headHeight - 3},
                      .place = place,
                      .says = fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "position %1 “%2”")),
                                   {std::to_string(position), pieceAt(in, position)})});
    }
    const int first = in.promptLength - in.firstPosition;
    if (first > 0 && first < in.positions) {  // what was generated stands apart
        const double x = nameColumn + first * g.cellWidth;
        picture.stroke({.points = {{x, 2}, {x, headHeight - 4}}, .colour = Ink::Faint, .dashed = true});
    }
}

void addCells(Picture& picture, const LensTableInput& in, const Geometry& g) {
    for (std::size_t i = 0; i < in.shownRows.size(); ++i) {
        const int row = in.shownRows[i];
        const LensRow& lensRow = in.rows[static_cast<std::size_t>(row)];
        const Rect name = g.cell(0, static_cast<int>(i));
        const bool chosenRow = row == in.selectedRow;
        picture.label({.rect = {0, name.y, nameColumn - 6, name.h},
                       .text = lensRow.name,
                       .size = TypeSize::Small,
                       .align = Align::Right,
                       .colour = chosenRow ? Ink::Text : Ink::Muted,
                       .bold = chosenRow});
        Locus rowPlace;
        rowPlace.layer = lensRow.layer;
        rowPlace.site = lensRow.site;
        picture.spot({.rect = {0, name.y, nameColumn - 2, name.h}, .place = rowPlace, .says = lensRow.name});
        for (int c = 0; c < in.positions; ++c) {
            const int position = in.firstPosition + c;
            const Rect cell = g.cell(c, static_cast<int>(i));
            const double gap = cell.h >= 12 ? 1 : 0.5;
            const Rect box{cell.x + gap, cell.y + gap, cell.w - 2 * gap, cell.h - 2 * gap};
            const auto reading = readingOf(in, row, position);
            if (!reading) {
                picture.box({.rect = box, .fill = Ink::Grid, .radius = 2});
                picture.spot({.rect = cell,
                              .place = lensPlace(lensRow, position),
                              .says = in.say(QT_TRANSLATE_NOOP("LogitLens", "being read out"))});
                continue;
            }
            picture.box({.rect = box, .fill = reading->fill, .frame = Ink::Grid, .radius = 2});
            const bool coloured = reading->fill.map.has_value();
            const auto write = [&](const std::string& text, Rect rect, TypeSize size) {
                Label label{.rect = rect, .text = text, .size = size, .align = Align::Centre, .colour = Ink::Muted};
                if (coloured) label.on = reading->fill;
                picture.label(std::move(label));
            };
            const TypeSize size = cell.h >= 19 && cell.w >= 44 ? TypeSize::Label : TypeSize::Small;
            const bool number = cell.h >= twoLines && in.show == LensShow::Top && !std::isnan(reading->value);
            write(reading->text, {box.x + 1, box.y + (number ? 2 : 0), box.w - 2, number ? box.h / 2 : box.h}, size);
            if (number) {
                write(in.minus ? signed2(reading->value) : printProbability(reading->value),
                      {box.x + 1, box.y + box.h / 2, box.w - 2, box.h / 2 - 2}, TypeSize::Small);
            }
            picture.spot({.rect = cell,
                          .place = lensPlace(lensRow, position),
                          .says = reading->says,
                          .value = std::isnan(reading->value) ? std::nullopt : std::optional(reading->value)});
        }
    }
}

/// The staircase: above it the output's token already stands first, and stays.
bool addStaircase(Picture& picture, const LensTableInput& in, const Geometry& g) {
    bool any = false;
    std::vector<Point> line;
    const auto finish = [&] {
        if (line.size() >= 2) picture.stroke({.points = line, .colour = Ink::Accent, .width = 2});
        any = any || line.size() >= 2;
        line.clear();
    };
    for (int c = 0; c < in.positions; ++c) {
        const LensColumn* column = in.column ? in.column(in.firstPosition + c) : nullptr;
        if (!column) {
            finish();
            continue;
        }
        int rows = 0;  // shown rows from the top that have settled
        while (rows < static_cast<int>(in.shownRows.size()) &&
               in.shownRows[static_cast<std::size_t>(rows)] >= column->firstStable)
            ++rows;
        const double y = headHeight + rows * g.cellHeight;
        const Rect cell = g.cell(c, 0);
        line.push_back({cell.x, y});
        line.push_back({cell.right(), y});
    }
    finish();
    return any;
}

void addFrames(Picture& picture, const LensTableInput& in, const Geometry& g) {
    const int column = in.selectedPosition - in.firstPosition;
    if (column < 0 || column >= in.positions) return;
    const double height = g.cellHeight * static_cast<double>(in.shownRows.size());
    const Rect top = g.cell(column, 0);
    picture.box({.rect = {top.x - 1.5, top.y - 1.5, top.w + 3, height + 3},
                 .fill = Ink::None,
                 .frame = Ink::SelectedFrame,
                 .frameWidth = 2,
                 .radius = 4});
    for (std::size_t i = 0; i < in.shownRows.size(); ++i) {
        if (in.shownRows[i] != in.selectedRow) continue;
        const Rect cell = g.cell(column, static_cast<int>(i));
        picture.box({.rect = {cell.x - 0.5, cell.y - 0.5, cell.w + 1, cell.h + 1},
                     .fill = Ink::None,
                     .frame = Ink::SelectedFrame,
                     .frameWidth = 3,
                     .radius = 3});
    }
}

void addFoot(Picture& picture, const LensTableInput& in, const Geometry& g, bool staircase) {
    const double y = headHeight + g.cellHeight * static_cast<double>(in.shownRows.size()) + 8;
    double x = nameColumn;
    std::string what;
    if (in.minus) {
        addDivergingLegend(picture, x, y, 130, "−1", "+1");
        x += 138;
        what = in.say(QT_TRANSLATE_NOOP("LogitLens", "probability of B's first token, B − A"));
    } else {
        const bool rank = in.show == LensShow::Rank;
        const std::string low = rank ? std::to_string(in.vocabulary) : "0";
        const double lowWidth = textWidth(low, TypeSize::Small, false, true);
        picture.label({.rect = {x, y, lowWidth, 12}, .text = low, .size = TypeSize::Small, .colour = Ink::Muted, .mono = true});
        x += lowWidth + 4;
        Raster ramp{.rect = {x, y + 2, 70, 8}, .rows = 1, .cols = 35, .values = {}};
        for (int i = 0; i < ramp.cols; ++i) ramp.values.push_back(static_cast<float>(i) / static_cast<float>(ramp.cols - 1));
        picture.box({.rect = {x - 0.5, y + 1.5, 71, 9}, .fill = Ink::None, .frame = Ink::Line});
        picture.raster(std::move(ramp));
        picture.label({.rect = {x + 74, y, 9, 12}, .text = "1", .size = TypeSize::Small, .colour = Ink::Muted, .mono = true});
        x += 88;
        what = rank ? fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "rank of “%1”, logarithmic")), {in.piece(in.token)})
               : in.show == LensShow::Probability
                   ? fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "probability of “%1”")), {in.piece(in.token)})
                   : in.say(QT_TRANSLATE_NOOP("LogitLens", "probability of the cell's token, one scale for all"));
    }
    const double whatWidth = std::min(textWidth(what, TypeSize::Small), std::max(40.0, in.width - x));
    picture.label({.rect = {x, y, whatWidth, 12}, .text = what, .size = TypeSize::Small, .colour = Ink::Muted});
    // A second line: the staircase, and what is left out.
    x = nameColumn;
    const double below = y + 14;
    const auto note = [&](const std::string& text, bool line) {
        const double mark = line ? 22 : 0, width = std::min(textWidth(text, TypeSize::Small), in.width - x - mark);
        if (width < 40) return;
        if (line) picture.stroke({.points = {{x, below + 6}, {x + 16, below + 6}}, .colour = Ink::Accent, .width = 2});
        picture.label({.rect = {x + mark, below, width, 12}, .text = text, .size = TypeSize::Small, .colour = Ink::Muted});
        x += mark + width + 14;
    };
    if (staircase) note(in.say(QT_TRANSLATE_NOOP("LogitLens", "above this line the output's token is first and stays")), true);
    if (in.shownRows.size() < in.rows.size()) {
        note(fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "%1 of %2 rows")),
                  {std::to_string(in.shownRows.size()), std::to_string(in.rows.size())}),
             false);
    }
}

void addTables(Picture& picture, const LensTableInput& in) {
    DataTable words{.name = "lens_tokens", .columns = {}, .rowNames = {}, .rows = {}, .textRows = {}};
    DataTable numbers{.name = in.minus                    ? "lens_B_minus_A"
                              : in.show == LensShow::Rank ? "lens_rank"
                                                          : "lens_probability",
                      .columns = {},
                      .rowNames = {},
                      .rows = {},
                      .textRows = {}};
    for (int c = 0; c < in.positions; ++c) {
        const int position = in.firstPosition + c;
        words.columns.push_back(std::to_string(position) + " " + pieceAt(in, position));
    }
    numbers.columns = words.columns;
    for (const int row : in.shownRows) {
        std::vector<std::string> texts;
        std::vector<double> values;
        for (int c = 0; c < in.positions; ++c) {
            const auto reading = readingOf(in, row, in.firstPosition + c);
            texts.push_back(reading ? reading->text : std::string());
            values.push_back(reading ? reading->value : std::nan(""));
        }
        words.rowNames.push_back(in.rows[static_cast<std::size_t>(row)].name);
        words.textRows.push_back(std::move(texts));
        numbers.rows.push_back(std::move(values));
    }
    numbers.rowNames = words.rowNames;
    picture.tables.push_back(std::move(numbers));
    picture.tables.push_back(std::move(words));
}

}  // namespace

int lensColumnsThatFit(double width, int length) {
    return std::clamp(static_cast<int>((width - nameColumn - 3) / narrowest), 1, std::max(1, length));
}

int lensRowsCapacity(double height) { return std::max(2, static_cast<int>((height - headHeight - footHeight) / lowest)); }

std::vector<int> lensRowsThatFit(int rows, double height, int selectedRow, bool all, int firstFromTop) {
    const int capacity = lensRowsCapacity(height);
    std::vector<int> shown;
    if (rows <= capacity) {
        for (int r = rows - 1; r >= 0; --r) shown.push_back(r);
        return shown;
    }
    if (all) {
        const int first = std::clamp(firstFromTop, 0, rows - capacity);
        for (int i = first; i < first + capacity; ++i) shown.push_back(rows - 1 - i);
        return shown;
    }
    // All states next to the output, where most is decided, then every step-th; the first and the selected one in any case.
    const int room = std::max(2, static_cast<int>((height - headHeight - footHeight) / easy));
    for (int step = 2;; ++step) {
        for (int near = rows; near >= 1; --near) {
            shown.clear();
            for (int i = 0; i < rows; ++i) {
                const int r = rows - 1 - i;
                if (i < near || (i - near) % step == step - 1 || r == 0 || r == selectedRow) shown.push_back(r);
            }
            if (static_cast<int>(shown.size()) <= room || (near == 1 && step >= rows)) return shown;
            if (near > room + step) near = room + step;
        }
    }
}

Picture lensTablePicture(const LensTableInput& in) {
    const Geometry g = geometryOf(in);
    Picture picture;
    picture.width = in.width;
    picture.height = headHeight + g.cellHeight * static_cast<double>(in.shownRows.size()) + footHeight;
    addHead(picture, in, g);
    addCells(picture, in, g);
    const bool staircase = in.show == LensShow::Top && !in.minus && addStaircase(picture, in, g);
    addFrames(picture, in, g);
    addFoot(picture, in, g, staircase);
    addTables(picture, in);
    return picture;
}

}  // namespace lw
