// Difference mode of the next-token picture: B − A by token.
#include <algorithm>
#include <cmath>

#include "widgets/next_token/next_token_picture.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {
constexpr double rowHeight = 19, numberWidth = 58, columnHeads = 34;
}  // namespace

Picture nextTokenDifferencePicture(const NextTokenInput& in, const std::vector<TokenDifference>& all, const std::string& nameA,
                                   double width, double height, const Say& say) {
    Picture picture;
    picture.title = say(QT_TRANSLATE_NOOP("NextToken", "Next token, B − A"));
    picture.subtitle = fill(say(QT_TRANSLATE_NOOP("NextToken", "B: after %1 “%2” · %3 · probabilities at temperature 1")),
                            {std::to_string(in.facts.position.value), in.pieceHere, nameA});
    addHeading(picture, 0, 0, width, std::string(picture.title), std::string(picture.subtitle));
    const double top = headingHeight;
    const auto rows =
        std::min(all.size(), static_cast<std::size_t>(std::max(4.0, (height - top - columnHeads - 2 * rowHeight) / rowHeight)));
    double tokenWidth = 96, largest = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        tokenWidth = std::max(tokenWidth, textWidth(in.piece(all[i].id), TypeSize::Body) + 56);
        largest = std::max(largest, std::abs(all[i].difference()));
    }
    tokenWidth = std::min(tokenWidth, width * 0.3);
    const double barLeft = tokenWidth + 2 * numberWidth + 16, barWidth = std::max(40.0, width - barLeft - numberWidth - 8);
    const double zero = barLeft + barWidth / 2, unit = largest > 0 ? barWidth / 2 / largest : 0;
    const auto head = [&](double left, double w, const std::string& text, Align align) {
        addCaption(picture, {left, top + 8, w, 16}, text, align);
    };
    head(6, tokenWidth, say(QT_TRANSLATE_NOOP("NextToken", "token")), Align::Left);
    head(tokenWidth, numberWidth, "A", Align::Right);
    head(tokenWidth + numberWidth, numberWidth, "B", Align::Right);
    head(barLeft, barWidth, "B − A", Align::Centre);
    double y = top + columnHeads;
    picture.stroke({.points = {{zero, y}, {zero, y + rowHeight * static_cast<double>(rows)}}, .colour = Ink::Line});
    DataTable table{.name = "next_token_B_minus_A", .columns = {"id", "A", "B", "B_minus_A"}};
    for (std::size_t i = 0; i < all.size(); ++i) {
        const TokenDifference& pair = all[i];
        const std::string piece = in.piece(pair.id);
        table.rowNames.push_back(piece);
        table.rows.push_back({static_cast<double>(pair.id), pair.a, pair.b, pair.difference()});
        if (i >= rows) continue;
        const Locus place{.position = in.facts.position, .unit = Unit(pair.id), .site = SiteId::Logits};
        picture.label({.rect = {6, y, tokenWidth - 50, rowHeight}, .text = piece});
        picture.label({.rect = {tokenWidth - 44, y, 40, rowHeight},
                       .text = std::to_string(pair.id),
                       .size = TypeSize::Small,
                       .align = Align::Right,
                       .colour = Ink::Muted,
                       .mono = true});
        const auto number = [&](double left, double v, bool isSigned) {
            picture.label({.rect = {left, y, numberWidth, rowHeight},
                           .text = isSigned ? printNumber(v, 3) : printProbability(v),
                           .size = TypeSize::Label,
                           .align = Align::Right,
                           .mono = true});
        };
        number(tokenWidth, pair.a, false);
        number(tokenWidth + numberWidth, pair.b, false);
        const double d = pair.difference();
        const double shade = largest > 0 ? d / largest : 0;
        picture.box({.rect = signedBar(zero, y + 4, rowHeight - 8, d, unit),
                     .fill = Colour::mapped(ColourMap::Diverging, (d < 0 ? -1 : 1) * (0.35 + 0.65 * std::abs(shade))),
                     .radius = 2});
        number(width - numberWidth, d, true);
        picture.spot({.rect = {0, y, width, rowHeight},
                      .place = place,
                      .says = fill(say(QT_TRANSLATE_NOOP("NextToken", "“%1”: %2 in A, %3 in B, B − A %4")),
                                   {piece, printProbability(pair.a), printProbability(pair.b), printNumber(d, 3)}),
                      .value = d});
        y += rowHeight;
    }
    if (all.empty())
        picture.label(
            {.rect = {6, y, width, rowHeight},
             .text = say(QT_TRANSLATE_NOOP("NextToken", "No token in common: the two models have different vocabularies.")),
             .colour = Ink::Muted});
    picture.width = width;
    picture.height = y + rowHeight;
    picture.tables.push_back(std::move(table));
    return picture;
}

}  // namespace lw
