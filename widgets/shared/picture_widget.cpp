#include "widgets/shared/picture_widget.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QLineEdit>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QStyle>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_accessible.h"
#include "widgets/shared/picture_painter.h"

namespace lw {

PictureWidget::PictureWidget(Selection* selection, const Look* look, QWidget* parent)
    : QAbstractScrollArea(parent), m_selection(selection), m_look(look) {
    installPictureAccessibility();
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setMouseTracking(true);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    horizontalScrollBar()->setFocusPolicy(Qt::NoFocus);
    verticalScrollBar()->setFocusPolicy(Qt::NoFocus);
}

void PictureWidget::setPicture(Picture picture) {
    const bool same = sameDrawing(picture, m_picture) && picture.spots.size() == m_picture.spots.size();
    m_picture = std::move(picture);
    if (!same) m_hoverSpot = -1;
    const int spots = static_cast<int>(m_picture.spots.size());
    if (m_focusSpot >= spots) m_focusSpot = spots - 1;
    if (std::exchange(m_stale, false) || !m_judgement.isEmpty()) viewport()->update();
    m_judgement.clear();
    if (!same) {
        updateScrollBars();
        refresh();
    }
    if (QAccessible::isActive()) announcePicture(this);
}

void PictureWidget::setStale(bool stale) {
    if (stale == m_stale) return;
    m_stale = stale;
    viewport()->update();
}

void PictureWidget::setOutdated(bool outdated) {
    if (outdated == m_outdated) return;
    m_outdated = outdated;
    viewport()->update();
}

void PictureWidget::setBackground(Ink ink) {
    m_background = ink;
    refresh();
}

double PictureWidget::availableWidth() const {
    const bool bar = verticalScrollBarPolicy() != Qt::ScrollBarAlwaysOff;
    return (contentsRect().width() - (bar ? verticalScrollBar()->sizeHint().width() : 0)) / scale();
}

double PictureWidget::availableHeight() const { return contentsRect().height() / scale(); }

void PictureWidget::ensureVisible(const Rect& rect) {
    const auto bring = [this](QScrollBar* bar, double from, double to, int page) {
        // Some air around it, as far as there is room.
        const double margin = std::clamp((page / scale() - (to - from)) / 2, 0.0, 24.0);
        const int first = static_cast<int>(std::floor((from - margin) * scale()));
        const int last = static_cast<int>(std::ceil((to + margin) * scale()));
        if (first < bar->value() || last - first > page)
            bar->setValue(first);
        else if (last > bar->value() + page)
            bar->setValue(last - page);
    };
    bring(horizontalScrollBar(), rect.x, rect.right(), viewport()->width());
    bring(verticalScrollBar(), rect.y, rect.bottom(), viewport()->height());
}

QPoint PictureWidget::toWidget(double x, double y) const {
    return {static_cast<int>(std::floor(x * scale())) - horizontalScrollBar()->value(),
            static_cast<int>(std::floor(y * scale())) - verticalScrollBar()->value()};
}

QPointF PictureWidget::toPicture(QPointF p) const {
    return {(p.x() + horizontalScrollBar()->value()) / scale(), (p.y() + verticalScrollBar()->value()) / scale()};
}

QRectF PictureWidget::spotRect(const Spot& spot) const {
    return {spot.rect.x * scale() - horizontalScrollBar()->value(), spot.rect.y * scale() - verticalScrollBar()->value(),
            spot.rect.w * scale(), spot.rect.h * scale()};
}

const Spot* PictureWidget::spotAt(QPointF viewportPoint) const {
    const QPointF p = toPicture(viewportPoint);
    return m_picture.at(p.x(), p.y());
}

void PictureWidget::updateScrollBars() {
    const auto fit = [](QScrollBar* bar, double whole, int page) {
        bar->setRange(0, std::max(0, static_cast<int>(std::ceil(whole)) - page));
        bar->setPageStep(page);
        bar->setSingleStep(24);
    };
    // Twice: the first bar to show takes room from the other direction.
    for (int pass = 0; pass < 2; ++pass) {
        fit(horizontalScrollBar(), m_picture.width * scale(), viewport()->width());
        fit(verticalScrollBar(), m_picture.height * scale(), viewport()->height());
    }
}

void PictureWidget::refresh() {
    m_painted = {};
    viewport()->update();
}

// ---- painting

void PictureWidget::paintEvent(QPaintEvent*) {
    const double ratio = devicePixelRatioF();
    const QSize pixels = (QSizeF(viewport()->size()) * ratio).toSize();
    const QPointF offset(horizontalScrollBar()->value(), verticalScrollBar()->value());
    if (m_painted.size() != pixels || m_painted.devicePixelRatio() != ratio) {
        m_painted = QPixmap(pixels);
        m_painted.setDevicePixelRatio(ratio);
        m_painted.fill(m_look->palette.of(m_background));
        QPainter painter(&m_painted);
        painter.translate(-offset);
        painter.scale(scale(), scale());
        const QRectF visible(offset / scale(), QSizeF(viewport()->size()) / scale());
        paintPicture(painter, m_picture, *m_look, visible, &m_labels);
    }

    QPainter painter(viewport());
    painter.drawPixmap(0, 0, m_painted);
    paintCovers(painter);
    if (stale()) {
        QColor veil = m_look->palette.of(m_background);
        veil.setAlphaF(0.6f);
        painter.fillRect(viewport()->rect(), veil);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    const auto frame = [&](int index, const QColor& colour, double width) {
        if (index < 0 || index >= static_cast<int>(m_picture.spots.size())) return;
        const Spot& spot = m_picture.spots[static_cast<std::size_t>(index)];
        if (spot.raster && index == m_hoverSpot) return;  // the view marks the cell
        painter.setPen(QPen(colour, width));
        painter.drawRoundedRect(spotRect(spot).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    };
    QColor light = m_look->palette.of(Ink::Accent);
    light.setAlphaF(0.75f);
    frame(m_hoverSpot, light, 1);
    if (hasFocus()) frame(m_focusSpot, m_look->palette.of(Ink::Text), 2);
    paintJudgement(painter);
}

void PictureWidget::paintCovers(QPainter& painter) const {
    if (m_covers.empty()) return;
    const Palette& palette = m_look->palette;
    painter.setRenderHint(QPainter::Antialiasing);
    for (const Spot& spot : m_picture.spots) {
        if (!coverOf(spot)) continue;
        const QRectF rect = spotRect(spot);
        painter.setPen(QPen(palette.of(Ink::Accent), 1, Qt::DashLine));
        painter.setBrush(palette.of(Ink::Grid));
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
        painter.setFont(m_look->font(TypeSize::Label, true, false));
        painter.setPen(palette.of(Ink::Text));
        painter.drawText(rect, Qt::AlignCenter, "?");
    }
}

void PictureWidget::paintJudgement(QPainter& painter) const {
    if (m_judgement.isEmpty()) return;
    const Palette& palette = m_look->palette;
    painter.setFont(m_look->font(TypeSize::Body, false, false));
    QRectF box = painter.fontMetrics().boundingRect(m_judgement).adjusted(-8, -6, 8, 6);
    box.moveTopLeft(toWidget(m_judgementAt.x, m_judgementAt.bottom() + 4));
    if (box.right() > viewport()->width() - 4) box.moveRight(viewport()->width() - 4);
    if (box.left() < 4) box.moveLeft(4);
    if (box.bottom() > viewport()->height() - 4) box.moveBottom(toWidget(0, m_judgementAt.y).y() - 4);
    painter.setPen(palette.of(Ink::SelectedFrame));
    painter.setBrush(palette.of(Ink::SelectedFill));
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    painter.setPen(palette.of(Ink::Text));
    painter.drawText(box, Qt::AlignCenter, m_judgement);
}

// ---- pointing

void PictureWidget::setHoverSpot(int index) {
    if (index == m_hoverSpot) return;
    m_hoverSpot = index;
    viewport()->update();
}

void PictureWidget::mouseMoveEvent(QMouseEvent* event) {
    const Spot* spot = spotAt(event->position());
    const QPointF p = toPicture(event->position());
    setHoverSpot(spot ? static_cast<int>(spot - m_picture.spots.data()) : -1);
    viewport()->setCursor(spot ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (!spot) {
        m_selection->clearHover();
    } else if (coverOf(*spot)) {
        m_selection->setHover({}, tr("Covered: click to guess before you look."));
    } else if (!spot->raster) {
        m_selection->setHover(spot->place, QString::fromStdString(spot->says));
    }
    Q_EMIT hovered(spot, p.x(), p.y());
}

void PictureWidget::leaveEvent(QEvent*) {
    setHoverSpot(-1);
    m_selection->clearHover();
    Q_EMIT hovered(nullptr, 0, 0);
}

Locus PictureWidget::placeOf(const Spot& spot, Qt::KeyboardModifiers) const { return spot.place; }

void PictureWidget::activate(Spot spot, double x, double y, Qt::KeyboardModifiers modifiers) {
    if (coverOf(spot)) {
        askGuess(spot);
        return;
    }
    const Locus place = placeOf(spot, modifiers);
    if (place != Locus{}) m_selection->select(place);
    Q_EMIT clicked(spot, x, y);
    if (!spot.action.empty()) Q_EMIT actionRequested(QString::fromStdString(spot.action));
}

void PictureWidget::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return;
    m_focusSpot = -1;
    if (!m_judgement.isEmpty()) {
        m_judgement.clear();
        viewport()->update();
    }
    const Spot* spot = spotAt(event->position());
    if (!spot) return;
    const QPointF p = toPicture(event->position());
    activate(*spot, p.x(), p.y(), event->modifiers());
}

void PictureWidget::mouseReleaseEvent(QMouseEvent* event) { event->accept(); }

void PictureWidget::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return;
    const Spot* spot = spotAt(event->position());
    if (!spot || coverOf(*spot)) return;
    const QPointF p = toPicture(event->position());
    const Spot copy = *spot;  // what hears of it may set another picture
    Q_EMIT doubleClicked(copy, p.x(), p.y());
}

void PictureWidget::contextMenuEvent(QContextMenuEvent* event) {
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    const Spot* found = byKey ? focusSpot() : spotAt(viewport()->mapFromGlobal(event->globalPos()));
    const std::optional<Spot> spot = found ? std::optional(*found) : std::nullopt;
    const bool covered = spot && coverOf(*spot);

    QMenu menu(this);
    Q_EMIT contextMenuAboutToShow(&menu, spot ? &*spot : nullptr);
    if (!menu.isEmpty()) menu.addSeparator();
    QAction* copyValue = menu.addAction(tr("Copy value"), this, [&spot] {
        const QString text = spot->value ? QString::fromStdString(printFull(static_cast<float>(*spot->value)))
                                         : QString::fromStdString(spot->says);
        QApplication::clipboard()->setText(text);
    });
    copyValue->setEnabled(spot && !covered);
    menu.addAction(tr("Copy picture"), this,
                   [this] { QApplication::clipboard()->setImage(pictureImage(m_picture, *m_look, 2)); });
    if (spot && covered) {
        menu.addAction(tr("Show it without guessing"), this, [this, &spot] { uncover(*spot); });
    } else {
        QAction* guess = menu.addAction(tr("Guess before you look"), this, [this, &spot] { cover(*spot); });
        guess->setShortcut(Qt::Key_Q);
        guess->setEnabled(spot && !spot->raster && (spot->value || !spot->says.empty()));
    }
    const QPoint at = byKey && spot ? viewport()->mapToGlobal(spotRect(*spot).bottomLeft().toPoint()) : event->globalPos();
    menu.exec(at);
}

// ---- keys

const Spot* PictureWidget::focusSpot() const {
    if (m_focusSpot < 0 || m_focusSpot >= static_cast<int>(m_picture.spots.size())) return nullptr;
    return &m_picture.spots[static_cast<std::size_t>(m_focusSpot)];
}

void PictureWidget::setFocusSpot(int index) {
    m_focusSpot = std::clamp(index, -1, static_cast<int>(m_picture.spots.size()) - 1);
    viewport()->update();
    const Spot* spot = focusSpot();
    if (!spot) return;
    ensureVisible(spot->rect);
    const bool covered = coverOf(*spot).has_value();
    m_selection->setHover(covered ? Locus{} : spot->place,
                          covered ? tr("Covered: press Enter to guess.") : QString::fromStdString(spot->says));
    if (QAccessible::isActive()) announceFocus(this, m_focusSpot);
}

// The nearest spot whose centre lies in the key's direction; what is aside counts more than what is ahead.
int PictureWidget::neighbour(int from, int key) const {
    const Rect& here = m_picture.spots[static_cast<std::size_t>(from)].rect;
    const double x = here.x + here.w / 2, y = here.y + here.h / 2;
    int best = from;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < m_picture.spots.size(); ++i) {
        const Rect& rect = m_picture.spots[i].rect;
        const double dx = rect.x + rect.w / 2 - x, dy = rect.y + rect.h / 2 - y;
        const bool sideways = key == Qt::Key_Left || key == Qt::Key_Right;
        const double ahead = key == Qt::Key_Left ? -dx : key == Qt::Key_Right ? dx : key == Qt::Key_Up ? -dy : dy;
        const double aside = std::abs(sideways ? dy : dx);
        if (ahead < 0.5 || aside > 2 * ahead + (sideways ? here.h : here.w)) continue;
        const double distance = ahead + 3 * aside;
        if (distance < least) {
            least = distance;
            best = static_cast<int>(i);
        }
    }
    return best;
}

// A key that belongs to the walk from spot to spot while that goes on.
bool PictureWidget::walkKey(int key) const {
    switch (key) {
        case Qt::Key_Left:
        case Qt::Key_Right:
        case Qt::Key_Up:
        case Qt::Key_Down:
        case Qt::Key_Home:
        case Qt::Key_End:
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Space:
        case Qt::Key_Escape:
            return m_focusSpot >= 0;
        case Qt::Key_Q:
            return m_focusSpot >= 0 || m_hoverSpot >= 0;
        default:
            return false;
    }
}

bool PictureWidget::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->modifiers() == Qt::NoModifier && walkKey(key->key())) {
            event->accept();
            return true;
        }
    }
    return QAbstractScrollArea::event(event);
}

void PictureWidget::keyPressEvent(QKeyEvent* event) {
    const int key = event->key();
    if ((event->modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier)) != 0 || !walkKey(key)) {
        event->ignore();  // the window's shortcuts and the scroll bars' page keys
        if (key == Qt::Key_PageUp || key == Qt::Key_PageDown) QAbstractScrollArea::keyPressEvent(event);
        return;
    }
    switch (key) {
        case Qt::Key_Escape:
            m_focusSpot = -1;
            m_selection->clearHover();
            viewport()->update();
            break;
        case Qt::Key_Home:
            setFocusSpot(0);
            break;
        case Qt::Key_End:
            setFocusSpot(static_cast<int>(m_picture.spots.size()) - 1);
            break;
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Space: {
            const Spot spot = *focusSpot();
            activate(spot, spot.rect.x + spot.rect.w / 2, spot.rect.y + spot.rect.h / 2, event->modifiers());
            break;
        }
        case Qt::Key_Q: {
            const int index = m_focusSpot >= 0 ? m_focusSpot : m_hoverSpot;
            const Spot spot = m_picture.spots[static_cast<std::size_t>(index)];
            if (coverOf(spot))
                askGuess(spot);
            else
                cover(spot);
            break;
        }
        default:
            setFocusSpot(neighbour(m_focusSpot, key));
    }
}

void PictureWidget::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    const bool byTab = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason;
    if (!byTab || m_picture.spots.empty()) return;
    if (m_focusSpot < 0) {  // begin at what is selected, if it can be seen here
        const Locus& current = m_selection->current();
        const auto selected = std::ranges::find_if(m_picture.spots, [&current](const Spot& spot) {
            return spot.place != Locus{} && current.with(spot.place) == current;
        });
        m_focusSpot = selected == m_picture.spots.end() ? 0 : static_cast<int>(selected - m_picture.spots.begin());
    }
    setFocusSpot(m_focusSpot);
}

void PictureWidget::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

// ---- guess before you look

std::optional<std::size_t> PictureWidget::coverOf(const Spot& spot) const {
    for (std::size_t i = 0; i < m_covers.size(); ++i) {
        const Cover& cover = m_covers[i];
        const bool placed = cover.place != Locus{} || !cover.action.empty();
        if (cover.place == spot.place && cover.action == spot.action && (placed || cover.says == spot.says)) return i;
    }
    return std::nullopt;
}

bool PictureWidget::isCovered(const Spot& spot) const { return coverOf(spot).has_value(); }

void PictureWidget::cover(const Spot& spot) {
    if (spot.raster || coverOf(spot)) return;
    m_covers.push_back({spot.place, spot.action, spot.says});
    m_judgement.clear();
    m_selection->clearHover();
    viewport()->update();
}

void PictureWidget::uncover(const Spot& spot) {
    if (const auto index = coverOf(spot)) m_covers.erase(m_covers.begin() + static_cast<std::ptrdiff_t>(*index));
    viewport()->update();
}

void PictureWidget::uncoverAll() {
    m_covers.clear();
    closeGuess();
    viewport()->update();
}

void PictureWidget::askGuess(const Spot& spot) {
    closeGuess();
    m_guessSpot = spot;
    m_guessField = new QLineEdit(viewport());
    m_guessField->setPlaceholderText(tr("your guess ⏎"));
    m_guessField->setAccessibleName(tr("Your guess"));
    m_guessField->setFont(m_look->font(TypeSize::Body, false, false));
    const QRectF rect = spotRect(spot);
    QSize size = m_guessField->sizeHint();
    size.setWidth(std::max(size.width(), 120));
    QPoint at = rect.bottomLeft().toPoint() + QPoint(0, 4);
    at.setX(std::clamp(at.x(), 0, std::max(0, viewport()->width() - size.width())));
    at.setY(std::clamp(at.y(), 0, std::max(0, viewport()->height() - size.height())));
    m_guessField->setGeometry(QRect(at, size));
    m_guessField->show();
    m_guessField->setFocus();
    connect(m_guessField, &QLineEdit::returnPressed, this, [this] {
        const QString guess = m_guessField->text();
        const Spot asked = *m_guessSpot;
        closeGuess();
        if (guess.trimmed().isEmpty()) return;
        const Judgement judgement = judge(asked, guess);
        uncover(asked);
        m_judgement = judgement.sentence;
        m_judgementAt = asked.rect;
        m_selection->setHover(asked.place, judgement.sentence);
        Q_EMIT guessed(asked, guess, judgement);
    });
    connect(m_guessField, &QLineEdit::editingFinished, this, &PictureWidget::closeGuess);
}

void PictureWidget::closeGuess() {
    if (!m_guessField) return;
    QLineEdit* field = std::exchange(m_guessField, nullptr);
    field->disconnect(this);
    field->hide();
    field->deleteLater();
    m_guessSpot.reset();
    setFocus();
}

// ---- size and looks

void PictureWidget::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    updateScrollBars();
    refresh();
    const QSizeF available(availableWidth(), availableHeight());
    if (available == m_available) return;
    m_available = available;
    Q_EMIT resized();
}

void PictureWidget::scrollContentsBy(int, int) { refresh(); }

void PictureWidget::changeEvent(QEvent* event) {
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        updateScrollBars();
        refresh();
    }
}

bool PictureWidget::viewportEvent(QEvent* event) {
    // The status bar says what is pointed at; a tool tip would cover it.
    if (event->type() == QEvent::ToolTip) return true;
    if (event->type() == QEvent::Leave) leaveEvent(event);  // a scroll area does not hear of it by itself
    return QAbstractScrollArea::viewportEvent(event);
}

}  // namespace lw
