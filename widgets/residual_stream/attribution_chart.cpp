#include "widgets/residual_stream/attribution_chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/residual_stream/stream_chart.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {

constexpr double lineHeight = 18, inset = 6;  // inset: of the numbers from the right end of a selected row's frame

std::string numberOf(double value) { return printNumber(value, 3); }

double widthOf(double value) { return textWidth(numberOf(value), TypeSize::Label, false, true); }

Ink inkOf(const AttributionTerm& term) {
    if (term.head) return Ink::Attention;
    if (term.site == SiteId::MixerOut) return Ink::Recurrent;
    if (term.layer) return term.site == SiteId::MlpOut ? Ink::FeedForward : Ink::Attention;
    return Ink::Muted;
}

Locus placeOf(const AttributionTerm& term, Position position) {
    return {.layer = term.layer, .head = term.head, .position = position, .site = term.site};
}

std::string says(const ResidualStreamInput& input, const std::string& name, double value, const Say& say) {
    return fill(
        say(input.attributionA ? QT_TRANSLATE_NOOP("ResidualStream", "%1 pushes the logit of “%2” by %3 more in B than in A")
                               : QT_TRANSLATE_NOOP("ResidualStream", "%1 pushes the logit of “%2” by %3")),
        {name, input.attributedPiece, printNumber(value)});
}

// The zero line and the length of a unit so that every value fits from left to right.
struct SignedAxis {
    double zero = 0, unit = 0;
    SignedAxis(double left, double width, double lowest, double highest) {
        const double low = std::min(0.0, lowest), high = std::max(0.0, highest), span = high - low;
        unit = span > 0 ? width / span : 0;
        zero = left - low * unit;
    }
};

bool isSelected(const Locus& place, const AttributionTerm& term) {
    return place.layer && place.layer == term.layer &&
           ((term.head && place.head == term.head) || (!term.head && place.site == term.site && !place.head));
}

}  // namespace

double addAttributionBySize(Picture& picture, const ResidualStreamInput& input, Rect area, const Say& say) {
    const Attribution shown = shownAttribution(input);
    std::vector<AttributionTerm> terms = shown.terms;
    std::stable_sort(terms.begin(), terms.end(),
                     [](const auto& a, const auto& b) { return std::abs(a.value) > std::abs(b.value); });
    const auto lines = static_cast<std::size_t>(std::max(3.0, std::floor(area.h / lineHeight)));
    const std::size_t drawn = terms.size() <= lines ? terms.size() : lines - 1;
    double rest = 0, lowest = 0, highest = 0;
    for (std::size_t i = drawn; i < terms.size(); ++i) rest += terms[i].value;
    const std::string restName =
        "… " + fill(say(QT_TRANSLATE_NOOP("ResidualStream", "%1 more")), {std::to_string(terms.size() - drawn)});
    double nameWidth = drawn < terms.size() ? textWidth(restName, TypeSize::Label) + 12 : 60;
    double numberWidth = std::max(48.0, widthOf(rest));
    for (std::size_t i = 0; i < drawn; ++i) {
        lowest = std::min(lowest, terms[i].value);
        highest = std::max(highest, terms[i].value);
        nameWidth = std::max(nameWidth, textWidth(terms[i].name, TypeSize::Label) + 4);
        numberWidth = std::max(numberWidth, widthOf(terms[i].value));
    }
    lowest = std::min(lowest, rest);
    highest = std::max(highest, rest);
    nameWidth = std::min(nameWidth, 100.0);
    const double left = area.x + nameWidth + 8;
    const double barRoom = area.w - nameWidth - 8 - numberWidth - 4 - inset;
    const SignedAxis axis(left, barRoom, lowest, highest);
    const double height = lineHeight * static_cast<double>(drawn + (drawn < terms.size() ? 1 : 0));
    picture.stroke({.points = {{axis.zero, area.y}, {axis.zero, area.y + height}}, .colour = Ink::Line});
    for (std::size_t i = 0; i < drawn; ++i) {
        const AttributionTerm& term = terms[i];
        const Rect line{area.x, area.y + lineHeight * static_cast<double>(i), area.w, lineHeight};
        if (isSelected(input.place, term))
            picture.box({.rect = {line.x - 4, line.y + 0.5, line.w + 4, line.h - 1},
                         .fill = Ink::SelectedFill,
                         .frame = Ink::SelectedFrame,
                         .radius = 4});
        const Ink ink = inkOf(term);
        picture.label({.rect = {line.x, line.y, nameWidth, line.h},
                       .text = term.name,
                       .size = TypeSize::Label,
                       .colour = ink,
                       .bold = isSelected(input.place, term)});
        picture.box({.rect = signedBar(axis.zero, line.y + 4, line.h - 8, term.value, axis.unit), .fill = ink, .radius = 2});
        picture.label({.rect = {line.right() - inset - numberWidth, line.y, numberWidth, line.h},
                       .text = numberOf(term.value),
                       .size = TypeSize::Label,
                       .align = Align::Right,
                       .mono = true});
        picture.spot({.rect = line,
                      .place = placeOf(term, shown.position),
                      .says = says(input, term.name, term.value, say),
                      .value = term.value});
    }
    if (drawn < terms.size()) {
        const Rect line{area.x, area.y + lineHeight * static_cast<double>(drawn), area.w, lineHeight};
        const std::string name =
            fill(say(QT_TRANSLATE_NOOP("ResidualStream", "%1 more")), {std::to_string(terms.size() - drawn)});
        picture.label(
            {.rect = {line.x, line.y, nameWidth, line.h}, .text = restName, .size = TypeSize::Label, .colour = Ink::Muted});
        picture.box({.rect = signedBar(axis.zero, line.y + 4, line.h - 8, rest, axis.unit), .fill = Ink::Faint, .radius = 2});
        picture.label({.rect = {line.right() - inset - numberWidth, line.y, numberWidth, line.h},
                       .text = numberOf(rest),
                       .size = TypeSize::Label,
                       .align = Align::Right,
                       .mono = true});
        picture.spot(
            {.rect = line, .place = {.position = shown.position}, .says = says(input, restName, rest, say), .value = rest});
    }
    return area.y + height;
}

void addAttributionByLayer(Picture& picture, const ResidualStreamInput& input, const StreamRowLayout& rows, double x,
                           double width, double headBottom, const Say& say) {
    const Attribution shown = shownAttribution(input);
    const auto& facts = input.stream.rows;
    // which row a term belongs to; facts.size() = the line above everything
    const auto rowOf = [&](const AttributionTerm& term) {
        for (std::size_t i = 0; i < facts.size(); ++i) {
            const StreamRow& row = facts[i];
            const bool inBlock = row.part == StreamPart::Attention || row.part == StreamPart::FeedForward;
            if (term.layer ? inBlock && row.layer == *term.layer &&
                                 (row.part == StreamPart::FeedForward) == (term.site == SiteId::MlpOut)
                           : !inBlock && row.addition == term.site)
                return i;
        }
        return facts.size();
    };
    std::vector<double> sums(facts.size() + 1, 0.0);
    std::vector<std::vector<std::string>> names(facts.size() + 1);
    int heads = 0;
    double largestCell = 0;
    for (const AttributionTerm& term : shown.terms) {
        const std::size_t row = rowOf(term);
        sums[row] += term.value;
        names[row].push_back(term.name);
        if (term.head) {
            heads = std::max(heads, term.head->value + 1);
            largestCell = std::max(largestCell, std::abs(term.value));
        }
    }
    double numberWidth = 48;
    for (const double sum : sums) numberWidth = std::max(numberWidth, widthOf(sum));
    const double cellsRoom = width * 0.5;
    const double cell = heads > 0 ? std::clamp(std::floor(cellsRoom / heads), 4.0, 26.0) : 0;
    const double cellsLeft = x + width - cell * heads;
    const double barLeft = x, barRoom = cellsLeft - 12 - numberWidth - barLeft;
    const SignedAxis axis(barLeft, barRoom, *std::min_element(sums.begin(), sums.end()),
                          *std::max_element(sums.begin(), sums.end()));

    const auto head = [&](double left, double w, const std::string& text) {
        picture.label({.rect = {left, headBottom - 15, w, 14}, .text = text, .size = TypeSize::Small, .colour = Ink::Muted});
    };
    head(barLeft, barRoom + numberWidth, say(QT_TRANSLATE_NOOP("ResidualStream", "whole part, logits")));
    if (heads > 0)
        head(cellsLeft, cell * heads, fill(say(QT_TRANSLATE_NOOP("ResidualStream", "heads 0–%1")), {std::to_string(heads - 1)}));
    picture.stroke({.points = {{axis.zero, headBottom}, {axis.zero, rows.bottom()}}, .colour = Ink::Line});

    for (std::size_t i = 0; i <= facts.size(); ++i) {
        if (names[i].empty()) continue;
        const bool top = i == facts.size();
        Rect line = top ? rows.biasRow() : rows.row(i);
        line.x = barLeft;
        line.w = barRoom + 4 + numberWidth;
        const bool inBlock = !top && (facts[i].part == StreamPart::Attention || facts[i].part == StreamPart::FeedForward);
        const bool halves = rows.compact() && inBlock;
        const Ink ink = top ? Ink::Muted : inkOf(facts[i]);
        const double barHeight = halves ? line.h - 2 : std::clamp(line.h - 6, 5.0, 14.0);
        picture.box({.rect = signedBar(axis.zero, line.y + (line.h - barHeight) / 2, barHeight, sums[i], axis.unit),
                     .fill = ink,
                     .radius = halves ? 1.0 : 2.0});
        std::string name = names[i].size() == 1 ? names[i].front() : std::string();
        if (name.empty() && inBlock) name = nameOf(facts[i], say);
        for (std::size_t n = 0; top && names[i].size() > 1 && n < names[i].size(); ++n) name += (n ? " + " : "") + names[i][n];
        picture.spot({.rect = line,
                      .place = {.layer = inBlock ? std::optional(facts[i].layer) : std::nullopt,
                                .position = shown.position,
                                .site = top ? std::optional<SiteId>() : std::optional(facts[i].addition)},
                      .says = says(input, name, sums[i], say),
                      .value = sums[i]});
        // compact: one number a layer, the sum of both halves
        double number = sums[i];
        Rect at = line;
        if (halves) {
            if (facts[i].part == StreamPart::Attention) continue;
            at = rows.band(i);
            number += i > 0 ? sums[i - 1] : 0;
        }
        picture.label({.rect = {barLeft + barRoom + 4, at.y, numberWidth, at.h},
                       .text = printNumber(number, 3),
                       .size = rows.compact() ? TypeSize::Small : TypeSize::Label,
                       .align = Align::Right,
                       .mono = true});
        if (top)
            picture.label(
                {.rect = {cellsLeft, at.y, cell * heads, at.h}, .text = name, .size = TypeSize::Small, .colour = Ink::Muted});
    }
    // the heads, one cell each, one scale
    for (const AttributionTerm& term : shown.terms) {
        if (!term.head) continue;
        const std::size_t row = rowOf(term);
        const Rect band = row < facts.size() ? rows.band(row) : rows.biasRow();
        const double gap = cell >= 5 ? 1 : 0;
        const double h = std::min(band.h - gap, 22.0);
        const Rect rect{cellsLeft + cell * term.head->value, band.y + (band.h - h) / 2, cell - gap, h};
        const double v = largestCell > 0 ? term.value / largestCell : 0;
        const Colour colour = Colour::mapped(ColourMap::Diverging, v);
        picture.box({.rect = rect,
                     .fill = colour,
                     .frame = isSelected(input.place, term) ? Colour(Ink::SelectedFrame)
                              : std::abs(v) < 0.02          ? Colour(Ink::Grid)
                                                            : Colour(),
                     .frameWidth = isSelected(input.place, term) ? 2.0 : 1.0,
                     .radius = 2});
        picture.spot({.rect = {rect.x, band.y, cell, band.h},
                      .place = placeOf(term, shown.position),
                      .says = says(input, term.name, term.value, say),
                      .value = term.value});
    }
    if (heads > 0)
        addDivergingLegend(picture, cellsLeft, rows.bottom() + 2, std::max(cell * heads, 90.0), printNumber(-largestCell, 3),
                           std::string("+").append(printNumber(largestCell, 3)));
}

}  // namespace lw
