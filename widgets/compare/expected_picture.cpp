#include <algorithm>
#include <cmath>

#include "core/trace/capture_spec.h"
#include "widgets/compare/compare_columns.h"
#include "widgets/compare/compare_picture.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double captionHeight = 20, headHeight = 14, rowHeight = 22, figureWidth = 76, cellGap = 6, leastCell = 78;
constexpr int mostFigures = 3;

}  // namespace

Picture expectedPicture(const CompareInput& in, double width, const Say& say) {
    Picture picture;
    picture.width = width;
    const int position = in.position();
    if (position < 0) return picture;
    const std::string& piece = in.pieces[static_cast<std::size_t>(position)];
    addCaption(picture, {0, 0, width, captionHeight},
               fill(say(QT_TRANSLATE_NOOP("Compare", "after “%1”, position %2: what each expects next")),
                    {piece, std::to_string(position)}));
    const double nameWidth = compareNameWidth(in, width);
    const int figures = std::clamp(static_cast<int>((width - nameWidth - 10 - leastCell) / figureWidth), 1, mostFigures);
    const double left = nameWidth, right = width - figures * figureWidth - 10;
    const int shown = std::clamp(static_cast<int>((right - left) / leastCell), 1, 6);
    const double cell = (right - left) / shown;
    const std::string unit(unitName(in.unit));
    const std::string heads[mostFigures] = {fill(say(QT_TRANSLATE_NOOP("Compare", "surprise, %1")), {unit}),
                                            fill(say(QT_TRANSLATE_NOOP("Compare", "entropy, %1")), {unit}),
                                            say(QT_TRANSLATE_NOOP("Compare", "this step"))};
    for (int i = 0; i < figures; ++i) {
        picture.label({.rect = {width - (figures - i) * figureWidth, captionHeight, figureWidth, headHeight},
                       .text = heads[i],
                       .size = TypeSize::Small,
                       .align = Align::Right,
                       .colour = Ink::Muted});
    }
    DataTable table{.name = "expected", .columns = {}, .rowNames = {}, .rows = {}, .textRows = {}};
    table.columns = {"model", "rank", "token", "id", "logit", "probability"};
    double y = captionHeight + headHeight + 2;
    for (const CompareRow& row : in.rows) {
        if (!row.reading) continue;
        const bool ended = row.reading->endedBefore(in.bytesRead());
        const int at = ended ? -1 : row.reading->tokenAt(in.bytesRead());
        picture.label({.rect = {0, y, nameWidth - 8, rowHeight}, .text = row.name, .size = TypeSize::Label, .bold = row.open});
        if (at < 0) {
            picture.label({.rect = {left, y, right - left, rowHeight},
                           .text = ended ? fill(say(QT_TRANSLATE_NOOP("Compare", "its context ended %1 tokens into the text")),
                                                {std::to_string(row.reading->tokens.size())})
                                         : say(QT_TRANSLATE_NOOP("Compare", "has read no whole token here yet")),
                           .size = TypeSize::Label,
                           .colour = Ink::Muted});
            y += rowHeight;
            continue;
        }
        const ReadToken& token = row.reading->tokens[static_cast<std::size_t>(at)];
        const int column = CompareColumns::columnOf(in.columns, token.from, token.to);
        for (int i = 0; i < shown && i < static_cast<int>(token.next.size()); ++i) {
            const ExpectedToken& expected = token.next[static_cast<std::size_t>(i)];
            const double x = left + i * cell, w = cell - cellGap;
            const std::string word = visiblePiece(expected.bytes), number = printProbability(expected.token.probability);
            const double numberWidth = textWidth(number, TypeSize::Small, false, true);
            picture.box({.rect = {x, y + rowHeight - 5, w, 3}, .fill = Ink::Grid, .radius = 1});
            picture.box({.rect = {x, y + rowHeight - 5, std::max(1.0, w * expected.token.probability), 3},
                         .fill = Ink::FeedForward,
                         .radius = 1});
            picture.label(
                {.rect = {x, y, std::max(8.0, w - numberWidth - 3), rowHeight - 5}, .text = word, .size = TypeSize::Label});
            picture.label({.rect = {x + w - numberWidth, y, numberWidth, rowHeight - 5},
                           .text = number,
                           .size = TypeSize::Small,
                           .align = Align::Right,
                           .colour = Ink::Muted,
                           .mono = true});
            Spot spot{.rect = {x, y, w, rowHeight},
                      .place = {},
                      .says = fill(say(QT_TRANSLATE_NOOP("Compare", "%1 expects “%2” (id %3) with probability %4, rank %5")),
                                   {row.name, word, std::to_string(expected.token.id), number, std::to_string(i + 1)}),
                      .value = expected.token.probability};
            if (row.open && column >= 0)
                spot.place = {.position = Position(column), .unit = Unit(expected.token.id), .site = SiteId::Logits};
            picture.spot(std::move(spot));
            table.textRows.push_back({row.name, std::to_string(i + 1), word, std::to_string(expected.token.id),
                                      printFull(expected.token.logit), printNumber(expected.token.probability, 9)});
        }
        const auto figure = [&](int i, const std::string& text, const std::string& says, std::optional<double> value) {
            if (i >= figures) return;
            const Rect rect{width - (figures - i) * figureWidth, y, figureWidth, rowHeight};
            picture.label({.rect = rect, .text = text, .size = TypeSize::Label, .align = Align::Right, .mono = true});
            picture.spot({.rect = rect, .place = {}, .says = says, .value = value});
        };
        const std::string own = visiblePiece(token.bytes);
        // What the open model reads as one token may be several here: their surprises belong together.
        const Reading::Part part = row.reading->part(in.bytesBefore(), in.bytesRead());
        std::string pieces;
        for (int i = part.first; i <= part.last; ++i)
            pieces += "“" + visiblePiece(row.reading->tokens[static_cast<std::size_t>(i)].bytes) + "”";
        if (part.nats) {
            const double surprise = inUnit(*part.nats, in.unit);
            figure(0, printNumber(surprise, 3),
                   fill(say(QT_TRANSLATE_NOOP("Compare", "%1 was surprised by %2: %3 %4")),
                        {row.name, pieces, printNumber(surprise), unit}),
                   surprise);
        } else if (part.last < part.first) {
            figure(0, "—", fill(say(QT_TRANSLATE_NOOP("Compare", "%1: none of its tokens ends here")), {row.name}), {});
        } else {
            figure(0, "—", fill(say(QT_TRANSLATE_NOOP("Compare", "%1: nothing predicted its first token")), {row.name}), {});
        }
        const double entropy = inUnit(token.entropy, in.unit), ms = token.seconds * 1000;
        figure(1, printNumber(entropy, 3),
               fill(say(QT_TRANSLATE_NOOP("Compare", "%1: entropy of the next token, %2 %3")),
                    {row.name, printNumber(entropy), unit}),
               entropy);
        figure(2, printNumber(ms, 2) + " ms",
               fill(say(QT_TRANSLATE_NOOP("Compare", "%1 read “%2” in %3 ms, measured")), {row.name, own, printNumber(ms)}), ms);
        y += rowHeight;
    }
    picture.height = y + 2;
    picture.tables.push_back(std::move(table));
    return picture;
}

}  // namespace lw
