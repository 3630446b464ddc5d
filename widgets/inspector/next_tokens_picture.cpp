#include "widgets/inspector/next_tokens_picture.h"

#include <algorithm>

#include "widgets/shared/format.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

Picture nextTokensPicture(const std::vector<NextToken>& tokens, Position position, double width, const Measure& measure,
                          const Say& say) {
    constexpr double margin = 14, line = 24, top = 13;
    const double right = width - margin;
    Picture picture;
    picture.width = width;
    picture.title = fill(say(QT_TRANSLATE_NOOP("Inspector", "Next token at position %1")), {std::to_string(position.value)});
    picture.box({.rect = {margin, 0, right - margin, 1}, .fill = Ink::Line});
    picture.label({.rect = {margin, top, right - margin, 16},
                   .text = picture.title,
                   .size = TypeSize::Label,
                   .colour = Ink::Muted,
                   .bold = true});

    double words = 60, figures = 52;  // of what is written, and of the numbers, which are never cut
    for (const NextToken& token : tokens) {
        words = std::max(words, measure(token.piece, TypeSize::Body, false, false) + 8);
        figures = std::max(figures, measure(printProbability(token.probability), TypeSize::Body, false, true) + 2);
    }
    words = std::min(words, (right - margin) * 0.4);
    const double left = margin + words, room = std::max(20.0, right - figures - 8 - left);
    DataTable table{.name = "next_q" + std::to_string(position.value),
                    .columns = {"id", "probability"},
                    .rowNames = {},
                    .rows = {},
                    .textRows = {}};
    double y = top + 20;
    for (const NextToken& token : tokens) {
        const std::string p = printProbability(token.probability);
        picture.label({.rect = {margin, y, words - 6, line}, .text = token.piece, .size = TypeSize::Body});
        picture.box({.rect = {left, y + 8, room, 8}, .fill = Ink::Grid, .radius = 2});
        picture.box({.rect = {left, y + 8, std::max(1.0, room * token.probability), 8}, .fill = Ink::Accent, .radius = 2});
        picture.label({.rect = {right - figures, y, figures, line},
                       .text = p,
                       .size = TypeSize::Body,
                       .align = Align::Right,
                       .mono = true});
        Locus place;
        place.position = position;
        place.unit = Unit(token.id);
        place.site = SiteId::Logits;
        picture.spot(
            {.rect = {margin, y, right - margin, line},
             .place = place,
             .says = fill(say(QT_TRANSLATE_NOOP("Inspector", "after position %1 comes “%2” (id %3) with probability %4")),
                          {std::to_string(position.value), token.piece, std::to_string(token.id), p}),
             .value = token.probability});
        table.rowNames.push_back(token.piece);
        table.rows.push_back({static_cast<double>(token.id), token.probability});
        y += line;
    }
    picture.height = y + margin;
    picture.tables.push_back(std::move(table));
    return picture;
}

}  // namespace lw
