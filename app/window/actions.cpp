#include "app/window/actions.h"

#include <QCoreApplication>
#include <QWidget>

#include "app/window/key_table.h"

namespace lw {

Actions::Actions(QWidget* window) : QObject(window) {
    for (const KeyRow& row : keyTable()) {
        auto* action = new QAction(QCoreApplication::translate("Keys", row.title), this);
        action->setObjectName(QString::fromLatin1(row.id));
        action->setShortcutContext(Qt::WindowShortcut);
        m_actions[action->objectName()] = action;
        window->addAction(action);
    }
    setKeys({});
}

QAction* Actions::action(const char* id) const {
    QAction* found = m_actions.value(QString::fromLatin1(id));
    Q_ASSERT(found);
    return found;
}

void Actions::on(const char* id, std::function<void()> what) {
    connect(action(id), &QAction::triggered, this, [what = std::move(what)] { what(); });
}

void Actions::setKeys(const QMap<QString, QString>& own) {
    for (const KeyRow& row : keyTable()) action(row.id)->setShortcuts(keysOf(row, own));
}

QList<QAction*> Actions::all() const {
    QList<QAction*> result;
    for (const KeyRow& row : keyTable()) result.append(action(row.id));
    return result;
}

}  // namespace lw
