// The middle of the window: a row of tabs out of the registry, and one, two or four views at a time. Comparing with the
// pinned run A is chosen here.
#pragma once

#include <QFrame>

#include <array>

#include "app/window/pane.h"
#include "app/workspace.h"

class QAbstractButton;
class QButtonGroup;
class QLabel;
class QTabBar;

namespace lw {

class Stage : public QFrame {
    Q_OBJECT
public:
    Stage(Workspace* workspace, const Look* look, QWidget* parent = nullptr);

    /// The view that the keys and the menus mean.
    HostedView* activeView() const { return m_panes[static_cast<std::size_t>(m_active)]->hosted(); }
    QString activeId() const { return m_panes[static_cast<std::size_t>(m_active)]->viewId(); }
    /// What Tab goes to first.
    QWidget* mainControl() const;
    /// Views on the screen that stand for the pinned run are left out.
    std::vector<HostedView*> visibleViews() const;
    bool complete() const;
    int panes() const { return m_count; }
    /// What is on the stage, to the first row and column that is shown.
    ViewsRecord views() const;

    void showViews(const std::vector<QString>& ids);  // 1, 2 or 4

public Q_SLOTS:
    void showView(const QString& id);  // in the active pane
    void showRow(int index);           // of the registry
    void setPanes(int count);          // 1, 2 or 4
    void cycleCompare();
    void setBare(bool bare);  // only the active pane, no tabs: the full-screen view

Q_SIGNALS:
    void completed();
    void fullViewWanted();
    void helpWanted();
    void exportWanted();
    void activeChanged();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void fitHead();
    void update();
    void record();
    void restore();
    void choose(int pane);
    void showActive();

    Workspace* m_workspace;
    Selection m_pinSelection;
    Intents m_pinIntents;
    QTabBar* m_tabs;
    QWidget *m_head, *m_compareBar;
    std::array<QAbstractButton*, 3> m_paneSwitches{};
    QLabel* m_pinName;
    QButtonGroup *m_compare, *m_paneButtons;
    QSplitter *m_rows, *m_upper, *m_lower;
    std::array<Pane*, 4> m_panes{};
    int m_count = 1;
    int m_active = 0;
    bool m_bare = false;
    bool m_restoring = false;
};

}  // namespace lw
