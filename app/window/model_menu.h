// The menu under the model's name: bundled models, recent ones, those in the models folder (its path is shown), opening others.
#pragma once

#include <QMenu>
#include <QStringList>

#include <functional>

namespace lw {

class ModelMenu : public QMenu {
    Q_OBJECT
public:
    explicit ModelMenu(QWidget* parent = nullptr);
    void setRecent(const QStringList& paths) { m_recent = paths; }
    void setOpen(const QString& path) { m_open = path; }
    /// Added at the end: open file, open folder.
    void setOpenActions(const QList<QAction*>& actions) { m_actions = actions; }

Q_SIGNALS:
    void modelChosen(const QString& nameOrPath);
    void largerWanted();  // how to get a larger model

private:
    void fill();
    QStringList m_recent;
    QString m_open;
    QList<QAction*> m_actions;
};

}  // namespace lw
