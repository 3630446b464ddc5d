#include "widgets/next_token/cumulative_bar.h"

#include <algorithm>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {
constexpr double diceHeight = 18, barHeight = 24;
}

std::string drawWords(const CumulativeBarInput& input, const Say& say) {
    if (!input.draw) return {};
    for (const Bin& bin : input.bins) {
        if (bin.id != input.drawn) continue;
        return fill(say(QT_TRANSLATE_NOOP("NextToken", "the dice fell on “%1”: %2 lies between %3 and %4")),
                    {input.piece(bin.id), printNumber(*input.draw, 6), printNumber(bin.upTo - bin.probability, 4),
                     printNumber(bin.upTo, 4)});
    }
    return fill(say(QT_TRANSLATE_NOOP("NextToken", "the dice fell at %1, among the less probable tokens")),
                {printNumber(*input.draw, 6)});
}

void addCumulativeBar(Picture& picture, const CumulativeBarInput& input, double x, double y, double width, const Say& say) {
    const double top = y + diceHeight;
    const Rect frame{x, top, width, barHeight};
    picture.box({.rect = frame, .fill = Ink::Grid, .radius = 3});
    double reached = 0;
    int index = 0;
    for (const Bin& bin : input.bins) {
        if (bin.probability <= 0) continue;
        const double from = bin.upTo - bin.probability;
        const Rect segment{x + width * from, top, width * bin.probability, barHeight};
        reached = std::max(reached, bin.upTo);
        if (segment.w < 0.4) continue;
        const bool hit = input.drawn == bin.id;
        const double gap = segment.w > 3 ? 1 : 0;
        // neighbours differ in shade so that their border shows also where the gap is too small to see
        const Colour fillColour = Colour::mapped(ColourMap::Sequential, hit ? 0.72 : index % 2 ? 0.24 : 0.34);
        picture.box(
            {.rect = {segment.x, segment.y, segment.w - gap, segment.h}, .fill = fillColour, .radius = gap > 0 ? 2.0 : 0.0});
        const std::string text = input.piece(bin.id);
        if (textWidth(text, TypeSize::Label) + 6 <= segment.w)
            picture.label(
                {.rect = segment, .text = text, .size = TypeSize::Label, .align = Align::Centre, .on = fillColour, .bold = hit});
        Spot spot{.rect = segment,
                  .says = fill(say(QT_TRANSLATE_NOOP("NextToken", "“%1” takes %2 of the bar, from %3 to %4")),
                               {text, printProbability(bin.probability), printNumber(from, 4), printNumber(bin.upTo, 4)}),
                  .value = bin.probability};
        if (input.canForce)
            spot.action = "force:" + std::to_string(bin.id);
        else
            spot.place = {.position = input.position, .unit = Unit(bin.id), .site = SiteId::Logits};
        picture.spot(std::move(spot));
        ++index;
    }
    if (reached < 1 && width * (1 - reached) > 12)
        picture.label({.rect = {x + width * reached, top, width * (1 - reached), barHeight},
                       .text = "…",
                       .size = TypeSize::Label,
                       .align = Align::Centre,
                       .colour = Ink::Muted});
    for (int tick = 0; tick <= 4; ++tick) {
        const double at = x + width * tick / 4.0;
        picture.stroke({.points = {{at, top + barHeight}, {at, top + barHeight + 3}}, .colour = Ink::Line});
        const Align align = tick == 0 ? Align::Left : tick == 4 ? Align::Right : Align::Centre;
        const double left = tick == 0 ? at : tick == 4 ? at - 40 : at - 20;
        picture.label({.rect = {left, top + barHeight + 3, 40, 12},
                       .text = printNumber(tick / 4.0, 3),
                       .size = TypeSize::Small,
                       .align = align,
                       .colour = Ink::Muted,
                       .mono = true});
    }
    if (!input.draw) return;
    const double at = x + width * *input.draw;
    const std::string text = "⚄ " + printNumber(*input.draw, 4);
    const double chip = textWidth(text, TypeSize::Small, true) + 12;
    const Rect rect{std::clamp(at - chip / 2, x, x + width - chip), y - 1, chip, 15};
    picture.stroke({.points = {{at, y + 14}, {at, top + barHeight + 4}}, .colour = Ink::Text, .width = 2});
    picture.box({.rect = rect, .fill = Ink::Panel, .frame = Ink::Text, .radius = 4});
    picture.label({.rect = rect, .text = text, .size = TypeSize::Small, .align = Align::Centre, .bold = true});
    picture.spot({.rect = rect, .place = {.position = input.position}, .says = drawWords(input, say), .value = *input.draw});
}

}  // namespace lw
