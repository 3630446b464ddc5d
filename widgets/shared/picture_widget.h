// Shows a Picture, scrolls it when it is larger than the widget, and turns pointing and keys into places.
// Accessible: every spot is a child with its text. A spot can be covered: the person guesses its value before it is shown.
// Reached by Tab, the arrows walk from spot to spot and Enter clicks; Esc gives the keys back to the window.
#pragma once

#include <QAbstractScrollArea>
#include <QPixmap>

#include <optional>
#include <vector>

#include "widgets/shared/guess.h"
#include "widgets/shared/label_cache.h"
#include "widgets/shared/palette.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/selection.h"

class QLineEdit;
class QMenu;

namespace lw {

class PictureWidget : public QAbstractScrollArea {
    Q_OBJECT
public:
    PictureWidget(Selection* selection, const Look* look, QWidget* parent = nullptr);

    void setPicture(Picture picture);  // keeps the scroll position as far as it exists
    const Picture& picture() const { return m_picture; }
    void setStale(bool stale);        // greyed until the next picture, which is being computed
    void setOutdated(bool outdated);  // greyed whatever is drawn meanwhile: it all belongs to an older text
    bool stale() const { return m_stale || m_outdated; }
    /// Width and height in picture coordinates that fit without scrolling (for pictures laid out to the widget's size).
    /// Room for the scroll bar is always kept, so that a layout does not depend on whether it shows.
    double availableWidth() const;
    double availableHeight() const;
    void ensureVisible(const Rect& rect);
    QPoint toWidget(double x, double y) const;  // picture → viewport coordinates (tests click there)
    QPointF toPicture(QPointF viewportPoint) const;
    const Look& look() const { return *m_look; }
    /// What is behind the picture where it does not reach (Ink::Panel at first).
    void setBackground(Ink ink);

    /// Covers a spot until the person has guessed (or asks to see it). It stays covered when the picture is drawn anew.
    void cover(const Spot& spot);
    void uncoverAll();
    bool isCovered(const Spot& spot) const;
    /// The line shown under a guess that was made; empty if there is none.
    QString lastJudgement() const { return m_judgement; }

    /// The spot the keys are at, or nullptr.
    const Spot* focusSpot() const;
    void setFocusSpot(int index);  // −1: none
    /// What a click there does: selects, emits clicked and actionRequested.
    void activate(Spot spot, double x, double y, Qt::KeyboardModifiers modifiers = Qt::NoModifier);

Q_SIGNALS:
    void clicked(const lw::Spot& spot, double x, double y);  // after the selection was set from spot.place
    void doubleClicked(const lw::Spot& spot, double x, double y);
    void hovered(const lw::Spot* spot, double x, double y);  // nullptr when left
    void actionRequested(const QString& action);             // spot.action
    void resized();                                          // lay the picture out again
    void guessed(const lw::Spot& spot, const QString& guess, const lw::Judgement& judgement);
    void contextMenuAboutToShow(QMenu* menu, const lw::Spot* spot);  // a view adds its own actions; spot may be null

protected:
    /// The place a click on the spot selects; a widget may look at the modifiers.
    virtual Locus placeOf(const Spot& spot, Qt::KeyboardModifiers modifiers) const;

    bool event(QEvent*) override;
    void paintEvent(QPaintEvent*) override;
    void mouseMoveEvent(QMouseEvent*) override;
    void mousePressEvent(QMouseEvent*) override;
    void mouseReleaseEvent(QMouseEvent*) override;
    void mouseDoubleClickEvent(QMouseEvent*) override;
    void leaveEvent(QEvent*) override;
    void focusInEvent(QFocusEvent*) override;
    void focusOutEvent(QFocusEvent*) override;
    void keyPressEvent(QKeyEvent*) override;
    void resizeEvent(QResizeEvent*) override;
    void contextMenuEvent(QContextMenuEvent*) override;
    void scrollContentsBy(int, int) override;
    void changeEvent(QEvent*) override;
    bool viewportEvent(QEvent*) override;

private:
    // What a covered spot is known by in the next picture too.
    struct Cover {
        Locus place;
        std::string action;
        std::string says;
    };
    double scale() const { return m_look->scale(); }
    void updateScrollBars();
    void refresh();  // the picture or its looks changed: paint all of it again
    const Spot* spotAt(QPointF viewportPoint) const;
    QRectF spotRect(const Spot& spot) const;  // viewport coordinates
    int neighbour(int from, int key) const;
    bool walkKey(int key) const;
    void setHoverSpot(int index);
    void askGuess(const Spot& spot);
    void closeGuess();
    void uncover(const Spot& spot);
    void paintCovers(QPainter& painter) const;
    void paintJudgement(QPainter& painter) const;
    std::optional<std::size_t> coverOf(const Spot& spot) const;

    Selection* m_selection;
    const Look* m_look;
    Picture m_picture;
    Ink m_background = Ink::Panel;
    LabelCache m_labels;
    QPixmap m_painted;  // the visible part as it was painted last: hovering only lays frames over it
    QSizeF m_available;
    bool m_stale = false, m_outdated = false;
    int m_hoverSpot = -1;
    int m_focusSpot = -1;
    std::vector<Cover> m_covers;
    QLineEdit* m_guessField = nullptr;
    std::optional<Spot> m_guessSpot;
    QString m_judgement;
    Rect m_judgementAt;
};

}  // namespace lw
