#include "app/window/hosted_view.h"

#include <QCoreApplication>
#include <QSignalBlocker>
#include <QStackedLayout>

#include "app/run/shown_from.h"
#include "core/analysis/memory_text.h"
#include "widgets/shared/picture_widget.h"

namespace lw {

HostedView::HostedView(const ViewRow& row, const ViewServices& services, QWidget* parent)
    : QWidget(parent), m_row(row), m_main(services.selection) {
    setObjectName(QString::fromLatin1(row.id));
    m_layout = new QStackedLayout(this);
    ViewServices own = services;
    own.selection = &m_selection;
    m_view = row.make(own, this);
    m_view->setAccessibleName(QCoreApplication::translate("View", row.title));
    m_empty = new EmptyState(this);
    m_empty->set(tr("Nothing has been traced yet: open a model and type a text."));
    m_layout->addWidget(m_empty);
    m_layout->addWidget(m_view);

    connect(m_view, &View::completed, this, [this] {
        setPictures(&PictureWidget::setStale, false);
        Q_EMIT completed();
    });
    connect(m_view, &View::stateChanged, this, &HostedView::stateChanged);
    connect(m_empty, &EmptyState::requested, this, [this] {
        if (m_shown) Q_EMIT otherViewWanted(QString::fromLatin1(otherView(*m_shown).id));
    });
    connect(m_main, &Selection::currentChanged, this, [this](const Locus& place) {
        if (m_active && m_tied) m_selection.replace(place);
    });
    connect(m_main, &Selection::hoverChanged, this, [this](const Locus& place, const QString& says) {
        if (m_active && m_tied) m_selection.setHover(place, says);
    });
    connect(&m_selection, &Selection::currentChanged, this, [this](const Locus& place) {
        if (m_active && m_tied) m_main->replace(place);
    });
    connect(&m_selection, &Selection::hoverChanged, this, [this](const Locus& place, const QString& says) {
        if (m_active && m_tied) m_main->setHover(place, says);
    });
}

void HostedView::setActive(bool active) {
    if (active == m_active) return;
    m_active = active;
    refresh();
}

void HostedView::setFacts(ShownPtr shown, std::shared_ptr<const Pinned> difference) {
    m_shown = std::move(shown);
    m_difference = std::move(difference);
    refresh();
}

bool HostedView::offered(const Shown& shown) const { return shown.trace->model().has(m_row.needs); }

// What this model has instead; every model has a next token.
const ViewRow& HostedView::otherView(const Shown& shown) const {
    const ViewRow* instead = m_row.instead ? findView(QLatin1String(m_row.instead)) : nullptr;
    if (instead && shown.trace->model().has(instead->needs)) return *instead;
    return *findView(QLatin1String("next-token"));
}

void HostedView::refresh() {
    if (!m_active || !m_shown) return;
    if (!offered(*m_shown)) {
        QString says = QCoreApplication::translate("View", m_row.missing);
        if (m_row.instead) {
            const MemoryText has = memoryText(m_shown->trace->model());
            for (const char* sentence : {has.what, has.where})
                says += QLatin1Char(' ') + QCoreApplication::translate("View", sentence);
        }
        m_empty->set(says, tr("Show %1").arg(QCoreApplication::translate("View", otherView(*m_shown).title)));
        m_layout->setCurrentWidget(m_empty);
        return;
    }
    const Locus place = placeWithin(m_main->current(), *m_shown);
    const bool fresh = m_view->shown() != m_shown;
    if (fresh) {
        // The place moves along unheard: the view draws once, with the new facts at the new place.
        const QSignalBlocker quiet(m_selection);
        m_selection.replace(place);
        // What was outdated stays grey only until it is drawn anew, part by part.
        if (m_stale) setPictures(&PictureWidget::setStale, true);
        setPictures(&PictureWidget::setOutdated, false);
    }
    m_layout->setCurrentWidget(m_view);
    m_view->setShown(m_shown);
    m_view->setDifference(m_difference);
    m_tied = false;
    m_selection.replace(place);
    m_tied = true;
    if (m_stale && !fresh) setPictures(&PictureWidget::setOutdated, true);
}

void HostedView::setStale(bool stale) {
    m_stale = stale;
    setPictures(&PictureWidget::setOutdated, stale);
    if (!stale && m_view->complete()) setPictures(&PictureWidget::setStale, false);
}

void HostedView::setPictures(void (PictureWidget::*set)(bool), bool on) {
    for (PictureWidget* picture : m_view->findChildren<PictureWidget*>()) (picture->*set)(on);
}

bool HostedView::complete() const {
    if (!m_shown) return false;
    return m_layout->currentWidget() != m_view || m_view->complete();
}

}  // namespace lw
