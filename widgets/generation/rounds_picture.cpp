#include <algorithm>

#include "widgets/generation/contrast_pictures.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double captionHeight = 20, rowHeight = 24, nameWidth = 74, gap = 3, least = 44, most = 110;

}  // namespace

Picture roundsPicture(const Jacobi& jacobi, const PieceOf& piece, double width, const Say& say) {
    Picture picture;
    const auto count = static_cast<int>(jacobi.ids().size());
    const double cell = std::clamp((width - nameWidth) / std::max(1, count), least, most);
    picture.width = std::max(width, nameWidth + cell * count);
    addCaption(picture, {0, 0, width, captionHeight},
               fill(say(QT_TRANSLATE_NOOP(
                        "Generation", "%1 tokens in %2 passes over all of them (%3 ms); one after the other: %4 passes (%5 ms)")),
                    {std::to_string(count), std::to_string(jacobi.passes()), printNumber(1e3 * jacobi.seconds, 3),
                     std::to_string(count), printNumber(1e3 * jacobi.stepSeconds, 3)}));
    double y = captionHeight + 4;
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
            const char* state = settled ? QT_TRANSLATE_NOOP("Generation", "%1, place %2: “%3”, settled")
                                : right ? QT_TRANSLATE_NOOP("Generation", "%1, place %2: “%3”, right, but not yet sure")
                                        : QT_TRANSLATE_NOOP("Generation", "%1, place %2: “%3”, to be “%4”");
            picture.spot({.rect = rect,
                          .place = {},
                          .says = fill(say(state),
                                       {name, std::to_string(i), piece(id), piece(jacobi.ids()[static_cast<std::size_t>(i)])})});
        }
        y += rowHeight;
    }
    const char* note = QT_TRANSLATE_NOOP("Generation",
                                         "The last round changes nothing: it is the greedy text. A place is settled once all "
                                         "before it are; ✓ is right before that.");
    picture.label({.rect = {0, y + 4, width, 18}, .text = say(note), .size = TypeSize::Label, .colour = Ink::Muted});
    picture.height = y + 24;
    DataTable table{.name = "rounds"};
    for (int i = 0; i < count; ++i) table.columns.push_back(std::to_string(i));
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
