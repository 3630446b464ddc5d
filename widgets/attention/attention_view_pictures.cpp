// What the attention view draws, from the facts of the head it shows.
#include <algorithm>
#include <cmath>

#include "widgets/attention/attention_view.h"
#include "widgets/attention/attention_words.h"
#include "widgets/attention/row_arithmetic_picture.h"
#include "widgets/attention/shaded_text_picture.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/place_picture.h"

namespace lw {

namespace {
constexpr int margin = 14, gutter = 20;
constexpr double roomyHeight = 470;
}  // namespace

Picture AttentionView::headingPicture(double width, bool roomy) const {
    Picture picture;
    picture.width = width;
    picture.height = headingHeight;
    if (const std::string why = sentence(); !why.empty() && !m_facts) {
        picture.height = 90;
        addHeading(picture, margin, 10, width - 2 * margin, attentionWords(QT_TRANSLATE_NOOP("Attention", "Attention")), "");
        picture.label({.rect = {margin, 50, width - 2 * margin, 24}, .text = why, .colour = Ink::Muted});
        picture.subtitle = why;
        return picture;
    }
    const auto s = shows();
    if (!s) return picture;
    std::string title = fill(attentionWords(QT_TRANSLATE_NOOP("Attention", "Layer %1, head %2")),
                             {std::to_string(s->head.layer.value), std::to_string(s->head.head.value)});
    std::string subtitle;
    if (difference()) {
        const auto minus = subtrahend(*s);
        const bool rows = minus && sameHead(*minus, *s);
        title += rows ? attentionWords(QT_TRANSLATE_NOOP("Attention", ": row B − row A"))
                      : attentionWords(QT_TRANSLATE_NOOP("Attention", ": B − A"));
        subtitle =
            minus
                ? fill(attentionWords(QT_TRANSLATE_NOOP("Attention", "%3 (its layer %1, head %2), aligned from the first token")),
                       {std::to_string(minus->place.layer.value), std::to_string(minus->place.head.value), difference()->name})
                : attentionWords(QT_TRANSLATE_NOOP("Attention", "A has no such head: B alone is shown"));
    } else if (const HeadScores* scores = m_grid->scores(s->head)) {
        subtitle = headSentence(*scores, shown()->unit, attentionWords);
    } else {
        subtitle = attentionWords(QT_TRANSLATE_NOOP("Attention", "each row: how a query shares its attention over the keys"));
    }
    addHeading(picture, 0, 0, width, title, roomy ? subtitle : std::string());
    picture.subtitle = subtitle;
    return picture;
}

void AttentionView::drawHeading() {
    m_heading->setPicture(
        headingPicture(m_heading->availableWidth(), height() / scale() >= roomyHeight || width() / scale() < 520));
}

HeadMatrixInput AttentionView::matrixInput(double width, double height) const {
    HeadMatrixInput in;
    in.tile = m_facts->tile.get();
    in.pieces = shown()->pieces;
    in.width = width;
    in.height = height;
    in.say = attentionWords;
    if (const auto s = shows()) {
        in.query = s->query;
        in.key = s->key;
        if (const auto minus = subtrahend(*s); minus && sameHead(*minus, *s)) in.otherQuery = subtrahendQuery(*s);
    }
    in.window = m_facts->trace->model().blocks[static_cast<std::size_t>(m_facts->place.layer.value)].attention.window;
    in.step = rowsOfStep(*m_facts->trace, services().selection ? services().selection->current().step : std::nullopt);
    return in;
}

void AttentionView::draw() {
    drawHeading();
    if (!m_facts) return;
    drawMatrix();
    drawRow();
    m_large->setStale(m_job.running() && m_facts->trace != shown()->trace);
    m_row->setStale(m_job.running() && m_facts->trace != shown()->trace);
}

void AttentionView::drawMatrix() {
    if (!m_facts || !m_facts->tile || m_facts->trace != shown()->trace) return;
    if (m_facts->form != AttentionForm::Cells) {
        const auto s = shows();
        ShadedTextInput in;
        in.place = m_facts->place;
        in.shade = m_facts->form == AttentionForm::Reads ? TextShade::Reads : TextShade::ReadBy;
        in.pieces = shown()->pieces;
        in.weights = m_facts->shade;
        in.difference = m_facts->row.difference;
        in.query = m_facts->row.query;
        in.key = m_facts->form == AttentionForm::ReadBy ? m_facts->shadedBy : s && s->key ? *s->key : -1;
        in.promptLength = shown()->promptLength;
        in.width = m_large->availableWidth();
        in.say = attentionWords;
        m_large->setPicture(shadedTextPicture(in));
        return;
    }
    HeadMatrixInput in = matrixInput(m_large->availableWidth(), m_large->availableHeight());
    const Locus hover = services().selection ? services().selection->hover() : Locus{};
    if (hover.position) in.hoverQuery = hover.position->value;
    if (hover.key) in.hoverKey = hover.key->value;
    Picture picture = headMatrixPicture(in);
    if (in.hoverQuery && *in.hoverQuery >= 0 && *in.hoverQuery < m_facts->trace->length()) {
        const RowVector row = m_facts->trace->patternRow(m_facts->place.layer, m_facts->place.head, Position(*in.hoverQuery));
        addReadingLines(picture, in, {row.data(), static_cast<std::size_t>(row.size())});
    }
    m_large->setPicture(std::move(picture));
}

void AttentionView::drawRow() {
    if (m_facts->trace != shown()->trace) return;
    RowArithmeticInput in;
    in.row = &m_facts->row;
    in.values = m_facts->values && m_unfolded ? &*m_facts->values : nullptr;
    in.pieces = shown()->pieces;
    if (const auto s = shows()) in.key = s->key;
    in.width = m_row->availableWidth();
    in.mostTerms = m_terms;
    in.say = attentionWords;
    m_row->setPicture(rowArithmeticPicture(in));
}

Picture AttentionView::exportPicture() const {
    if (!m_facts || !m_facts->tile || !shown() || m_facts->trace != shown()->trace)
        return headingPicture(width() / scale(), true);
    constexpr double left = 320, large = 620;
    Picture picture;
    placePicture(picture, headingPicture(left + gutter + large, true), margin, 10);
    const double top = 10 + headingHeight + 4;
    Picture caption;
    addCaption(caption, {0, 0, left, 20}, attentionWords(QT_TRANSLATE_NOOP("Attention", "all heads")) + " · " + m_grid->note());
    placePicture(picture, std::move(caption), margin, top);
    Picture grid = headGridPicture(m_grid->input(left, 4000));
    const double gridHeight = grid.height;
    placePicture(picture, std::move(grid), margin, top + 22);
    RowArithmeticInput row;
    row.row = &m_facts->row;
    row.values = m_facts->values && m_unfolded ? &*m_facts->values : nullptr;
    row.pieces = shown()->pieces;
    const auto s = shows();
    if (s) row.key = s->key;
    row.width = left;
    row.mostTerms = 16;
    row.say = attentionWords;
    placePicture(picture, rowArithmeticPicture(row), margin, top + 22 + gridHeight + 12);
    if (m_facts->form == AttentionForm::Cells) {
        HeadMatrixInput in = matrixInput(large, large);
        // The whole text, not only the part in sight; pooled where it is very long.
        HeadTile whole;
        const int length = m_facts->trace->length();
        if (m_facts->tile->request.queries < length || m_facts->tile->request.pool > 1) {
            TileRequest all = m_facts->tile->request;
            all.firstQuery = all.firstKey = 0;
            all.queries = all.keys = length;
            all.pool = (length + 1023) / 1024;
            if (auto tile = headTile(*m_facts->trace, all)) {
                whole = std::move(*tile);
                in.tile = &whole;
            }
        }
        placePicture(picture, headMatrixPicture(in), margin + left + gutter, top);
    } else {
        placePicture(picture, Picture(m_large->picture()), margin + left + gutter, top);
    }
    const Picture heading = headingPicture(left + gutter + large, true);
    picture.title = heading.title;
    picture.subtitle = heading.subtitle;
    picture.width += margin;
    picture.height += margin;
    return picture;
}

}  // namespace lw
