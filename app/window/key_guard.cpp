#include "app/window/key_guard.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QKeyEvent>
#include <QKeySequenceEdit>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTabBar>
#include <QTextEdit>

namespace lw {

namespace {

bool isEditable(const QObject* widget) {
    if (const auto* line = qobject_cast<const QLineEdit*>(widget)) return !line->isReadOnly();
    if (const auto* plain = qobject_cast<const QPlainTextEdit*>(widget)) return !plain->isReadOnly();
    if (const auto* rich = qobject_cast<const QTextEdit*>(widget)) return !rich->isReadOnly();
    if (const auto* box = qobject_cast<const QComboBox*>(widget)) return box->isEditable();
    return qobject_cast<const QAbstractSpinBox*>(widget) || qobject_cast<const QKeySequenceEdit*>(widget);
}

bool isArrow(int key) { return key == Qt::Key_Left || key == Qt::Key_Right || key == Qt::Key_Up || key == Qt::Key_Down; }

}  // namespace

bool keepsKey(const QObject* widget, const QKeyEvent& event) {
    const int key = event.key();
    const bool command = event.modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier);
    const bool functionKey = key >= Qt::Key_F1 && key <= Qt::Key_F35;
    if (qobject_cast<const QKeySequenceEdit*>(widget)) return true;
    // Tab and Enter of a text field are the window's (part-on, trace) unless the field takes them itself.
    if (isEditable(widget))
        return !command && !functionKey && key != Qt::Key_Escape && key != Qt::Key_Tab && key != Qt::Key_Backtab;
    if (command) return false;
    if (qobject_cast<const QAbstractItemView*>(widget) || qobject_cast<const QComboBox*>(widget)) {
        return isArrow(key) || key == Qt::Key_Return || key == Qt::Key_Enter;
    }
    if (qobject_cast<const QAbstractSlider*>(widget)) return isArrow(key);
    if (qobject_cast<const QTabBar*>(widget)) return key == Qt::Key_Left || key == Qt::Key_Right;
    if (qobject_cast<const QAbstractButton*>(widget))
        return key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Space;
    return false;
}

bool KeyGuard::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride && keepsKey(watched, *static_cast<QKeyEvent*>(event))) {
        event->accept();
        return true;
    }
    return QObject::eventFilter(watched, event);
}

}  // namespace lw
