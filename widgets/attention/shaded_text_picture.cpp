#include "widgets/attention/shaded_text_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/text_width.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {
constexpr double lineHeight = 40, chipHeight = 24, captionHeight = 26, legendHeight = 24;
}

Picture shadedTextPicture(const ShadedTextInput& in) {
    Picture picture;
    picture.width = in.width;
    const bool reads = in.shade == TextShade::Reads;
    const int self = reads ? in.query : in.key;
    const auto piece = [&](int p) {
        return p >= 0 && p < static_cast<int>(in.pieces.size()) ? in.pieces[static_cast<std::size_t>(p)] : std::string("—");
    };
    addCaption(picture, {0, 0, in.width, 18},
               fill(in.say(reads ? QT_TRANSLATE_NOOP("Attention", "what query %1 “%2” reads")
                                 : QT_TRANSLATE_NOOP("Attention", "who reads key %1 “%2”")),
                    {std::to_string(self), piece(self)}));
    const ColourMap map = in.difference ? ColourMap::Diverging : ColourMap::Sequential;
    double x = 0, y = captionHeight;
    for (int p = 0; p < static_cast<int>(in.pieces.size()); ++p) {
        const std::string text = piece(p);
        const double width = std::clamp(textWidth(text, TypeSize::Body, p == self) + 8, 30.0, std::max(30.0, in.width - 4));
        if (p == in.promptLength && p > 0) x += 8;  // what was generated stands apart
        if (x > 0 && x + width > in.width - 2) {
            x = 0;
            y += lineHeight;
        }
        const Rect chip{x + 1, y + 1, width - 2, chipHeight};
        const double weight = p < static_cast<int>(in.weights.size()) ? in.weights[static_cast<std::size_t>(p)] : std::nan("");
        const bool seen = !std::isnan(weight);
        const Colour fillColour = seen ? Colour::mapped(map, weight) : Colour(Ink::Grid);
        picture.box({.rect = chip, .fill = fillColour, .frame = seen ? Ink::Line : Ink::Grid, .radius = 4});
        Label label{
            .rect = chip, .text = text, .align = Align::Centre, .colour = seen ? Ink::Text : Ink::Muted, .bold = p == self};
        if (seen) label.on = fillColour;
        picture.label(std::move(label));
        if (seen && std::abs(weight) >= 0.0095) {
            picture.label({.rect = {x - 3, y + chipHeight + 1, width + 6, 12},
                           .text = in.difference ? printNumber(weight, 2) : printProbability(weight).substr(0, 4),
                           .size = TypeSize::Small,
                           .align = Align::Centre,
                           .colour = Ink::Muted,
                           .mono = true});
        }
        if (p == self) {
            picture.box({.rect = {chip.x - 1.5, chip.y - 1.5, chip.w + 3, chip.h + 3},
                         .fill = Ink::None,
                         .frame = reads ? Ink::SelectedFrame : Ink::Accent,
                         .frameWidth = 2,
                         .radius = 5});
        } else if (p == (reads ? in.key : in.query)) {
            picture.box({.rect = {chip.x - 1.5, chip.y - 1.5, chip.w + 3, chip.h + 3},
                         .fill = Ink::None,
                         .frame = reads ? Ink::Accent : Ink::SelectedFrame,
                         .frameWidth = 2,
                         .radius = 5});
        }
        Locus place;
        place.layer = in.place.layer;
        place.head = in.place.head;
        place.site = SiteId::Pattern;
        (reads ? place.key : place.position) = Position(p);
        const int query = reads ? self : p, key = reads ? p : self;
        std::string says = fill(in.say(seen ? QT_TRANSLATE_NOOP("Attention", "query %1 “%2” reads key %3 “%4”")
                                            : QT_TRANSLATE_NOOP("Attention", "query %1 “%2” does not see key %3 “%4”: masked")),
                                {std::to_string(query), piece(query), std::to_string(key), piece(key)});
        if (seen) says += ": " + printNumber(weight);
        picture.spot({.rect = {x, y, width, lineHeight - 2},
                      .place = place,
                      .says = std::move(says),
                      .value = seen ? std::optional<double>(weight) : std::nullopt});
        x += width;
    }
    y += lineHeight + 2;
    if (in.difference) {
        addDivergingLegend(picture, 0, y, 150, "−1", "+1");
    } else {
        picture.label({.rect = {0, y, 8, 12}, .text = "0", .size = TypeSize::Small, .colour = Ink::Muted, .mono = true});
        Raster ramp{.rect = {10, y + 2, 88, 8}, .rows = 1, .cols = 44, .values = {}};
        for (int i = 0; i < ramp.cols; ++i) ramp.values.push_back(static_cast<float>(i) / static_cast<float>(ramp.cols - 1));
        picture.box({.rect = {9.5, y + 1.5, 89, 9}, .fill = Ink::None, .frame = Ink::Line});
        picture.raster(std::move(ramp));
        picture.label({.rect = {102, y, in.width - 102, 12},
                       .text = "1 " + in.say(QT_TRANSLATE_NOOP("Attention", "weight")),
                       .size = TypeSize::Small,
                       .colour = Ink::Muted});
    }
    picture.height = y + legendHeight;
    DataTable table;
    table.name = fill(reads ? "reads_L%1_H%2_q%3" : "read_by_L%1_H%2_k%3",
                      {std::to_string(in.place.layer.value), std::to_string(in.place.head.value), std::to_string(self)});
    table.columns = {"position", "weight"};
    for (std::size_t p = 0; p < in.weights.size(); ++p) {
        table.rowNames.push_back(piece(static_cast<int>(p)));
        table.rows.push_back({static_cast<double>(p), in.weights[p]});
    }
    picture.tables.push_back(std::move(table));
    return picture;
}

}  // namespace lw
