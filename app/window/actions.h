// The window's actions, one a row of the key table: what menus, keys, the palette and buttons trigger.
#pragma once

#include <QAction>
#include <QHash>
#include <QObject>

#include <functional>

namespace lw {

class Actions : public QObject {
    Q_OBJECT
public:
    /// Adds every action to `window`, so that its keys work there.
    explicit Actions(QWidget* window);

    QAction* action(const char* id) const;
    /// What the action does; the id must be in the table (asserted).
    void on(const char* id, std::function<void()> what);
    void setKeys(const QMap<QString, QString>& own);
    QList<QAction*> all() const;  // in the table's order

private:
    QHash<QString, QAction*> m_actions;
};

}  // namespace lw
