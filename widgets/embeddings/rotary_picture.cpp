// Rotary positions: each pair of a head's dimensions is a plane whose hand turns by position · frequency; below, what that does
// to q·k by distance.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "widgets/embeddings/position_picture.h"
#include "widgets/shared/axis.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double line = 18, leastRadius = 19, mostRadius = 44;
constexpr std::size_t mostHands = 32;

void addHand(Picture& picture, Point centre, double angle, double length, Colour colour, double width) {
    picture.stroke({.points = {centre, {centre.x + length * std::cos(angle), centre.y - length * std::sin(angle)}},
                    .colour = colour,
                    .width = width,
                    .arrow = true});
}

double addHands(Picture& picture, const PositionInput& in, double y) {
    const RotaryFacts& facts = *in.rotary;
    const std::size_t count = std::min(mostHands, facts.frequencies.size());
    // As large as a third of the height allows.
    double radius = mostRadius, cellWidth = 0, cellHeight = 0;
    int columns = 1;
    for (;; radius -= 1) {
        cellWidth = 2 * radius + 28;
        cellHeight = 2 * radius + 34;
        columns = std::max(1, static_cast<int>(in.width / cellWidth));
        if (radius <= leastRadius || std::ceil(static_cast<double>(count) / columns) * cellHeight <= in.height / 3) break;
    }
    addCaption(
        picture, {0, y, in.width, line},
        fill(in.say(QT_TRANSLATE_NOOP("Embeddings",
                                      "the %1 planes of a head, turned by position × frequency: query at %2, key at %3")),
             {std::to_string(facts.frequencies.size()), std::to_string(facts.query.value), std::to_string(facts.key.value)}));
    y += line + 2;
    for (std::size_t i = 0; i < count; ++i) {
        const double x = cellWidth * static_cast<double>(i % static_cast<std::size_t>(columns));
        const double top = y + cellHeight * static_cast<double>(i / static_cast<std::size_t>(columns));
        const Point centre{x + cellWidth / 2, top + radius + 2};
        picture.box(
            {.rect = {centre.x - radius, centre.y - radius, 2 * radius, 2 * radius}, .frame = Ink::Line, .radius = radius});
        const double f = facts.frequencies[i];
        const double query = facts.query.value * f, key = facts.key.value * f;
        addHand(picture, centre, key, radius * 0.8, Ink::Key, 2);
        addHand(picture, centre, query, radius, Ink::Query, 2);
        const double turn = std::fmod(query, 2 * std::numbers::pi) * 180 / std::numbers::pi;
        picture.label({.rect = {x, top + 2 * radius + 4, cellWidth, 13},
                       .text = printNumber(turn, 3) + "°",
                       .size = TypeSize::Small,
                       .align = Align::Centre,
                       .mono = true});
        picture.label({.rect = {x, top + 2 * radius + 16, cellWidth, 13},
                       .text = "T " + printNumber(2 * std::numbers::pi / f, 3),
                       .size = TypeSize::Small,
                       .align = Align::Centre,
                       .colour = Ink::Muted,
                       .mono = true});
        picture.spot({.rect = {x, top, cellWidth, cellHeight},
                      .place = {},
                      .says = fill(in.say(QT_TRANSLATE_NOOP(
                                       "Embeddings",
                                       "plane %1 (dimensions %1 and %2): %3 rad a position, once round in %4 positions; query "
                                       "%5 rad, key %6 rad")),
                                   {std::to_string(i), std::to_string(i + facts.frequencies.size()), printNumber(f),
                                    printNumber(2 * std::numbers::pi / f), printNumber(query), printNumber(key)}),
                      .value = query});
    }
    y += cellHeight * std::ceil(static_cast<double>(count) / columns);
    std::string legend =
        in.say(QT_TRANSLATE_NOOP("Embeddings", "blue, long: query · orange, short: key · T: positions once round"));
    if (count < facts.frequencies.size())
        legend += fill(in.say(QT_TRANSLATE_NOOP("Embeddings", " · %1 slower planes are not drawn")),
                       {std::to_string(facts.frequencies.size() - count)});
    picture.label({.rect = {0, y, in.width, 14}, .text = legend, .size = TypeSize::Label, .colour = Ink::Muted});
    return y + 20;
}

double addScores(Picture& picture, const PositionInput& in, double y) {
    const RotaryFacts& facts = *in.rotary;
    const int distance = facts.query.value - facts.key.value;
    addCaption(picture, {0, y, in.width, line},
               fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "scale · q·k by distance, layer %1 head %2")),
                    {std::to_string(facts.layer.value), std::to_string(facts.head.value)}));
    y += line;
    const double computed = scoreAtDistance(facts.q, facts.k, facts.frequencies, distance, facts.scale);
    picture.label(
        {.rect = {0, y, in.width, line},
         .text = fill(in.say(QT_TRANSLATE_NOOP("Embeddings",
                                               "“%1” reads “%2”, %3 apart: %4 (in the trace %5); not turned it would be %6")),
                      {pieceAt(in, facts.query.value), pieceAt(in, facts.key.value), std::to_string(distance),
                       printNumber(computed), printNumber(facts.chosen), printNumber(facts.scale * facts.q.dot(facts.k))})});
    y += line + 4;
    double low = 0, high = 0;
    for (const double v : facts.byDistance) low = std::min(low, v), high = std::max(high, v);
    for (const KeyScore& key : facts.keys) low = std::min(low, key.score), high = std::max(high, key.score);
    const Range range = niceRange(low, high, 5);
    const Rect area{48, y, in.width - 60, std::clamp(in.height - y - 40, 100.0, 300.0)};
    const double across = std::max<double>(1, static_cast<double>(facts.byDistance.size() - 1));
    const auto at = [&](double d, double v) {
        return Point{area.x + area.w * d / across, area.bottom() - area.h * (v - range.low) / (range.high - range.low)};
    };
    for (const Tick& tick : linearTicks(range.low, range.high, 5)) {
        const double ty = at(0, tick.value).y;
        picture.stroke({.points = {{area.x, ty}, {area.right(), ty}}, .colour = tick.value == 0 ? Ink::Muted : Ink::Grid});
        picture.label({.rect = {0, ty - 7, 42, 14},
                       .text = tick.text,
                       .size = TypeSize::Small,
                       .align = Align::Right,
                       .colour = Ink::Muted,
                       .mono = true});
    }
    for (const Tick& tick : linearTicks(0, across, 8)) {
        picture.label({.rect = {at(tick.value, range.low).x - 20, area.bottom() + 2, 40, 14},
                       .text = tick.text,
                       .size = TypeSize::Small,
                       .align = Align::Centre,
                       .colour = Ink::Muted,
                       .mono = true});
    }
    const double here = at(distance, 0).x;
    picture.stroke({.points = {{here, area.y}, {here, area.bottom()}}, .colour = Ink::SelectedFrame, .dashed = true});
    Stroke curve{.points = {}, .colour = Ink::Accent, .width = 2};
    for (std::size_t d = 0; d < facts.byDistance.size(); ++d)
        curve.points.push_back(at(static_cast<double>(d), facts.byDistance[d]));
    picture.stroke(std::move(curve));
    DataTable table{.name = "scores_by_distance",
                    .columns = {"distance", "this_pair_at_distance", "key", "trace_score", "not_turned"}};
    for (std::size_t d = 0; d < facts.byDistance.size(); ++d)
        table.rows.push_back({static_cast<double>(d), facts.byDistance[d], std::nan(""), std::nan(""), std::nan("")});
    for (const KeyScore& key : facts.keys) {
        const bool mine = key.key == facts.key;
        const Point p = at(key.distance, key.score);
        const double r = mine ? 5 : 3.5;
        picture.box({.rect = {p.x - r, p.y - r, 2 * r, 2 * r},
                     .fill = mine ? Ink::SelectedFrame : Ink::Key,
                     .frame = Ink::Panel,
                     .radius = r});
        picture.spot(
            {.rect = {p.x - 6, p.y - 6, 12, 12},
             .place =
                 {.layer = facts.layer, .head = facts.head, .position = facts.query, .key = key.key, .site = SiteId::AttnScores},
             .says = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "key %1 “%2”, %3 back: score %4, not turned %5")),
                          {std::to_string(key.key.value), pieceAt(in, key.key.value), std::to_string(key.distance),
                           printNumber(key.score), printNumber(key.unturned)}),
             .value = key.score});
        table.rows[static_cast<std::size_t>(key.distance)][2] = key.key.value;
        table.rows[static_cast<std::size_t>(key.distance)][3] = key.score;
        table.rows[static_cast<std::size_t>(key.distance)][4] = key.unturned;
    }
    picture.tables.push_back(std::move(table));
    y = area.bottom() + 18;
    picture.label({.rect = {0, y, in.width, 14},
                   .text = in.say(QT_TRANSLATE_NOOP(
                       "Embeddings",
                       "→ distance · line: this query and this key, so far apart · dots: the run’s own scores, key by key "
                       "(click one)")),
                   .size = TypeSize::Label,
                   .colour = Ink::Muted});
    return y + 18;
}

}  // namespace

Picture rotaryPicture(const PositionInput& in) {
    Picture picture;
    picture.width = in.width;
    const double y = addHands(picture, in, 0);
    picture.height = addScores(picture, in, y);
    return picture;
}

}  // namespace lw
