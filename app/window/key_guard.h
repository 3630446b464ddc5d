// Lets the focused widget keep the keys it needs: while a text is edited, letters and arrows are its own; lists, sliders and
// menus keep their arrows. Everything else goes to the window's actions.
#pragma once

#include <QObject>

class QKeyEvent;

namespace lw {

class KeyGuard : public QObject {
    Q_OBJECT
public:
    explicit KeyGuard(QObject* parent) : QObject(parent) {}
    bool eventFilter(QObject* watched, QEvent* event) override;
};

/// Would the widget use this key itself?
bool keepsKey(const QObject* widget, const QKeyEvent& key);

}  // namespace lw
