// The attention view's arrangement: heading and switches on top, grid and row arithmetic on the left, the large picture on the
// right.
#include <QResizeEvent>

#include <algorithm>
#include <cmath>

#include "widgets/attention/attention_view.h"
#include "widgets/attention/attention_words.h"
#include "widgets/attention/row_arithmetic_picture.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/text_width.h"

namespace lw {

namespace {
constexpr int margin = 14, gutter = 20;
constexpr double headingRow = headingHeight, controlRow = pillHeight + 4;
}  // namespace

int AttentionView::sideShown() const {
    const int length = shown()->trace->length();
    const int side = m_side > 0 ? m_side : positionsThatFit(m_large->availableWidth(), m_large->availableHeight(), length);
    return std::clamp(side, 1, length);
}

int AttentionView::poolFor(int positions) const {
    const double pixels = std::max(60.0, std::min(m_large->availableWidth() - 100, m_large->availableHeight() - 90));
    return std::max(1, static_cast<int>(std::ceil(positions / pixels)));
}

void AttentionView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    arrange();
    if (!shows()) return draw();
    // What is already computed is drawn for the new size at once; another window of positions is asked for.
    draw();
    if (m_facts && m_facts->tile && !sameTile(m_facts->tile->request, tileRequest(*shows()))) request();
}

void AttentionView::arrange() {
    const double s = scale();
    const auto px = [s](double units) { return static_cast<int>(std::lround(units * s)); };
    const bool empty = !shows() || (!m_error.empty() && !m_facts);
    const double width = this->width() / s, height = this->height() / s;
    // Narrow (one of four panes): the large picture alone, with the arithmetic under it where there is room.
    const bool narrow = width < 520, rowShown = !empty && (!narrow || height >= 480);
    for (QWidget* w : {static_cast<QWidget*>(m_controls), static_cast<QWidget*>(m_large)}) w->setVisible(!empty);
    for (QWidget* w : {static_cast<QWidget*>(m_grid->head()), static_cast<QWidget*>(m_grid->grid())})
        w->setVisible(!empty && !narrow);
    m_row->setVisible(rowShown);
    m_heading->setVisible(!empty);
    m_empty->setVisible(empty);
    if (empty) {
        m_across->hide();
        m_down->hide();
        m_empty->set(QString::fromStdString(sentence()));
        m_empty->setGeometry(rect());
        return;
    }
    m_large->setVerticalScrollBarPolicy(m_form == AttentionForm::Cells ? Qt::ScrollBarAlwaysOff : Qt::ScrollBarAsNeeded);
    const double left = narrow ? width - 2 * margin : std::clamp(width * 0.36, width < 640 ? 236.0 : 268.0, 420.0);
    const double right = narrow ? left : width - 2 * margin - gutter - left;
    const bool roomy = narrow || height >= 470;
    // Roomy: a heading over both columns. Else the switches share the heading's row.
    ControlsInput controls;
    controls.quantity = m_quantity;
    controls.form = m_form;
    controls.canWeighValues = shown()->trace->model().has(SiteId::V);
    controls.say = attentionWords;
    const double title = textWidth(headingPicture(width, false).title, TypeSize::Title, true) + 4;
    const double controlsRoom =
        roomy ? right : std::max(right, std::min(controlsWidth(controls) + 66, width - 2 * margin - title - 8));
    const double headingWidth = roomy ? width - 2 * margin : width - 2 * margin - controlsRoom - 8;
    double y = roomy && !narrow ? 10 : 6;
    m_heading->setGeometry(px(margin), px(y), px(headingWidth), px(headingRow));
    if (roomy) y += headingRow + 2;
    const double x2 = narrow ? margin : margin + left + gutter;
    m_controls->setGeometry(px(width - margin - controlsRoom), px(y), px(controlsRoom), px(controlRow));
    if (!roomy) y += headingRow;
    const double gridTop = y + m_grid->headHeight();
    double bottom = height - 8;
    const double largeTop = roomy ? y + controlRow + 2 : y;
    // The row's arithmetic has its few lines in any case; the grid takes what it needs of the rest; more lines fill up.
    const int fewest = height < 420 ? 3 : 4;
    const double least = rowArithmeticHeight(fewest, m_unfolded);
    double rowTop = bottom - least;
    if (!narrow) {
        m_grid->head()->setGeometry(px(margin), px(y), px(left), px(m_grid->headHeight()));
        const double room = std::max(70.0, bottom - gridTop - least - 8);
        const double gridWidth = left - m_grid->grid()->verticalScrollBar()->sizeHint().width() / s;
        const double taken = std::min(room, m_grid->layOut(gridWidth, room));
        m_grid->grid()->setGeometry(px(margin), px(gridTop), px(left), px(std::max(taken + 2, 40.0)));
        m_grid->showSelected();
        rowTop = gridTop + taken + 8;
    }
    if (rowShown) {
        const double rowRoom = bottom - rowTop, line = m_unfolded ? 34 : 18;
        m_terms = std::max(fewest, fewest + static_cast<int>((rowRoom - least) / line));
        m_row->setVerticalScrollBarPolicy(least > rowRoom + 1 ? Qt::ScrollBarAsNeeded : Qt::ScrollBarAlwaysOff);
        m_row->setGeometry(px(margin), px(rowTop), px(left), px(std::max(40.0, rowRoom)));
        if (narrow) bottom = rowTop - 8;
    }
    const int bar = m_across->sizeHint().height();
    const bool bars = m_form == AttentionForm::Cells && sideShown() < shown()->trace->length();
    m_large->setGeometry(px(x2), px(largeTop), px(right) - (bars ? bar : 0), px(bottom - largeTop) - (bars ? bar : 0));
    m_across->setVisible(bars);
    m_down->setVisible(bars);
    if (bars) {
        m_across->setGeometry(m_large->x(), m_large->geometry().bottom() + 1, m_large->width(), bar);
        m_down->setGeometry(m_large->geometry().right() + 1, m_large->y(), bar, m_large->height());
    }
    controls.zoomable = bars || m_side > 0 || shown()->trace->length() > 24;
    controls.width = m_controls->availableWidth();
    m_controls->setPicture(controlsPicture(controls));
}

void AttentionView::updateScrollBars() {
    const int length = shown()->trace->length(), side = sideShown();
    for (QScrollBar* bar : {m_across, m_down}) {
        const QSignalBlocker quiet(bar);
        bar->setRange(0, std::max(0, length - side));
        bar->setPageStep(side);
        bar->setSingleStep(std::max(1, side / 8));
        bar->setValue(bar == m_across ? m_firstKey : m_firstQuery);
    }
}

}  // namespace lw
