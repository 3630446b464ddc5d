#include "widgets/generation/generation_panel.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QResizeEvent>
#include <QVBoxLayout>

#include <algorithm>

#include "widgets/generation/branch_namer.h"

namespace lw {

namespace {

std::string say(const char* text) { return QCoreApplication::translate("Generation", text).toStdString(); }

constexpr int promptPieces = 2;  // the end of the prompt that stands in the root

}  // namespace

TreeInput treeInputOf(const Shown& shown, const Locus& place, bool draws) {
    TreeInput in;
    in.root = shown.root ? shown.root : shown.node;
    in.shown = shown.node;
    in.leaves = shown.leaves;
    in.promptLength = shown.promptLength;
    const auto length = static_cast<std::size_t>(std::clamp(shown.promptLength, 0, static_cast<int>(shown.pieces.size())));
    const std::size_t first = length > promptPieces ? length - promptPieces : 0;
    if (first > 0) in.prompt = "… ";
    for (std::size_t i = first; i < length; ++i) in.prompt += shown.pieces[i];
    in.piece = [&shown](TokenId id) { return shown.piece(id); };
    in.place = place;
    in.names = shown.names;
    in.draws = draws;
    return in;
}

GenerationPanel::GenerationPanel(ViewServices services, QWidget* parent) : View(services, parent) {
    const auto button = [this](const QString& text, const QString& name, const QString& help) {
        auto* b = new QPushButton(text, this);
        b->setAccessibleName(name);
        b->setToolTip(help);
        return b;
    };
    m_title = new QLabel(tr("Generation"), this);
    m_title->setProperty("caption", true);
    m_title->setContentsMargins(0, 0, 8, 0);
    m_rewind = button("⇤", tr("Rewind to the prompt"), tr("Rewind to the prompt"));
    m_back = button("←", tr("One token back"), tr("One token back (←)"));
    m_step = button(tr("Step →"), tr("One token forward"),
                    tr("One token forward: on along this branch, at its end by the settings (→)"));
    m_step->setProperty("primary", true);
    m_roll = button(tr("⚄ Roll"), tr("Roll the dice for the next token"), tr("One token by the dice (R)"));
    m_greedy = button(tr("Greedy"), tr("Take the most probable token"), tr("The most probable token (G)"));
    m_more = button(QStringLiteral("⏩"), tr("Generate many tokens"),
                    tr("Many tokens by the settings, in the background; they join the tree together"));
    m_moreMenu = new QMenu(m_more);
    for (const int tokens : {20, 100, 500, 2000})
        m_moreMenu->addAction(tr("%1 tokens").arg(QLocale().toString(tokens)), this,
                              [this, tokens] { Q_EMIT generateWanted(tokens); });
    m_controls = new SamplingControls(services.look, false, this);
    m_lane = new PictureWidget(services.selection, services.look, this);
    m_lane->setAccessibleName(tr("Tree of generation"));

    auto* row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 8, 0);
    row->setSpacing(8);
    row->addWidget(m_title);
    for (QPushButton* b : {m_rewind, m_back, m_step, m_roll, m_greedy, m_more}) row->addWidget(b);
    row->addSpacing(4);
    row->addWidget(m_controls, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 8, 6, 6);
    layout->setSpacing(6);
    layout->addLayout(row);
    layout->addWidget(m_lane, 1);

    Intents* intents = services.intents;
    connect(m_rewind, &QPushButton::clicked, this, [this, intents] {
        if (shown() && shown()->root) Q_EMIT intents->goTo(shown()->root);
    });
    connect(m_back, &QPushButton::clicked, this, [this, intents] {
        if (shown() && shown()->node && shown()->node->parent()) Q_EMIT intents->goTo(shown()->node->parent());
    });
    connect(m_step, &QPushButton::clicked, this, [this, intents] {
        if (!shown()) return;
        if (const RunNodePtr next = forward())
            Q_EMIT intents->goTo(next);
        else if (shown()->sampling.greedy)
            Q_EMIT intents->greedy();
        else
            Q_EMIT intents->roll();
    });
    connect(m_roll, &QPushButton::clicked, intents, &Intents::roll);
    connect(m_greedy, &QPushButton::clicked, intents, &Intents::greedy);
    connect(m_more, &QPushButton::clicked, this, [this] {
        if (m_generating)
            Q_EMIT stopWanted();
        else
            m_moreMenu->popup(m_more->mapToGlobal(QPoint(0, -m_moreMenu->sizeHint().height())));
    });
    connect(m_controls, &SamplingControls::edited, intents, &Intents::setSampling);
    connect(m_lane, &PictureWidget::actionRequested, this, [this, intents](const QString& what) {
        const int index = what.startsWith("node:") ? what.mid(5).toInt() : -1;
        if (index >= 0 && index < static_cast<int>(m_nodes.size())) {
            const RunNodePtr node = m_nodes[static_cast<std::size_t>(index)];  // the picture changes under us
            Q_EMIT intents->goTo(node);
        }
    });
    new BranchNamer(
        m_lane, intents,
        [this](int index) {
            return index >= 0 && index < static_cast<int>(m_nodes.size()) ? m_nodes[static_cast<std::size_t>(index)] : nullptr;
        },
        [this](const RunNode* node) {
            if (!shown()) return std::string();
            const auto found = shown()->names.find(node);
            return found == shown()->names.end() ? std::string() : found->second;
        });
    shownChanged();
}

RunNodePtr GenerationPanel::forward() const {
    if (!shown() || !shown()->node) return nullptr;
    const auto childToward = [this](RunNodePtr tip) {
        for (; tip; tip = tip->parent())
            if (tip->parent() == shown()->node) return tip;
        return RunNodePtr();
    };
    if (RunNodePtr next = childToward(m_lastTip)) return next;
    for (auto leaf = shown()->leaves.rbegin(); leaf != shown()->leaves.rend(); ++leaf)
        if (RunNodePtr next = childToward(*leaf)) return next;
    return nullptr;
}

void GenerationPanel::shownChanged() {
    const bool there = shown() && shown()->node;
    const bool inside = there && shown()->node->parent();
    m_rewind->setEnabled(inside);
    m_back->setEnabled(inside);
    for (QPushButton* b : {m_step, m_roll, m_greedy}) b->setEnabled(there && !m_generating);
    m_more->setEnabled(there);
    if (there) {
        // rewinding keeps the way that was walked; anything else begins a new one
        bool behind = false;
        for (RunNodePtr at = m_lastTip; at && !behind; at = at->parent()) behind = at == shown()->node;
        if (!behind) m_lastTip = shown()->node;
    } else {
        m_lastTip.reset();
    }
    m_controls->setSettings(shown() ? shown()->sampling : SamplingSettings{});
    draw();
}

void GenerationPanel::setGenerating(bool generating) {
    m_generating = generating;
    m_more->setText(generating ? QStringLiteral("■") : QStringLiteral("⏩"));
    m_more->setAccessibleName(generating ? tr("Stop generating") : tr("Generate many tokens"));
    m_more->setToolTip(generating ? tr("Stop: what was made stays")
                                  : tr("Many tokens by the settings, in the background; they join the tree together"));
    for (QPushButton* b : {m_step, m_roll, m_greedy}) b->setEnabled(shown() && shown()->node && !generating);
}

void GenerationPanel::placeChanged(const Locus&) { draw(); }

void GenerationPanel::lookChanged() {
    fitTitle();
    draw();
}

void GenerationPanel::resizeEvent(QResizeEvent* event) {
    View::resizeEvent(event);
    fitTitle();
}

// The title gives way where the row is narrow.
void GenerationPanel::fitTitle() {
    int needed = 14 + 6 + 8 + 16 + m_title->sizeHint().width() + 250;
    for (QPushButton* b : {m_rewind, m_back, m_step, m_roll, m_greedy, m_more}) needed += b->sizeHint().width() + 8;
    m_title->setVisible(width() >= needed);
}

void GenerationPanel::draw() {
    m_nodes.clear();
    if (!shown() || !shown()->node) {
        Picture empty;
        empty.label({.rect = {0, 8, 400, 18},
                     .text = say(QT_TRANSLATE_NOOP("Generation", "Trace a text first: its tree of steps grows here.")),
                     .colour = Ink::Muted});
        empty.width = 400;
        empty.height = 30;
        m_lane->setPicture(std::move(empty));
        return;
    }
    TreePicture tree = treePicture(treeInputOf(*shown(), services().selection->current(), false), say);
    Rect here;
    for (const TreeNode& node : tree.layout.nodes) {
        m_nodes.push_back(node.node);
        if (node.isShown) here = node.rect;
    }
    m_lane->setPicture(std::move(tree.picture));
    m_lane->ensureVisible({here.x - 20, here.y - 14, here.w + 60, here.h + 16});
}

QSize GenerationPanel::sizeHint() const {
    const double scale = services().look ? services().look->scale() : 1.0;
    return {600, static_cast<int>(110 * scale)};
}

QSize GenerationPanel::minimumSizeHint() const {
    const double scale = services().look ? services().look->scale() : 1.0;
    return {360, static_cast<int>(92 * scale)};
}

}  // namespace lw
