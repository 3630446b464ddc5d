#include "app/window/surface.h"

#include <QPainter>

namespace lw {

void Surface::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), m_look->palette.of(m_fill));
    const QColor line = m_look->palette.of(Ink::Line);
    if (m_lines & Qt::TopEdge) painter.fillRect(0, 0, width(), 1, line);
    if (m_lines & Qt::BottomEdge) painter.fillRect(0, height() - 1, width(), 1, line);
}

}  // namespace lw
