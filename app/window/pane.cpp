#include "app/window/pane.h"

#include <QApplication>
#include <QCoreApplication>
#include <QEvent>
#include <QLabel>
#include <QMenu>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>

namespace lw {

namespace {

QWidget* column(QSplitter* splitter, QLabel*& name) {
    auto* widget = new QWidget(splitter);
    auto* layout = new QVBoxLayout(widget);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    name = new QLabel(widget);
    name->setProperty("caption", true);
    name->setContentsMargins(14, 4, 14, 0);
    name->setTextFormat(Qt::PlainText);
    layout->addWidget(name);
    splitter->addWidget(widget);
    return widget;
}

}  // namespace

Pane::Pane(Services services, QWidget* parent) : QWidget(parent), m_services(services) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_title = new QToolButton(this);
    m_title->setProperty("quiet", true);
    m_title->setPopupMode(QToolButton::InstantPopup);
    m_title->setFocusPolicy(Qt::ClickFocus);
    auto* menu = new QMenu(m_title);
    for (const ViewRow& row : viewRows()) {
        menu->addAction(QCoreApplication::translate("View", row.title), this, [this, &row] {
            setView(row);
            Q_EMIT chosen();
        });
    }
    m_title->setMenu(menu);
    m_title->hide();
    layout->addWidget(m_title, 0, Qt::AlignLeft);
    m_splitter = new QSplitter(Qt::Horizontal, this);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setHandleWidth(8);
    m_left = column(m_splitter, m_leftName);
    m_right = column(m_splitter, m_rightName);
    m_left->hide();
    m_rightName->hide();
    layout->addWidget(m_splitter, 1);
}

HostedView* Pane::host(const ViewRow& row, bool pinned) {
    QHash<QString, HostedView*>& views = pinned ? m_pinViews : m_views;
    HostedView*& view = views[QString::fromLatin1(row.id)];
    if (view) return view;
    QWidget* side = pinned ? m_left : m_right;
    view = new HostedView(row,
                          {.selection = pinned ? m_services.pinSelection : m_services.selection,
                           .intents = pinned ? m_services.pinIntents : m_services.intents,
                           .look = m_services.look,
                           .readings = m_services.readings,
                           .tokenizers = m_services.tokenizers,
                           .workshop = m_services.workshop,
                           .vectors = m_services.vectors,
                           .second = m_services.second},
                          side);
    side->layout()->addWidget(view);
    static_cast<QVBoxLayout*>(side->layout())->setStretchFactor(view, 1);
    view->hide();
    if (const QJsonValue state = m_states.value(QLatin1String(row.id)); state.isObject())
        view->view()->restoreState(state.toObject());
    connect(view, &HostedView::completed, this, &Pane::completed);
    connect(view, &HostedView::otherViewWanted, this, &Pane::otherViewWanted);
    if (!pinned) connect(view, &HostedView::stateChanged, this, &Pane::stateChanged);
    for (QWidget* child : view->findChildren<QWidget*>()) child->installEventFilter(this);
    return view;
}

void Pane::setView(const ViewRow& row) {
    if (m_row == &row) return;
    m_row = &row;
    m_title->setText(QCoreApplication::translate("View", row.title));
    arrange();
}

// The pane's view, or what stands for it in a model that has no such thing: real attention beside a state's effective one.
const ViewRow& Pane::rowFor(const Shown& a) const {
    const ViewRow* instead = m_row->instead ? findView(QLatin1String(m_row->instead)) : nullptr;
    const ModelInfo& info = a.trace->model();
    return instead && !info.has(m_row->needs) && info.has(instead->needs) ? *instead : *m_row;
}

void Pane::arrange() {
    if (!m_row) return;
    const auto replace = [](HostedView*& current, HostedView* next) {
        if (current == next) return;
        if (current) {
            current->setActive(false);
            current->hide();
        }
        current = next;
    };
    const bool withA = m_a && m_beside;
    replace(m_current, host(*m_row, false));
    replace(m_currentPin, withA ? host(rowFor(*m_a->shown), true) : nullptr);
    m_left->setVisible(withA);
    m_rightName->setVisible(withA);
    if (withA) {
        // Runs of two models are told apart by their names.
        const bool others = m_shown && m_shown->modelName != m_a->shown->modelName;
        const auto named = [others](const QString& text, const std::string& model) {
            return others ? text + QStringLiteral(" · ") + QString::fromStdString(model) : text;
        };
        m_leftName->setText(named(QString::fromStdString(m_a->name), m_a->shown->modelName));
        m_rightName->setText(named(tr("B: now"), m_shown ? m_shown->modelName : std::string()));
        m_currentPin->show();
        m_currentPin->setActive(m_active);
        m_currentPin->setFacts(m_a->shown, nullptr);
    }
    m_current->show();
    m_current->setFacts(m_shown, m_a && !m_beside ? m_a : nullptr);
    m_current->setActive(m_active);
    m_current->setStale(m_stale);
}

void Pane::setFacts(ShownPtr shown, std::shared_ptr<const Pinned> a, bool beside) {
    m_shown = std::move(shown);
    m_a = std::move(a);
    m_beside = beside;
    arrange();
}

void Pane::setStale(bool stale) {
    m_stale = stale;
    if (m_current) m_current->setStale(stale);
}

void Pane::setActive(bool active) {
    m_active = active;
    setVisible(active);
    arrange();
    if (!active && m_current) m_current->setActive(false);
    if (!active && m_currentPin) m_currentPin->setActive(false);
}

void Pane::setTitled(bool titled, bool chosen) {
    m_title->setVisible(titled);
    QFont font = m_title->font();
    font.setBold(chosen);
    m_title->setFont(font);
}

bool Pane::complete() const { return m_current && m_current->complete() && (!m_currentPin || m_currentPin->complete()); }

QJsonObject Pane::states() const {
    QJsonObject states = m_states;
    for (auto it = m_views.begin(); it != m_views.end(); ++it) {
        const QJsonObject state = it.value()->view()->saveState();
        if (!state.isEmpty()) states[it.key()] = state;
    }
    return states;
}

void Pane::restoreStates(const QJsonObject& states) {
    m_states = states;
    for (auto it = m_views.begin(); it != m_views.end(); ++it) {
        const QJsonObject state = states.value(it.key()).toObject();
        if (it.value()->view()->saveState() != state) it.value()->view()->restoreState(state);
    }
}

void Pane::mousePressEvent(QMouseEvent* event) {
    Q_EMIT chosen();
    QWidget::mousePressEvent(event);
}

bool Pane::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::MouseButtonPress || event->type() == QEvent::FocusIn) Q_EMIT chosen();
    return QWidget::eventFilter(watched, event);
}

}  // namespace lw
