// One place on the stage: a view out of the registry, and beside it, when comparing, the same view of the pinned run A.
#pragma once

#include <QHash>
#include <QWidget>

#include "app/window/hosted_view.h"

class QLabel;
class QSplitter;
class QToolButton;

namespace lw {

class Pane : public QWidget {
    Q_OBJECT
public:
    struct Services {
        Selection* selection;     // the window's
        Selection* pinSelection;  // the place in the pinned run
        Intents* intents;
        Intents* pinIntents;  // what is asked for inside the pinned run
        const Look* look;
        const Readings* readings;
        const TokenizerShelf* tokenizers;
        const Workshop* workshop;
        const WordVectors* vectors;
        const SecondText* second;
    };
    Pane(Services services, QWidget* parent);

    QString viewId() const { return m_row ? QString::fromLatin1(m_row->id) : QString(); }
    void setView(const ViewRow& row);
    HostedView* hosted() const { return m_current; }
    HostedView* hostedPin() const { return m_currentPin; }
    /// `a`: null while nothing is pinned or comparing is off; `beside`: A gets a view of its own, else the view shows B − A.
    void setFacts(ShownPtr shown, std::shared_ptr<const Pinned> a, bool beside);
    void setStale(bool stale);
    void setActive(bool active);               // on the screen
    void setTitled(bool titled, bool chosen);  // a heading of its own, when there are several panes
    bool complete() const;
    QJsonObject states() const;  // view id → state, of every view that was ever shown here
    void restoreStates(const QJsonObject& states);

Q_SIGNALS:
    void chosen();
    void completed();
    void stateChanged();
    void otherViewWanted(const QString& id);

protected:
    void mousePressEvent(QMouseEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    HostedView* host(const ViewRow& row, bool pinned);
    const ViewRow& rowFor(const Shown& a) const;
    void arrange();

    Services m_services;
    const ViewRow* m_row = nullptr;
    QHash<QString, HostedView*> m_views, m_pinViews;
    HostedView* m_current = nullptr;
    HostedView* m_currentPin = nullptr;
    QToolButton* m_title;
    QSplitter* m_splitter;
    QWidget *m_left, *m_right;
    QLabel *m_leftName, *m_rightName;
    ShownPtr m_shown;
    std::shared_ptr<const Pinned> m_a;
    QJsonObject m_states;
    bool m_beside = false, m_active = false, m_stale = false;
};

}  // namespace lw
