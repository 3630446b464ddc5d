#include "app/window/stage.h"

#include <QButtonGroup>
#include <QCoreApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QTabBar>
#include <QToolButton>

#include <algorithm>
#include <utility>

#include "app/window/surface.h"

namespace lw {

namespace {

// What the other panes show first, when there are several.
constexpr const char* firstViews[] = {"attention", "logit-lens", "residual-stream", "next-token"};

QToolButton* quietButton(const QString& text, const QString& name, QWidget* parent) {
    auto* button = new QToolButton(parent);
    button->setText(text);
    button->setAccessibleName(name);
    button->setToolTip(name);
    button->setProperty("quiet", true);
    button->setProperty("compact", true);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

QButtonGroup* segments(QHBoxLayout* layout, const QStringList& texts, const QStringList& names) {
    QWidget* parent = layout->parentWidget();
    auto* group = new QButtonGroup(parent);
    for (int i = 0; i < texts.size(); ++i) {
        auto* button = new QPushButton(texts[i], parent);
        button->setCheckable(true);
        button->setProperty("segment", true);
        button->setFocusPolicy(Qt::TabFocus);
        button->setAccessibleName(names[i]);
        button->setToolTip(names[i]);
        group->addButton(button, i);
        layout->addWidget(button);
    }
    return group;
}

}  // namespace

Stage::Stage(Workspace* workspace, const Look* look, QWidget* parent) : QFrame(parent), m_workspace(workspace) {
    setProperty("panel", true);
    setObjectName(QStringLiteral("stage"));
    setAccessibleName(tr("Stage"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->setSpacing(0);

    m_head = new QWidget(this);
    auto* head = new QHBoxLayout(m_head);
    head->setContentsMargins(8, 0, 8, 0);
    head->setSpacing(4);
    m_tabs = new QTabBar(m_head);
    m_tabs->setAccessibleName(tr("Views"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->setElideMode(Qt::ElideNone);
    for (const ViewRow& row : viewRows()) m_tabs->addTab(QCoreApplication::translate("View", row.title));
    head->addWidget(m_tabs, 1);
    m_paneButtons = segments(head, {QStringLiteral("1"), QStringLiteral("2"), QStringLiteral("4")},
                             {tr("One view"), tr("Two views"), tr("Four views")});
    for (int i = 0; i < 3; ++i) m_paneSwitches[static_cast<std::size_t>(i)] = m_paneButtons->button(i);
    QToolButton* full = quietButton(QStringLiteral("⤢"), tr("Full-screen view (F)"), m_head);
    QToolButton* exporting = quietButton(QStringLiteral("⤓"), tr("Export the view (E)"), m_head);
    QToolButton* help = quietButton(QStringLiteral("?"), tr("Help for this view (F1)"), m_head);
    for (QToolButton* button : {full, exporting, help}) head->addWidget(button);
    layout->addWidget(m_head);
    auto* line = new Surface(look, Ink::Line, {}, this);
    line->setFixedHeight(1);
    layout->addWidget(line);

    m_compareBar = new QWidget(this);
    auto* compare = new QHBoxLayout(m_compareBar);
    compare->setContentsMargins(14, 6, 14, 2);
    compare->setSpacing(4);
    m_pinName = new QLabel(m_compareBar);
    m_pinName->setTextFormat(Qt::PlainText);
    compare->addWidget(m_pinName, 1);
    m_compare = segments(compare, {tr("Off"), tr("Beside"), tr("B − A")},
                         {tr("Do not compare"), tr("A beside B"), tr("The difference B − A")});
    auto* unpin = quietButton(QStringLiteral("×"), tr("Unpin A (C)"), m_compareBar);
    compare->addWidget(unpin);
    m_compareBar->hide();
    layout->addWidget(m_compareBar);

    const auto splitter = [](Qt::Orientation orientation, QWidget* owner) {
        auto* made = new QSplitter(orientation, owner);
        made->setChildrenCollapsible(false);
        made->setHandleWidth(8);
        return made;
    };
    m_rows = splitter(Qt::Vertical, this);
    m_upper = splitter(Qt::Horizontal, m_rows);
    m_lower = splitter(Qt::Horizontal, m_rows);
    layout->addWidget(m_rows, 1);
    const Pane::Services services{m_workspace->selection(),
                                  &m_pinSelection,
                                  m_workspace->intents(),
                                  &m_pinIntents,
                                  look,
                                  m_workspace->readings(),
                                  m_workspace->tokenizers()->shelf(),
                                  m_workspace->workshop()->facts(),
                                  m_workspace->vectors()->facts(),
                                  m_workspace->second()->facts()};
    for (int i = 0; i < 4; ++i) {
        Pane* pane = m_panes[static_cast<std::size_t>(i)] = new Pane(services, i < 2 ? m_upper : m_lower);
        (i < 2 ? m_upper : m_lower)->addWidget(pane);
        connect(pane, &Pane::chosen, this, [this, i] {
            choose(i);
            record();
        });
        connect(pane, &Pane::completed, this, &Stage::completed);
        connect(pane, &Pane::stateChanged, this, &Stage::record);
        connect(pane, &Pane::otherViewWanted, this, &Stage::showView);
    }

    connect(m_tabs, &QTabBar::currentChanged, this, [this](int index) {
        if (!m_restoring) showRow(index);
    });
    connect(m_paneButtons, &QButtonGroup::idClicked, this, [this](int id) { setPanes(id == 0 ? 1 : id == 1 ? 2 : 4); });
    connect(m_compare, &QButtonGroup::idClicked, this,
            [this](int id) { m_workspace->setCompare(static_cast<CompareChoice>(id)); });
    connect(unpin, &QToolButton::clicked, m_workspace, &Workspace::togglePin);
    connect(full, &QToolButton::clicked, this, &Stage::fullViewWanted);
    connect(exporting, &QToolButton::clicked, this, &Stage::exportWanted);
    connect(help, &QToolButton::clicked, this, &Stage::helpWanted);
    connect(m_workspace, &Workspace::shownChanged, this, &Stage::update);
    connect(m_workspace, &Workspace::pinChanged, this, &Stage::update);
    connect(m_workspace, &Workspace::viewsReplaced, this, &Stage::restore);
    connect(m_workspace, &Workspace::staleChanged, this, [this](bool stale) {
        for (Pane* pane : m_panes) pane->setStale(stale);
    });
    connect(m_workspace->intents(), &Intents::openView, this, &Stage::showView);
    // In the pinned run nothing is run: it stays as it is until it is unpinned.
    connect(&m_pinIntents, &Intents::openView, this, &Stage::showView);
    const auto refuse = [this] {
        Q_EMIT m_workspace->said(tr("A is pinned and stays as it is: step in B, or unpin A first (C)."));
    };
    connect(&m_pinIntents, &Intents::forceToken, this, refuse);
    connect(&m_pinIntents, &Intents::roll, this, refuse);
    connect(&m_pinIntents, &Intents::greedy, this, refuse);
    connect(&m_pinIntents, &Intents::goTo, this, refuse);
    connect(&m_pinIntents, &Intents::nameBranch, this, refuse);
    connect(&m_pinIntents, &Intents::keepPaths, this, refuse);
    connect(&m_pinIntents, &Intents::setSampling, m_workspace->intents(), &Intents::setSampling);

    for (std::size_t i = 0; i < m_panes.size(); ++i) {
        const ViewRow* row = findView(QString::fromLatin1(firstViews[i]));
        m_panes[i]->setView(row ? *row : viewRows()[i % viewRows().size()]);
    }
    showActive();
    record();
}

void Stage::update() {
    const auto& pin = m_workspace->pinned();
    const CompareChoice compare = m_workspace->compare();
    const bool compares = pin && compare != CompareChoice::Off;
    m_compareBar->setVisible(bool(pin) && !m_bare);
    if (pin) {
        m_pinName->setText(QString::fromStdString(pin->name));
        m_compare->button(static_cast<int>(compare))->setChecked(true);
        m_pinSelection.replace(pin->place);
    }
    for (Pane* pane : m_panes) pane->setFacts(m_workspace->shown(), compares ? pin : nullptr, compare == CompareChoice::Beside);
}

void Stage::showActive() {
    const auto shownPanes = [this](int i) { return m_bare ? i == m_active : i < m_count; };
    for (int i = 0; i < 4; ++i) {
        Pane* pane = m_panes[static_cast<std::size_t>(i)];
        pane->setActive(shownPanes(i));
        pane->setTitled(!m_bare && m_count > 1, i == m_active);
    }
    m_lower->setVisible(shownPanes(2) || shownPanes(3));
    m_upper->setVisible(shownPanes(0) || shownPanes(1));
    m_restoring = true;
    for (int i = 0; i < static_cast<int>(viewRows().size()); ++i) {
        if (activeId() == QLatin1String(viewRows()[static_cast<std::size_t>(i)].id)) m_tabs->setCurrentIndex(i);
    }
    m_restoring = false;
    m_paneButtons->button(m_count == 1 ? 0 : m_count == 2 ? 1 : 2)->setChecked(true);
    Q_EMIT activeChanged();
}

// Where there is little room the switches for several panes go first (the menu has them too), then tabs have brief names.
void Stage::fitHead() {
    const auto name = [this](bool brief) {
        for (int i = 0; i < m_tabs->count(); ++i) {
            const ViewRow& row = viewRows()[static_cast<std::size_t>(i)];
            m_tabs->setTabText(i, QCoreApplication::translate("View", brief ? row.brief : row.title));
            m_tabs->setTabToolTip(i, QCoreApplication::translate("View", row.title));
            m_tabs->setAccessibleTabName(i, QCoreApplication::translate("View", row.title));
        }
        return m_tabs->sizeHint().width();
    };
    int switches = 0, others = 0;
    for (QAbstractButton* button : m_head->findChildren<QAbstractButton*>(QString(), Qt::FindDirectChildrenOnly)) {
        const bool pane = std::ranges::find(m_paneSwitches, button) != m_paneSwitches.end();
        (pane ? switches : others) += button->sizeHint().width() + 4;
    }
    int tabs = name(false);
    if (tabs + others + 16 > m_head->width()) tabs = name(true);
    for (QAbstractButton* button : m_paneSwitches) button->setVisible(tabs + others + switches + 16 <= m_head->width());
}

void Stage::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    fitHead();
}

void Stage::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        QMetaObject::invokeMethod(this, &Stage::fitHead, Qt::QueuedConnection);
}

void Stage::choose(int pane) {
    if (pane == m_active && m_tabs->currentIndex() >= 0 &&
        activeId() == QLatin1String(viewRows()[static_cast<std::size_t>(m_tabs->currentIndex())].id))
        return;
    m_active = pane;
    showActive();
}

void Stage::showView(const QString& id) {
    const ViewRow* row = findView(id);
    if (!row) return;
    m_panes[static_cast<std::size_t>(m_active)]->setView(*row);
    showActive();
    record();
}

void Stage::showViews(const std::vector<QString>& ids) {
    m_count = ids.size() >= 3 ? 4 : ids.size() == 2 ? 2 : 1;
    m_active = 0;
    for (std::size_t i = 0; i < ids.size() && i < m_panes.size(); ++i) {
        if (const ViewRow* row = findView(ids[i])) m_panes[i]->setView(*row);
    }
    showActive();
    record();
}

void Stage::showRow(int index) {
    if (index >= 0 && index < static_cast<int>(viewRows().size()))
        showView(QString::fromLatin1(viewRows()[static_cast<std::size_t>(index)].id));
}

void Stage::setPanes(int count) {
    m_count = count;
    if (m_active >= count) m_active = 0;
    showActive();
    record();
}

void Stage::setBare(bool bare) {
    m_bare = bare;
    m_head->setVisible(!bare);
    showActive();
    update();
}

void Stage::cycleCompare() {
    if (!m_workspace->pinned()) {
        Q_EMIT m_workspace->said(tr("Nothing is pinned to compare with: pin A first (C)."));
        return;
    }
    m_workspace->setCompare(static_cast<CompareChoice>((static_cast<int>(m_workspace->compare()) + 1) % 3));
}

void Stage::record() {
    if (!m_restoring) m_workspace->setViews(views());
}

ViewsRecord Stage::views() const {
    ViewsRecord record{.panes = m_count, .active = m_active, .views = {}, .states = {}};
    for (int i = 0; i < 4; ++i) {
        const Pane* pane = m_panes[static_cast<std::size_t>(i)];
        record.views.push_back(pane->viewId());
        const QJsonObject states = pane->states();
        if (!states.isEmpty()) record.states[QString::number(i)] = states;
    }
    return record;
}

void Stage::restore() {
    const ViewsRecord& record = m_workspace->views();
    const bool before = std::exchange(m_restoring, true);
    for (std::size_t i = 0; i < m_panes.size(); ++i) {
        m_panes[i]->restoreStates(record.states.value(QString::number(i)).toObject());
        if (i >= record.views.size()) continue;
        if (const ViewRow* row = findView(record.views[i])) m_panes[i]->setView(*row);
    }
    m_count = record.panes == 2 || record.panes == 4 ? record.panes : 1;
    m_active = record.active < m_count ? record.active : 0;
    showActive();
    m_restoring = before;
}

std::vector<HostedView*> Stage::visibleViews() const {
    std::vector<HostedView*> views;
    for (int i = 0; i < 4; ++i) {
        if (m_bare ? i == m_active : i < m_count) views.push_back(m_panes[static_cast<std::size_t>(i)]->hosted());
    }
    return views;
}

QWidget* Stage::mainControl() const { return m_tabs; }

bool Stage::complete() const {
    for (int i = 0; i < 4; ++i) {
        const bool visible = m_bare ? i == m_active : i < m_count;
        if (visible && !m_panes[static_cast<std::size_t>(i)]->complete()) return false;
    }
    return true;
}

}  // namespace lw
