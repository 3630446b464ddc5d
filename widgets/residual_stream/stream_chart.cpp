#include "widgets/residual_stream/stream_chart.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {

constexpr double barGap = 4, columnGap = 10;

// Where the columns stand.
struct Columns {
    double label, labelWidth, trunk, stream, streamBar, added, addedBar, direction, directionWidth, numberWidth;
};

Columns columnsFor(double x, double width, bool compact) {
    Columns c{};
    c.label = x;
    c.labelWidth = compact ? 38 : 102;
    c.numberWidth = compact ? 40 : 50;
    c.trunk = x + c.labelWidth + 6;
    c.stream = c.trunk + 12;
    const double rest = width - (c.stream - x) - 2 * columnGap;
    const double numbers = (compact ? 3 : 2) * c.numberWidth + 2 * barGap;
    c.directionWidth = std::clamp((rest - numbers) * 0.4, 40.0, 120.0);
    const double bars = std::max(24.0, rest - numbers - c.directionWidth);
    c.streamBar = bars * 0.5;
    c.added = c.stream + c.streamBar + barGap + c.numberWidth + columnGap;
    c.addedBar = bars * 0.5;
    c.direction = x + width - c.directionWidth - 4;
    return c;
}

struct Scale {
    double largest = 0;
    bool isSigned = false;
    void take(double v) {
        largest = std::max(largest, std::abs(v));
        isSigned = isSigned || v < 0;
    }
    // A bar of value v in x … x + width; signed scales have their zero in the middle.
    Rect bar(double x, double y, double width, double height, double v) const {
        const double room = isSigned ? width / 2 : width;
        const double unit = largest > 0 ? room / largest : 0;
        return signedBar(isSigned ? x + width / 2 : x, y, height, v, unit);
    }
};

Colour barColour(bool difference, Ink plain, double value, double largest) {
    if (!difference) return plain;
    // at least a third of the map away from zero, so that the bar's sign can be seen
    const double v = largest > 0 ? value / largest : 0;
    return Colour::mapped(ColourMap::Diverging, (v < 0 ? -1 : 1) * (0.35 + 0.65 * std::abs(v)));
}

std::string cosText(std::optional<double> c) { return c ? printNumber(*c, 3) : std::string("–"); }

void addMark(Picture& picture, double x, double y, bool filled, Colour colour, double r) {
    if (filled) {
        picture.box({.rect = {x - r, y - r, 2 * r, 2 * r}, .fill = colour, .radius = r});
    } else {
        picture.stroke({.points = {{x - r - 0.5, y}, {x, y - r - 0.5}, {x + r + 0.5, y}, {x, y + r + 0.5}},
                        .colour = colour,
                        .width = 1.25,
                        .closed = true,
                        .fill = Ink::Panel});
    }
}

std::string says(const ResidualStreamInput& input, std::size_t i, const Say& say) {
    const StreamRow& row = input.stream.rows[i];
    const std::string name = nameOf(row, say);
    if (input.streamA)
        return fill(
            say(QT_TRANSLATE_NOOP("ResidualStream",
                                  "%1: B − A of the addition's norm %2, of the stream's %3, cosine of the two additions %4")),
            {name, printNumber(row.additionNorm - input.streamA->rows[i].additionNorm),
             printNumber(row.streamNorm - input.streamA->rows[i].streamNorm),
             cosText(i < input.cosAB.size() ? input.cosAB[i] : std::nullopt)});
    return fill(
        say(QT_TRANSLATE_NOOP(
            "ResidualStream",
            "%1 adds %2, stream then %3; cosine of the addition with the stream %4, with the output's stream %5")),
        {name, printNumber(row.additionNorm), printNumber(row.streamNorm), cosText(row.cosStream), cosText(row.cosFinal)});
}

// The embeddings' names where there is little room.
std::string shortName(const StreamRow& row, bool compact, const Say& say) {
    if (!compact) return nameOf(row, say);
    return say(row.part == StreamPart::Embedding ? QT_TRANSLATE_NOOP("ResidualStream", "embed")
                                                 : QT_TRANSLATE_NOOP("ResidualStream", "pos"));
}

}  // namespace

Ink inkOf(const StreamRow& row) {
    switch (row.part) {
        case StreamPart::Attention:
            return row.mixer == MixerKind::None ? Ink::Attention : Ink::Recurrent;
        case StreamPart::FeedForward:
            return Ink::FeedForward;
        default:
            return Ink::Muted;
    }
}

std::string nameOf(const StreamRow& row, const Say& say) {
    const std::string layer = std::to_string(row.layer.value);
    switch (row.part) {
        case StreamPart::Embedding:
            return say(QT_TRANSLATE_NOOP("ResidualStream", "embedding"));
        case StreamPart::PositionEmbedding:
            return say(QT_TRANSLATE_NOOP("ResidualStream", "positions"));
        case StreamPart::Attention:
            if (row.mixer != MixerKind::None)
                return fill(say(QT_TRANSLATE_NOOP("ResidualStream", "layer %1 %2")),
                            {layer, std::string(mixerKindTitle(row.mixer))});
            return fill(say(QT_TRANSLATE_NOOP("ResidualStream", "layer %1 attention")), {layer});
        case StreamPart::FeedForward:
            return fill(say(QT_TRANSLATE_NOOP("ResidualStream", "layer %1 feed-forward")), {layer});
    }
    return {};
}

void addStreamChart(Picture& picture, const ResidualStreamInput& input, const StreamRowLayout& rows, double x, double width,
                    double headBottom, const Say& say) {
    const auto& facts = input.stream.rows;
    const bool difference = input.streamA.has_value();
    const Columns c = columnsFor(x, width, rows.compact());
    const auto streamOf = [&](std::size_t i) {
        return facts[i].streamNorm - (difference ? input.streamA->rows[i].streamNorm : 0);
    };
    const auto addedOf = [&](std::size_t i) {
        return facts[i].additionNorm - (difference ? input.streamA->rows[i].additionNorm : 0);
    };

    Scale stream, added;
    for (std::size_t i = 0; i < facts.size(); ++i) stream.take(streamOf(i)), added.take(addedOf(i));

    // column heads
    const double headTop = headBottom - 15;
    const auto head = [&](double left, double w, const std::string& text, Align align = Align::Left) {
        picture.label(
            {.rect = {left, headTop, w, 14}, .text = text, .size = TypeSize::Small, .align = align, .colour = Ink::Muted});
    };
    head(c.stream, c.added - c.stream - 4,
         say(difference ? QT_TRANSLATE_NOOP("ResidualStream", "stream ‖x‖, B − A")
                        : QT_TRANSLATE_NOOP("ResidualStream", "stream ‖x‖")));
    head(c.added, rows.compact() ? c.addedBar + barGap + 14 : c.direction - c.added - 4,
         say(difference ? QT_TRANSLATE_NOOP("ResidualStream", "adds ‖Δ‖, B − A")
                        : QT_TRANSLATE_NOOP("ResidualStream", "adds ‖Δ‖")));
    head(c.direction, c.directionWidth, difference ? "cos(A, B)" : "cos", Align::Centre);
    // one line a layer: attention's number and the feed-forward's stand side by side, in their colours
    if (rows.compact()) {
        const double left = c.added + c.addedBar + barGap;
        for (const auto& [x0, text, ink] :
             {std::tuple(left, "attn", Ink::Attention), std::tuple(left + c.numberWidth, "mlp", Ink::FeedForward)})
            picture.label({.rect = {x0, headTop, c.numberWidth, 14},
                           .text = text,
                           .size = TypeSize::Small,
                           .align = Align::Right,
                           .colour = ink});
    }
    // the direction axis: −1, 0, 1
    const double axisTop =
        rows.bottom() - rows.bandHeight() * (rows.bottom() > headBottom ? (rows.bottom() - headBottom) / rows.bandHeight() : 0);
    for (const int at : {-1, 0, 1}) {
        const double ax = c.direction + c.directionWidth * (at + 1) / 2.0;
        picture.stroke({.points = {{ax, axisTop}, {ax, rows.bottom()}}, .colour = at == 0 ? Ink::Line : Ink::Grid});
        picture.label({.rect = {ax - 10, rows.bottom() + 1, 20, 12},
                       .text = at < 0 ? "−1" : std::to_string(at),
                       .size = TypeSize::Small,
                       .align = Align::Centre,
                       .colour = Ink::Muted,
                       .mono = true});
    }
    // the trunk, with an arrow's head at the output
    picture.stroke({.points = {{c.trunk, rows.bottom()}, {c.trunk, headBottom - 2}}, .colour = Ink::Line, .width = 3});

    for (std::size_t i = 0; i < facts.size(); ++i) {
        const StreamRow& row = facts[i];
        const Rect line = rows.row(i), band = rows.band(i);
        const double middle = line.y + line.h / 2;
        const bool inBlock = row.part == StreamPart::Attention || row.part == StreamPart::FeedForward;
        const bool upper = row.part == StreamPart::FeedForward || !inBlock;
        const bool halves = rows.compact() && inBlock;
        const bool chosen = input.place.layer == row.layer && inBlock && input.place.site == row.addition;
        const Ink ink = inkOf(row);

        // labels
        if (!inBlock || !rows.compact()) {
            const std::string number = inBlock ? std::to_string(row.layer.value) : std::string();
            if (row.part == StreamPart::Attention || number.empty())
                picture.label({.rect = {c.label, line.y, number.empty() ? c.labelWidth : 22, line.h},
                               .text = number.empty() ? shortName(row, rows.compact(), say) : number,
                               .size = number.empty() && rows.compact() ? TypeSize::Small : TypeSize::Label,
                               .colour = Ink::Muted,
                               .mono = !number.empty()});
            if (inBlock)
                picture.label(
                    {.rect = {c.label + 24, line.y, c.labelWidth - 24, line.h},
                     .text = row.mixer != MixerKind::None
                                 ? std::string(mixerKindTitle(row.mixer))
                                 : say(row.part == StreamPart::Attention ? QT_TRANSLATE_NOOP("ResidualStream", "attention")
                                                                         : QT_TRANSLATE_NOOP("ResidualStream", "feed-forward")),
                     .size = TypeSize::Label,
                     .colour = ink,
                     .bold = chosen});
        } else if (row.part == StreamPart::Attention) {
            picture.label({.rect = {c.label, band.y, c.labelWidth, band.h},
                           .text = std::to_string(row.layer.value),
                           .size = TypeSize::Label,
                           .colour = Ink::Muted,
                           .mono = true});
        }
        // where it joins the trunk
        const double r = rows.compact() ? 2 : 3.5;
        picture.box(
            {.rect = {c.trunk - r, middle - r, 2 * r, 2 * r}, .fill = Ink::Panel, .frame = ink, .frameWidth = 1.5, .radius = r});

        // the stream after the part; in compact form only after the block
        const double barHeight = std::clamp(band.h - 6, 6.0, 14.0);
        if (upper) {
            const double v = streamOf(i);
            picture.box({.rect = stream.bar(c.stream, band.y + (band.h - barHeight) / 2, c.streamBar, barHeight, v),
                         .fill = barColour(difference, Ink::Faint, v, stream.largest),
                         .radius = 2});
        } else if (!halves) {
            const double v = streamOf(i);
            picture.box({.rect = stream.bar(c.stream, line.y + (line.h - barHeight) / 2, c.streamBar, barHeight, v),
                         .fill = barColour(difference, Ink::Faint, v, stream.largest),
                         .radius = 2});
        }
        if (upper || !halves)
            picture.label(
                {.rect = {c.stream + c.streamBar + barGap, halves ? band.y : line.y, c.numberWidth, halves ? band.h : line.h},
                 .text = printNumber(streamOf(i), 3),
                 .size = rows.compact() ? TypeSize::Small : TypeSize::Label,
                 .align = Align::Right,
                 .mono = true});
        // the addition
        const double v = addedOf(i);
        const double addHeight = halves ? line.h - 2 : barHeight;
        picture.box({.rect = added.bar(c.added, line.y + (line.h - addHeight) / 2, c.addedBar, addHeight, v),
                     .fill = barColour(difference, ink, v, added.largest),
                     .radius = halves ? 1.0 : 2.0});
        const double numberX =
            c.added + c.addedBar + barGap + (halves && row.part == StreamPart::FeedForward ? c.numberWidth : 0);
        picture.label({.rect = {numberX, halves ? band.y : line.y, c.numberWidth, halves ? band.h : line.h},
                       .text = printNumber(v, 3),
                       .size = rows.compact() ? TypeSize::Small : TypeSize::Label,
                       .align = Align::Right,
                       .colour = ink == Ink::Muted ? Colour(Ink::Text) : Colour(ink),
                       .mono = true});
        // directions
        const auto at = [&](double cos) { return c.direction + c.directionWidth * (std::clamp(cos, -1.0, 1.0) + 1) / 2; };
        if (difference) {
            if (i < input.cosAB.size() && input.cosAB[i])
                addMark(picture, at(*input.cosAB[i]), middle, true, ink, rows.compact() ? 2.25 : 3.5);
        } else {
            if (row.cosFinal) addMark(picture, at(*row.cosFinal), middle, false, ink, rows.compact() ? 2.25 : 3.5);
            if (row.cosStream) addMark(picture, at(*row.cosStream), middle, true, ink, rows.compact() ? 2.25 : 3.5);
        }
        // what can be pointed at: the addition over its line, the stream over its own column
        const std::string words = says(input, i, say);
        picture.spot({.rect = {x, line.y, width, line.h},
                      .place = {.layer = inBlock ? std::optional(row.layer) : std::nullopt,
                                .position = input.stream.position,
                                .site = row.addition},
                      .says = words,
                      .value = v});
        if (upper || !halves)
            picture.spot(
                {.rect = {c.stream, halves ? band.y : line.y, c.streamBar + barGap + c.numberWidth, halves ? band.h : line.h},
                 .place = {.layer = row.after == SiteId::Embed ? std::nullopt : std::optional(row.afterLayer),
                           .position = input.stream.position,
                           .site = row.after},
                 .says = words,
                 .value = streamOf(i)});
    }
}

}  // namespace lw
