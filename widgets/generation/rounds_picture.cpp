#include <algorithm>

#include "widgets/generation/contrast_pictures.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double captionHeight = 20, headHeight = 15, rowHeight = 24, nameWidth = 74, gap = 3, least = 44, most = 110;

}  // namespace

Picture roundsPicture(const Jacobi& jacobi, int first, const PieceOf& piece, double width, const Say& say) {
    Picture picture;
    const auto count = static_cast<int>(jacobi.ids().size());
    const double cell = std::clamp((width - nameWidth) / std::max(1, count), least, most);
    picture.width = std::max(width, nameWidth + cell * count);
    addCaption(picture, {0, 0, width, captionHeight},
               fill(say(QT_TRANSLATE_NOOP(
                        "Generation", "%1 tokens in %2 passes over all of them (%3 ms); one after the other: %4 passes (%5 ms)")),
                    {std::to_string(count), std::to_string(jacobi.passes()), printNumber(1e3 * jacobi.seconds, 3),
                     std::to_string(count), printNumber(1e3 * jacobi.stepSeconds, 3)}));
    double y = captionHeight;
    picture.label({.rect = {0, y, width, 17},
                   .text = say(QT_TRANSLATE_NOOP("Generation",
                                                 "Each round guesses every position anew, given the guesses before it, until "
                                                 "nothing changes: the greedy text.")),
                   .size = TypeSize::Label,
                   .colour = Ink::Muted});
    y += 20;
    double x = 0;
    const auto legend = [&](const std::string& text, Colour fillColour, Colour frame) {
        if (frame.ink != Ink::None) {
            picture.box({.rect = {x, y + 2, 22, 12}, .fill = fillColour, .frame = frame, .radius = 3});
            x += 28;
        }
        const double w = textWidth(text, TypeSize::Label) + 2;
        picture.label({.rect = {x, y, w, 16}, .text = text, .size = TypeSize::Label, .colour = Ink::Muted});
        x += w + 18;
    };
    legend(say(QT_TRANSLATE_NOOP("Generation", "settled, as all before it are")), Ink::SelectedFill, Ink::Kept);
    legend(say(QT_TRANSLATE_NOOP("Generation", "the first that is wrong")), Ink::Panel, Ink::Erased);
    legend(say(QT_TRANSLATE_NOOP("Generation", "✓ right, but not yet sure")), Ink::None, Ink::None);
    y += 18;
    y += 2;
    picture.label({.rect = {0, y, nameWidth - 6, headHeight},
                   .text = say(QT_TRANSLATE_NOOP("Generation", "position")),
                   .size = TypeSize::Small,
                   .colour = Ink::Muted});
    for (int i = 0; i < count; ++i)
        picture.label({.rect = {nameWidth + cell * i, y, cell - gap, headHeight},
                       .text = std::to_string(first + i),
                       .size = TypeSize::Small,
                       .align = Align::Centre,
                       .colour = Ink::Muted,
                       .mono = true});
    y += headHeight;
    const int last = jacobi.passes();
    for (int r = 0; r <= last; ++r) {
        const JacobiRound& round = jacobi.rounds[static_cast<std::size_t>(r)];
        const std::string name = r == 0 ? say(QT_TRANSLATE_NOOP("Generation", "guessed"))
                                        : fill(say(QT_TRANSLATE_NOOP("Generation", "round %1")), {std::to_string(r)});
        picture.label(
            {.rect = {0, y, nameWidth - 6, rowHeight - gap}, .text = name, .size = TypeSize::Label, .colour = Ink::Muted});
        for (int i = 0; i < count; ++i) {
            const TokenId id = round.ids[static_cast<std::size_t>(i)];
            const bool settled = i < round.settled, right = id == jacobi.ids()[static_cast<std::size_t>(i)];
            const Rect rect{nameWidth + cell * i, y, cell - gap, rowHeight - gap};
            picture.box({.rect = rect,
                         .fill = settled ? Ink::SelectedFill : Ink::Panel,
                         .frame = settled              ? Ink::Kept
                                  : i == round.settled ? Ink::Erased
                                                       : Ink::Line,
                         .radius = 4});
            // A mark besides the colour: what is right although a token before it is not.
            picture.label({.rect = {rect.x + 4, rect.y, rect.w - 8, rect.h},
                           .text = piece(id) + (right && !settled ? " ✓" : ""),
                           .size = TypeSize::Label,
                           .align = Align::Centre,
                           .colour = right ? Ink::Text : Ink::Muted});
            const char* state = settled ? QT_TRANSLATE_NOOP("Generation", "%1, position %2: “%3”, settled")
                                : right ? QT_TRANSLATE_NOOP("Generation", "%1, position %2: “%3”, right, but not yet sure")
                                        : QT_TRANSLATE_NOOP("Generation", "%1, position %2: “%3”, to be “%4”");
            picture.spot({.rect = rect,
                          .place = {},
                          .says = fill(say(state), {name, std::to_string(first + i), piece(id),
                                                    piece(jacobi.ids()[static_cast<std::size_t>(i)])})});
        }
        y += rowHeight;
    }
    picture.height = y + 4;
    DataTable table{.name = "rounds"};
    for (int i = 0; i < count; ++i) table.columns.push_back(std::to_string(first + i));
    for (int r = 0; r <= last; ++r) {
        table.rowNames.push_back(std::to_string(r));
        std::vector<double> row;
        for (const TokenId id : jacobi.rounds[static_cast<std::size_t>(r)].ids) row.push_back(static_cast<double>(id));
        table.rows.push_back(std::move(row));
    }
    picture.tables.push_back(std::move(table));
    return picture;
}

}  // namespace lw
