#include "widgets/logit_lens/lens_table_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/logit_lens/lens_table_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double twoLines = 33;  // from this height on a cell shows its probability too

/// "+0.31", "−0.07"; nothing where it rounds to nothing.
std::string signed2(double value) {
    char text[16];
    std::snprintf(text, sizeof text, "%.2f", std::abs(value));
    if (std::string_view(text) == "0.00") return {};
    return (value < 0 ? "−" : "+") + std::string(text);
}

void addHead(Picture& picture, const LensTableInput& in, const LensGeometry& g) {
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
        picture.spot({.rect = {cell.x, 0, cell.w, lensHeadHeight - 3},
                      .place = place,
                      .says = fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "position %1 “%2”")),
                                   {std::to_string(position), pieceAt(in, position)})});
    }
    const int first = in.promptLength - in.firstPosition;
    if (first > 0 && first < in.positions) {  // what was generated stands apart
        const double x = lensNameColumn + first * g.cellWidth;
        picture.stroke({.points = {{x, 2}, {x, lensHeadHeight - 4}}, .colour = Ink::Faint, .dashed = true});
    }
}

void addCells(Picture& picture, const LensTableInput& in, const LensGeometry& g) {
    for (std::size_t i = 0; i < in.shownRows.size(); ++i) {
        const int row = in.shownRows[i];
        const LensRow& lensRow = in.rows[static_cast<std::size_t>(row)];
        const Rect name = g.cell(0, static_cast<int>(i));
        const bool chosenRow = row == in.selectedRow;
        picture.label({.rect = {0, name.y, lensNameColumn - 6, name.h},
                       .text = lensRow.name,
                       .size = TypeSize::Small,
                       .align = Align::Right,
                       .colour = chosenRow ? Ink::Text : Ink::Muted,
                       .bold = chosenRow});
        Locus rowPlace;
        rowPlace.layer = lensRow.layer;
        rowPlace.site = lensRow.site;
        picture.spot({.rect = {0, name.y, lensNameColumn - 2, name.h}, .place = rowPlace, .says = lensRow.name});
        for (int c = 0; c < in.positions; ++c) {
            const int position = in.firstPosition + c;
            const Rect cell = g.cell(c, static_cast<int>(i));
            const double gap = cell.h >= 12 ? 1 : 0.5;
            const Rect box{cell.x + gap, cell.y + gap, cell.w - 2 * gap, cell.h - 2 * gap};
            const auto reading = lensReading(in, row, position);
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
                          .place = lensPlace(lensRow, position, reading->token),
                          .says = reading->says,
                          .value = std::isnan(reading->value) ? std::nullopt : std::optional(reading->value)});
        }
    }
}

/// The staircase: above it the output's token already stands first, and stays.
bool addStaircase(Picture& picture, const LensTableInput& in, const LensGeometry& g) {
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
        const double y = lensHeadHeight + rows * g.cellHeight;
        const Rect cell = g.cell(c, 0);
        line.push_back({cell.x, y});
        line.push_back({cell.right(), y});
    }
    finish();
    return any;
}

void addFrames(Picture& picture, const LensTableInput& in, const LensGeometry& g) {
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
            const auto reading = lensReading(in, row, in.firstPosition + c);
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

Picture lensTablePicture(const LensTableInput& in) {
    const LensGeometry g = lensGeometry(in);
    Picture picture;
    picture.width = in.width;
    picture.height = lensHeadHeight + g.cellHeight * static_cast<double>(in.shownRows.size()) + lensFootHeight;
    addHead(picture, in, g);
    addCells(picture, in, g);
    const bool staircase = in.show == LensShow::Top && !in.minus && addStaircase(picture, in, g);
    addFrames(picture, in, g);
    addLensFoot(picture, in, g, staircase);
    addTables(picture, in);
    return picture;
}

}  // namespace lw
