#include "widgets/shared/busy_line.h"

#include <QPainter>
#include <QToolButton>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace lw {

using namespace std::chrono_literals;

BusyLine::BusyLine(const Look* look, QWidget* parent) : QWidget(parent), m_look(look), m_cancel(new QToolButton(this)) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Progress"));
    m_cancel->setText(tr("Cancel"));
    m_cancel->setAccessibleName(tr("Cancel what is running"));
    m_cancel->hide();
    m_show.setSingleShot(true);
    m_show.setInterval(150ms);
    m_offerCancel.setSingleShot(true);
    m_offerCancel.setInterval(1s);
    m_move.setInterval(40ms);
    connect(&m_show, &QTimer::timeout, this, [this] {
        m_showing = true;
        if (m_look->animate) m_move.start();
        update();
    });
    connect(&m_offerCancel, &QTimer::timeout, this, [this] {
        m_cancel->show();
        updateGeometry();
        update();
    });
    connect(&m_move, &QTimer::timeout, this, [this] {
        if (m_fraction < 0) update();
    });
    connect(m_cancel, &QToolButton::clicked, this, &BusyLine::cancelRequested);
}

void BusyLine::follow(LatestJobBase* job) {
    connect(job, &LatestJobBase::started, this, &BusyLine::begin);
    connect(job, &LatestJobBase::progress, this, &BusyLine::setProgress);
    connect(job, &LatestJobBase::finished, this, &BusyLine::end);
    connect(this, &BusyLine::cancelRequested, job, &LatestJobBase::cancel);
}

void BusyLine::begin() {
    m_fraction = -1;
    m_since.start();
    // A newer job that takes the place of a running one must not make the line blink.
    if (!m_showing && !m_show.isActive()) {
        m_show.start();
        m_offerCancel.start();
    }
}

void BusyLine::setProgress(double fraction, const QString& what) {
    m_fraction = fraction < 0 ? -1 : std::min(1.0, fraction);
    if (what != m_what) {
        m_what = what;
        setAccessibleDescription(what);
        Q_EMIT whatChanged(what);
    }
    if (m_showing) update();
}

void BusyLine::end() {
    m_show.stop();
    m_offerCancel.stop();
    m_move.stop();
    m_cancel->hide();
    m_showing = false;
    m_what.clear();
    Q_EMIT whatChanged({});
    updateGeometry();
    update();
}

QSize BusyLine::sizeHint() const { return {200, m_cancel->isHidden() ? 3 : m_cancel->sizeHint().height() + 4}; }

void BusyLine::resizeEvent(QResizeEvent*) {
    const QSize size = m_cancel->sizeHint();
    m_cancel->setGeometry(width() - size.width() - 8, (height() - size.height()) / 2, size.width(), size.height());
}

void BusyLine::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), m_look->palette.of(Ink::Panel));  // no seam between what stands over and under it
    if (!m_showing) return;
    const bool cancel = !m_cancel->isHidden();
    const int right = cancel ? m_cancel->x() - 8 : width();
    const int textWidth = cancel ? std::min(right / 2, fontMetrics().horizontalAdvance(m_what) + 16) : 0;
    const QRectF track(0, (height() - 3) / 2.0, right - textWidth, 3);
    painter.fillRect(track, m_look->palette.of(Ink::Line));
    QRectF part = track;
    if (m_fraction >= 0) {
        part.setWidth(track.width() * m_fraction);
    } else {  // how long is not known: a piece that wanders, or stands where nothing is to move
        const double length = track.width() / 5;
        const double at = m_look->animate ? std::fmod(static_cast<double>(m_since.elapsed()) / 1400.0, 1.0) : 0.4;
        part = QRectF(at * (track.width() + length) - length, track.y(), length, track.height()).intersected(track);
    }
    painter.fillRect(part, m_look->palette.of(Ink::Accent));
    if (cancel) {
        painter.setPen(m_look->palette.of(Ink::Muted));
        painter.drawText(QRect(right - textWidth + 8, 0, textWidth - 8, height()), Qt::AlignVCenter,
                         fontMetrics().elidedText(m_what, Qt::ElideRight, textWidth - 8));
    }
}

}  // namespace lw
