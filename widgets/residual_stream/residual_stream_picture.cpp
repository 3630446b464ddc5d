#include "widgets/residual_stream/residual_stream_picture.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "widgets/residual_stream/attribution_chart.h"
#include "widgets/residual_stream/stream_chart.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {

constexpr double captionHeight = 24, columnHeadHeight = 17, footHeight = 34, gutter = 24;

bool hasBiasTerms(const Attribution& attribution) {
    for (const AttributionTerm& term : attribution.terms)
        if (!term.layer && term.site != SiteId::Embed && term.site != SiteId::PosEmbed) return true;
    return false;
}

void addTables(Picture& picture, const ResidualStreamInput& input) {
    DataTable table{.name = "residual_stream",
                    .columns = {"addition_norm", "stream_norm", "cos_with_stream", "cos_with_final", "stream_cos_with_final"}};
    const double none = std::numeric_limits<double>::quiet_NaN();
    if (input.streamA) table.columns.insert(table.columns.end(), {"addition_norm_A", "stream_norm_A", "cos_A_B"});
    for (std::size_t i = 0; i < input.stream.rows.size(); ++i) {
        const StreamRow& row = input.stream.rows[i];
        table.rowNames.push_back(siteName(row.addition, row.layer));
        table.rows.push_back({row.additionNorm, row.streamNorm, row.cosStream.value_or(none), row.cosFinal.value_or(none),
                              row.streamCosFinal.value_or(none)});
        if (input.streamA) {
            const StreamRow& a = input.streamA->rows[i];
            const double cos = i < input.cosAB.size() ? input.cosAB[i].value_or(none) : none;
            table.rows.back().insert(table.rows.back().end(), {a.additionNorm, a.streamNorm, cos});
        }
    }
    picture.tables.push_back(std::move(table));
    if (!input.attribution) return;
    const Attribution shown = shownAttribution(input);
    DataTable terms{.name = input.attributionA ? "direct_logit_attribution_B_minus_A" : "direct_logit_attribution",
                    .columns = {"logit"}};
    for (const AttributionTerm& term : shown.terms) {
        terms.rowNames.push_back(term.name);
        terms.rows.push_back({term.value});
    }
    picture.tables.push_back(std::move(terms));
}

// "what pushed the logit of [·Mary ▾]                [by size] [by layer]"
void addAttributionHead(Picture& picture, const ResidualStreamInput& input, Rect rect, const Say& say) {
    const bool difference = input.attributionA.has_value();
    if (!input.controls) {
        addCaption(picture, rect,
                   fill(say(QT_TRANSLATE_NOOP("ResidualStream", "what pushed the logit of “%1” (direct logit attribution)")),
                        {input.attributedPiece}));
        return;
    }
    std::vector<Pill> orders = {
        {say(QT_TRANSLATE_NOOP("ResidualStream", "by size")), "order:size", input.order == AttributionOrder::BySize,
         say(QT_TRANSLATE_NOOP("ResidualStream", "the strongest pushes first"))},
        {say(QT_TRANSLATE_NOOP("ResidualStream", "by layer")), "order:layer", input.order == AttributionOrder::ByLayer,
         say(QT_TRANSLATE_NOOP("ResidualStream", "on the rows of the layers, a cell for each head"))}};
    const double ordersWidth = pillsWidth(orders);
    const Pill token{input.attributedPiece + " ▾", "token", false,
                     say(QT_TRANSLATE_NOOP("ResidualStream", "choose whose logit is explained"))};
    std::string words = say(difference ? QT_TRANSLATE_NOOP("ResidualStream", "B − A of what pushed the logit of")
                                       : QT_TRANSLATE_NOOP("ResidualStream", "what pushed the logit of"));
    const double room = rect.w - ordersWidth - pillWidth(token) - 20;
    if (textWidth(words, TypeSize::Label, true) * 1.08 > room) words = say(QT_TRANSLATE_NOOP("ResidualStream", "logit of"));
    const double wordsWidth = std::min(room, textWidth(words, TypeSize::Label, true) * 1.08);
    if (wordsWidth > 20) addCaption(picture, {rect.x, rect.y, wordsWidth, rect.h - 2}, words);
    addPills(picture, rect.x + std::max(0.0, wordsWidth) + 6, rect.y, {token});
    addPills(picture, rect.right() - ordersWidth, rect.y, orders);
}

}  // namespace

Attribution shownAttribution(const ResidualStreamInput& input) {
    Attribution shown = *input.attribution;
    if (!input.attributionA) return shown;
    std::map<std::string, double> inA;
    for (const AttributionTerm& term : input.attributionA->terms) inA[term.name] += term.value;
    for (AttributionTerm& term : shown.terms) {
        const auto found = inA.find(term.name);
        if (found == inA.end()) continue;
        term.value -= found->second;
        inA.erase(found);
    }
    for (const AttributionTerm& term : input.attributionA->terms) {
        if (!inA.count(term.name)) continue;
        shown.terms.push_back(term);
        shown.terms.back().value = -term.value;
    }
    shown.logit -= input.attributionA->logit;
    shown.sum -= input.attributionA->sum;
    return shown;
}

std::string sumLine(const Attribution& attribution, bool difference, const Say& say) {
    return fill(say(difference ? QT_TRANSLATE_NOOP("ResidualStream", "sum of B − A %1 · of the logits %2 · difference %3")
                               : QT_TRANSLATE_NOOP("ResidualStream", "sum %1 · logit %2 · difference %3")),
                {printNumber(attribution.sum, 6), printNumber(attribution.logit, 6),
                 printNumber(std::abs(attribution.sum - attribution.logit), 2)});
}

std::pair<std::string, std::string> residualStreamTitle(const ResidualStreamInput& input, const Say& say) {
    const std::string position = std::to_string(input.stream.position.value);
    if (input.streamA)
        return {say(QT_TRANSLATE_NOOP("ResidualStream", "Residual stream, B − A")),
                fill(say(QT_TRANSLATE_NOOP("ResidualStream", "B: position %1 “%2” · %3")), {position, input.piece, input.nameA})};
    return {fill(say(QT_TRANSLATE_NOOP("ResidualStream", "Residual stream at %1 “%2”")), {position, input.piece}),
            say(QT_TRANSLATE_NOOP("ResidualStream", "what each part adds, and how that moves one logit"))};
}

Picture residualStreamPicture(const ResidualStreamInput& input, double width, double height, const Say& say) {
    Picture picture;
    const auto [title, subtitle] = residualStreamTitle(input, say);
    addHeading(picture, 0, 0, width, title, input.failure.empty() ? subtitle : input.failure);
    const double top = headingHeight;

    const double leftWidth = std::floor(std::clamp(width * (width < 760 ? 0.54 : 0.5) - gutter / 2, 290.0, 520.0));
    const double rightX = leftWidth + gutter, rightWidth = std::max(220.0, width - rightX);
    const double headBottom = top + captionHeight + columnHeadHeight;
    const bool byLayer = input.order == AttributionOrder::ByLayer;
    const bool biasRow = byLayer && input.attribution && hasBiasTerms(*input.attribution);
    const StreamRowLayout rows(input.stream.rows, biasRow, headBottom, height - headBottom - footHeight);

    // the selected layer over both halves
    if (input.place.layer) {
        const Rect band = rows.layer(*input.place.layer);
        if (band.h > 0)
            picture.box({.rect = {0, band.y, byLayer ? width : leftWidth + 6, band.h},
                         .fill = Ink::SelectedFill,
                         .frame = Ink::SelectedFrame,
                         .radius = 4});
    }
    addCaption(picture, {0, top, leftWidth, captionHeight}, say(QT_TRANSLATE_NOOP("ResidualStream", "norms and directions")));
    addStreamChart(picture, input, rows, 4, leftWidth - 4, headBottom, say);
    std::string marks = input.streamA
                            ? say(QT_TRANSLATE_NOOP("ResidualStream", "● cosine of B's addition with A's"))
                            : say(QT_TRANSLATE_NOOP("ResidualStream",
                                                    "cosine of the addition with: ● the stream it joins  ◇ the output's stream"));
    if (!input.streamA && textWidth(marks, TypeSize::Small) > leftWidth)
        marks = say(QT_TRANSLATE_NOOP("ResidualStream", "cos with: ● the stream it joins  ◇ the output's stream"));
    picture.label({.rect = {0, rows.bottom() + 16, leftWidth, 14},
                   .text = marks,
                   .size = TypeSize::Small,
                   .align = Align::Right,
                   .colour = Ink::Muted});

    double bottom = rows.bottom();
    if (input.attribution) {
        addAttributionHead(picture, input, {rightX, top, rightWidth, captionHeight}, say);
        double sumTop = bottom + 16;
        if (byLayer) {
            addAttributionByLayer(picture, input, rows, rightX, rightWidth, headBottom, say);
        } else {
            const double areaTop = top + captionHeight + 4;
            const double areaBottom = std::max(areaTop + 160, height - footHeight);
            sumTop = addAttributionBySize(picture, input, {rightX, areaTop, rightWidth, areaBottom - areaTop}, say) + 5;
            picture.stroke({.points = {{rightX, sumTop - 3}, {rightX + rightWidth, sumTop - 3}}, .colour = Ink::Line});
            bottom = std::max(bottom, sumTop - 16);
        }
        const Attribution shown = shownAttribution(input);
        const std::string line = sumLine(shown, input.attributionA.has_value(), say);
        const Rect rect{rightX, sumTop, rightWidth - (byLayer ? 0 : 6), 15};
        picture.label({.rect = rect,
                       .text = line,
                       .size = TypeSize::Small,
                       .align = byLayer ? Align::Left : Align::Right,
                       .colour = Ink::Text,
                       .bold = true});
        picture.spot({.rect = rect,
                      .place = {.position = shown.position, .unit = Unit(shown.token), .site = SiteId::Logits},
                      .says = line,
                      .value = shown.logit});
    } else {
        picture.label({.rect = {rightX, top + 60, rightWidth, 20}, .text = input.note, .colour = Ink::Muted});
    }
    picture.width = width;
    picture.height = bottom + footHeight;
    addTables(picture, input);
    return picture;
}

}  // namespace lw
