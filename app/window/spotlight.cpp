#include "app/window/spotlight.h"

#include <QApplication>
#include <QMouseEvent>
#include <QPainter>

namespace lw {

namespace {

constexpr int radius = 34, ring = 4;

}  // namespace

Spotlight::Spotlight(const Look* look, QWidget* window) : QWidget(window), m_look(look) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAttribute(Qt::WA_NoSystemBackground);
    setFocusPolicy(Qt::NoFocus);
    hide();
}

void Spotlight::setOn(bool on) {
    if (on == isVisible()) return;
    setVisible(on);
    if (on) {
        setGeometry(parentWidget()->rect());
        raise();
        qApp->installEventFilter(this);
    } else {
        qApp->removeEventFilter(this);
    }
}

QRect Spotlight::around(QPoint point) const {
    return QRect(point, QSize()).adjusted(-radius - ring, -radius - ring, radius + ring, radius + ring);
}

bool Spotlight::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::MouseMove || event->type() == QEvent::HoverMove) {
        const QPoint at = mapFromGlobal(QCursor::pos());
        if (at != m_at) {
            update(around(m_at));
            m_at = at;
            update(around(m_at));
        }
    } else if (watched == parentWidget() && event->type() == QEvent::Resize) {
        setGeometry(parentWidget()->rect());
    }
    return false;
}

void Spotlight::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor fill = m_look->palette.of(Ink::SelectedFrame);
    painter.setPen(QPen(fill, ring));
    fill.setAlphaF(0.12f);
    painter.setBrush(fill);
    painter.drawEllipse(m_at, radius, radius);
}

}  // namespace lw
