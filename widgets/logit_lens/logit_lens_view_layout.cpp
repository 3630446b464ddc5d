// The logit lens view's arrangement: the table, and beside it (or below, where it is narrow) one cell in full and the curve.
#include <QResizeEvent>

#include <algorithm>
#include <cmath>

#include "widgets/logit_lens/logit_lens_view.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"

namespace lw {

namespace {
constexpr int margin = 14, gutter = 16;
constexpr double panelWidth = 214, roomyHeight = 470, curveHeadHeight = pillHeight + 20;
}  // namespace

bool LogitLensView::beside() const { return width() / scale() >= 640; }

int LogitLensView::columnsShown() const { return lensColumnsThatFit(m_table->availableWidth(), shown()->pieces); }

std::vector<int> LogitLensView::rowsShown() const {
    return lensRowsThatFit(static_cast<int>(m_columns->rows().size()), m_table->availableHeight(), row(), m_allRows, m_firstRow);
}

void LogitLensView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    arrange();
    if (!sentence().empty()) return draw();
    followPlace();
    request();
}

void LogitLensView::arrange() {
    const double s = scale();
    const auto px = [s](double units) { return static_cast<int>(std::lround(units * s)); };
    const bool empty = !sentence().empty();
    m_empty->setVisible(empty);
    const double width = this->width() / s, height = this->height() / s;
    // Small (one of four panes): the table alone; the inspector shows the cell.
    const bool narrow = width < 520, panelShown = !empty && (beside() || height >= 340);
    for (QWidget* w : {static_cast<QWidget*>(m_controls), static_cast<QWidget*>(m_table)}) w->setVisible(!empty);
    for (QWidget* w : {static_cast<QWidget*>(m_heading), static_cast<QWidget*>(m_field)}) w->setVisible(!empty && !narrow);
    for (QWidget* w : {static_cast<QWidget*>(m_cell), static_cast<QWidget*>(m_curveHead), static_cast<QWidget*>(m_chart)})
        w->setVisible(panelShown);
    m_busy->setGeometry(0, 0, this->width(), m_busy->sizeHint().height());
    m_busy->raise();
    if (empty) {
        m_across->hide();
        m_down->hide();
        m_empty->set(QString::fromStdString(sentence()));
        m_empty->setGeometry(rect());
        return;
    }
    const bool roomy = !narrow && height >= roomyHeight;
    double y = roomy ? 10 : 6;
    const double inner = width - 2 * margin;
    const double titleWidth = roomy ? inner : narrow ? 0 : 112;
    m_heading->setGeometry(px(margin), px(y), px(titleWidth), px(headingHeight));
    if (roomy) y += headingHeight + 2;
    const double fieldWidth = narrow ? 0 : 130;
    const double controlsLeft = roomy ? margin : margin + titleWidth;
    m_controls->setGeometry(px(controlsLeft), px(y), px(width - margin - controlsLeft - fieldWidth - 8), px(pillHeight + 4));
    m_field->setGeometry(px(width - margin - fieldWidth), px(y), px(fieldWidth), px(pillHeight + 3));
    m_field->setFont(services().look->font(TypeSize::Label, false, false));
    y += pillHeight + 10;
    const double bottom = height - 8;
    double tableWidth = inner, tableHeight = bottom - y;
    if (beside()) {
        const double panel = std::clamp(width * 0.29, 200.0, panelWidth);
        tableWidth = inner - panel - gutter;
        const double x = margin + tableWidth + gutter;
        const double chartHeight = std::clamp((bottom - y) * 0.4, 130.0, 230.0);
        m_cell->setGeometry(px(x), px(y), px(panel), px(bottom - y - chartHeight - curveHeadHeight - 4));
        m_curveHead->setGeometry(px(x), px(bottom - chartHeight - curveHeadHeight), px(panel), px(curveHeadHeight));
        m_chart->setGeometry(px(x) - 4, px(bottom - chartHeight), px(panel) + 4, px(chartHeight));
    } else if (panelShown) {
        const double panel = std::clamp((bottom - y) * 0.42, 120.0, 190.0), half = (inner - gutter) / 2, top = bottom - panel;
        tableHeight -= panel + 8;
        m_cell->setGeometry(px(margin), px(top), px(half), px(panel));
        m_curveHead->setGeometry(px(margin + half + gutter), px(top), px(half), px(curveHeadHeight));
        m_chart->setGeometry(px(margin + half + gutter), px(top + curveHeadHeight), px(half), px(panel - curveHeadHeight));
    }
    // The bars stand where the table would be cut.
    const int bar = m_across->sizeHint().height();
    m_table->setGeometry(px(margin), px(y), px(tableWidth), px(tableHeight));
    const bool wide = columnsShown() < shown()->trace->length();
    const bool tall = m_allRows && static_cast<int>(m_columns->rows().size()) >
                                       lensRowsCapacity(m_table->availableHeight() - (wide ? bar / s : 0));
    m_table->setGeometry(px(margin), px(y), px(tableWidth) - (tall ? bar : 0), px(tableHeight) - (wide ? bar : 0));
    m_across->setVisible(wide);
    m_down->setVisible(tall);
    m_across->setGeometry(m_table->x(), m_table->geometry().bottom() + 1, m_table->width(), bar);
    m_down->setGeometry(m_table->geometry().right() + 1, m_table->y(), bar, m_table->height());
}

void LogitLensView::updateScrollBars() {
    const auto set = [](QScrollBar* bar, int most, int page, int value) {
        const QSignalBlocker quiet(bar);
        bar->setRange(0, std::max(0, most - page));
        bar->setPageStep(page);
        bar->setSingleStep(std::max(1, page / 8));
        bar->setValue(value);
    };
    set(m_across, shown()->trace->length(), columnsShown(), m_firstPosition);
    set(m_down, static_cast<int>(m_columns->rows().size()), lensRowsCapacity(m_table->availableHeight()), m_firstRow);
}

}  // namespace lw
