#include "widgets/embeddings/row_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/embeddings/heat.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double line = 19, captionHeight = 18;
constexpr double factorWidth = 20, idWidth = 52, pieceWidth = 96, before = factorWidth + 16 + idWidth + pieceWidth + 12;

// The rows around the chosen one, each with what the one-hot vector multiplies it by; their sum below.
double addProduct(Picture& picture, const RowInput& in, double y) {
    const RowFacts& facts = *in.facts;
    addCaption(picture, {0, y, in.width, captionHeight},
               fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "one-hot [1 × %1] · %2 [%1 × %3] = the row")),
                    {std::to_string(facts.table.rows.rows()), facts.table.name, std::to_string(facts.table.rows.cols())}));
    y += captionHeight + 2;
    Matrix values(static_cast<Eigen::Index>(facts.around.size()), facts.row.values.size());
    for (std::size_t i = 0; i < facts.around.size(); ++i) values.row(static_cast<Eigen::Index>(i)) = facts.around[i].values;
    const double limit = largestMagnitude(values), heatWidth = std::max(80.0, in.width - before);
    const auto dots = [&] {
        for (const double x : {factorWidth / 2, factorWidth + 16 + idWidth / 2, before + heatWidth / 2})
            picture.label({.rect = {x - 10, y, 20, 12}, .text = "⋮", .align = Align::Centre, .colour = Ink::Muted});
        y += 13;
    };
    if (facts.around.front().id > 0) dots();
    for (const TableRow& row : facts.around) {
        const bool mine = row.id == facts.row.id;
        if (mine)
            picture.box(
                {.rect = {-2, y, in.width + 2, line}, .fill = Ink::SelectedFill, .frame = Ink::SelectedFrame, .radius = 3});
        picture.label({.rect = {0, y, factorWidth, line},
                       .text = mine ? "1" : "0",
                       .align = Align::Centre,
                       .colour = mine ? Ink::Text : Ink::Muted,
                       .bold = mine,
                       .mono = true});
        picture.label({.rect = {factorWidth, y, 16, line}, .text = "×", .align = Align::Centre, .colour = Ink::Muted});
        picture.label({.rect = {factorWidth + 16, y, idWidth, line},
                       .text = std::to_string(row.id),
                       .size = TypeSize::Label,
                       .align = Align::Right,
                       .colour = Ink::Muted,
                       .mono = true});
        picture.label({.rect = {factorWidth + idWidth + 24, y, pieceWidth, line}, .text = row.piece, .bold = mine});
        addHeat(picture, {before, y + 3, heatWidth, line - 6}, row.values, limit);
        Spot spot{.rect = {0, y, in.width, line},
                  .place = {},
                  .says = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "%1 times row %2 “%3”")),
                               {mine ? "1" : "0", std::to_string(row.id), row.piece})};
        if (!mine) spot.action = "token:" + std::to_string(row.id);
        picture.spot(std::move(spot));
        y += line;
    }
    if (facts.around.back().id + 1 < facts.table.rows.rows()) dots();
    picture.stroke({.points = {{0, y + 2}, {in.width, y + 2}}, .colour = Ink::Line});
    y += 5;
    picture.label({.rect = {0, y, before - 8, line}, .text = "= " + facts.row.piece, .align = Align::Right, .bold = true});
    addHeat(picture, {before, y + 2, heatWidth, line - 4}, facts.row.values, limit);
    y += line + 2;
    addDivergingLegend(picture, before, y, std::min(180.0, heatWidth), "−" + printNumber(limit, 3), printNumber(limit, 3));
    picture.label({.rect = {before + 190, y - 2, std::max(20.0, heatWidth - 190), 16},
                   .text = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "length %1")), {printNumber(facts.norm)}),
                   .size = TypeSize::Label,
                   .colour = Ink::Muted});
    return y + 18;
}

void addList(Picture& picture, const RowInput& in, double x, double y, double width, const std::vector<NearToken>& rows,
             bool cosine) {
    addCaption(picture, {x, y, width, captionHeight},
               cosine ? in.say(QT_TRANSLATE_NOOP("Embeddings", "nearest by cosine"))
                      : in.say(QT_TRANSLATE_NOOP("Embeddings", "nearest by dot product")));
    y += captionHeight + 2;
    double largest = cosine ? 1 : 1e-12;
    for (const NearToken& row : rows)
        if (!cosine) largest = std::max(largest, std::abs(row.near.dot));
    const double names = std::min(130.0, width * 0.4), number = 62;
    for (const NearToken& row : rows) {
        const double value = cosine ? row.near.cosine : row.near.dot;
        const double room = std::max(10.0, width - names - number - 8);
        picture.label({.rect = {x, y, names, line}, .text = row.piece});
        picture.box({.rect = {x + names, y + 5, std::max(1.0, room * std::abs(value) / largest), line - 10},
                     .fill = value < 0 ? Colour(Ink::Erased) : Colour(Ink::Accent),
                     .radius = 2});
        picture.label({.rect = {x + width - number, y, number, line},
                       .text = cosine ? printNumber(value, 3) : printNumber(value),
                       .size = TypeSize::Label,
                       .align = Align::Right,
                       .mono = true});
        picture.spot(
            {.rect = {x, y, width, line},
             .place = {},
             .says = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "“%1”, id %2: cosine %3, dot product %4")),
                          {row.piece, std::to_string(row.near.id), printNumber(row.near.cosine), printNumber(row.near.dot)}),
             .value = value,
             .action = "token:" + std::to_string(row.near.id)});
        y += line;
    }
}

}  // namespace

Picture rowPicture(const RowInput& in) {
    Picture picture;
    picture.width = in.width;
    const RowFacts& facts = *in.facts;
    double y = addProduct(picture, in, 0) + 4;
    const double half = (in.width - 24) / 2;
    addList(picture, in, 0, y, half, facts.cosine, true);
    addList(picture, in, half + 24, y, half, facts.dot, false);
    y += captionHeight + 2 + line * static_cast<double>(std::max(facts.cosine.size(), facts.dot.size())) + 4;
    picture.label({.rect = {0, y, in.width, 16},
                   .text = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "both among all %1 rows, in %2 ms")),
                                {std::to_string(facts.table.rows.rows()), printNumber(facts.seconds * 1e3, 2)}),
                   .size = TypeSize::Label,
                   .colour = Ink::Muted});
    y += 22;
    addCaption(picture, {0, y, in.width, captionHeight},
               in.place ? in.say(QT_TRANSLATE_NOOP("Embeddings", "the row’s numbers: a click asks the inspector"))
                        : in.say(QT_TRANSLATE_NOOP("Embeddings", "the row’s numbers")));
    y += captionHeight + 2;
    const double limit = largestMagnitude(facts.row.values);
    const Locus place = in.place.value_or(Locus{});
    y += addNumbers(picture, 0, y, in.width, facts.row.values, limit, in.place ? &place : nullptr,
                    facts.table.name + " " + facts.row.piece);
    picture.height = y + 4;

    DataTable near{.name = "neighbours", .columns = {"by", "rank", "id", "token", "cosine", "dot"}};
    for (const bool cosine : {true, false}) {
        const auto& rows = cosine ? facts.cosine : facts.dot;
        for (std::size_t i = 0; i < rows.size(); ++i)
            near.textRows.push_back({cosine ? "cosine" : "dot", std::to_string(i + 1), std::to_string(rows[i].near.id),
                                     rows[i].piece, printNumber(rows[i].near.cosine, 7), printNumber(rows[i].near.dot, 7)});
    }
    DataTable row{.name = "row_" + std::to_string(facts.row.id), .columns = {"value"}};
    for (Eigen::Index i = 0; i < facts.row.values.size(); ++i) row.rows.push_back({static_cast<double>(facts.row.values(i))});
    picture.tables.push_back(std::move(row));
    picture.tables.push_back(std::move(near));
    return picture;
}

}  // namespace lw
