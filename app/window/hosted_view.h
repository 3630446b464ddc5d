// A view on the stage with what surrounds it: its own Selection, tied to the window's while it is on the screen, and the
// sentence that stands in its place while there is nothing to show or the model has no such thing.
#pragma once

#include <QWidget>

#include "widgets/registry.h"
#include "widgets/shared/empty_state.h"
#include "widgets/view.h"

class QStackedLayout;

namespace lw {

class PictureWidget;

class HostedView : public QWidget {
    Q_OBJECT
public:
    /// `main`: the selection it follows and speaks to; must outlive this.
    /// services: selection is the window's; the view gets one of its own, tied to it while it is shown.
    HostedView(const ViewRow& row, const ViewServices& services, QWidget* parent);

    const ViewRow& row() const { return m_row; }
    View* view() const { return m_view; }
    /// On the screen: only then facts and places reach the view, so that what is hidden costs nothing.
    void setActive(bool active);
    void setFacts(ShownPtr shown, std::shared_ptr<const Pinned> difference);
    void setStale(bool stale);
    /// Nothing is being computed: it may be grabbed.
    bool complete() const;

Q_SIGNALS:
    void completed();
    void stateChanged();
    void otherViewWanted(const QString& id);  // the action of the empty state

private:
    void refresh();
    void setPictures(void (PictureWidget::*set)(bool), bool on);
    bool offered(const Shown& shown) const;
    const ViewRow& otherView(const Shown& shown) const;

    const ViewRow& m_row;
    Selection* m_main;
    Selection m_selection;
    View* m_view;
    EmptyState* m_empty;
    QStackedLayout* m_layout;
    ShownPtr m_shown;
    std::shared_ptr<const Pinned> m_difference;
    bool m_active = false;
    bool m_tied = true;  // the two selections follow each other; not while the facts change
    bool m_stale = false;
};

}  // namespace lw
