#include "widgets/generation/generation_view.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollBar>
#include <QSpinBox>
#include <QStringList>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

#include "widgets/generation/generation_panel.h"
#include "widgets/generation/path_picture.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/place_picture.h"

namespace lw {

namespace {

std::string say(const char* text) { return QCoreApplication::translate("Generation", text).toStdString(); }

}  // namespace

View* makeGenerationView(ViewServices services, QWidget* parent) { return new GenerationView(services, parent); }

GenerationView::GenerationView(ViewServices services, QWidget* parent) : View(services, parent), m_job(picturePool()) {
    const auto widget = [&](const QString& name) {
        auto* w = new PictureWidget(services.selection, services.look, this);
        w->setAccessibleName(name);
        connect(w, &PictureWidget::actionRequested, this, &GenerationView::act);
        connect(w, &PictureWidget::resized, this, &GenerationView::draw);
        return w;
    };
    m_heading = widget(tr("Generation"));
    m_heading->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_tree = widget(tr("Tree of generation"));
    m_path = widget(tr("This path, step by step"));
    m_beam = widget(tr("Beam search"));

    const auto number = [this](const QString& name, int least, int most, int value) {
        auto* box = new QSpinBox(this);
        box->setRange(least, most);
        box->setValue(value);
        box->setAccessibleName(name);
        return box;
    };
    m_bar = new QWidget(this);
    m_beams = number(tr("Number of beams"), 1, 12, 3);
    m_tokens = number(tr("Tokens to search"), 1, 24, 6);
    m_search = new QPushButton(tr("Search"), this);
    m_search->setProperty("primary", true);
    m_search->setToolTip(tr("Beam search from the last token of this path"));
    m_keep = new QPushButton(tr("Put into the tree"), this);
    m_keep->setToolTip(tr("Every beam becomes a branch of the tree"));
    m_status = new QLabel(this);
    m_status->setProperty("muted", true);
    auto* row = new QHBoxLayout(m_bar);
    row->setContentsMargins(0, 4, 8, 0);
    row->setSpacing(8);
    for (const auto& [text, box] : {std::pair(tr("beams"), m_beams), std::pair(tr("tokens"), m_tokens)}) {
        auto* label = new QLabel(text, m_bar);
        label->setProperty("muted", true);
        label->setBuddy(box);
        row->addWidget(label);
        row->addWidget(box);
    }
    row->addWidget(m_search);
    row->addWidget(m_keep);
    row->addWidget(m_status, 1);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 10, 6, 8);
    layout->setSpacing(4);
    layout->addWidget(m_heading);
    layout->addWidget(m_tree);
    layout->addSpacing(10);
    layout->addWidget(m_path, 1);
    layout->addWidget(m_bar);
    layout->addWidget(m_beam, 1);
    setFocusProxy(m_tree);
    connect(m_search, &QPushButton::clicked, this, &GenerationView::search);
    connect(m_keep, &QPushButton::clicked, this, [this] {
        if (m_from && shown() && shown()->node != m_from) Q_EMIT this->services().intents->goTo(m_from);
        Q_EMIT this->services().intents->beam(m_beams->value(), m_tokens->value());
    });
    for (QSpinBox* box : {m_beams, m_tokens}) connect(box, &QSpinBox::valueChanged, this, &View::stateChanged);
    connect(&m_job, &LatestJobBase::finished, this, [this] { Q_EMIT completed(); });
    connect(&m_job, &LatestJobBase::progress, this,
            [this](double fraction, const QString&) { m_status->setText(tr("%1 %").arg(static_cast<int>(100 * fraction))); });
    m_bar->hide();
    m_beam->hide();
}

void GenerationView::setBeamOpen(bool open) {
    if (open == m_open) return;
    m_open = open;
    m_bar->setVisible(open);
    m_beam->setVisible(open);
    if (open && !m_result) search();
    draw();
    drawBeam();
    Q_EMIT stateChanged();
}

void GenerationView::search() {
    if (!shown() || !shown()->model || !shown()->trace || !shown()->node) return;
    const auto ids = shown()->trace->ids();
    BeamRequest request;
    request.beams = m_beams->value();
    request.count = m_tokens->value();
    request.ends = shown()->ends;
    request.recordCandidates = true;
    m_from = shown()->node;
    m_fromText.clear();
    const auto& pieces = shown()->pieces;
    for (std::size_t i = pieces.size() > 2 ? pieces.size() - 2 : 0; i < pieces.size(); ++i) m_fromText += pieces[i];
    if (pieces.size() > 2) m_fromText = std::string("… ").append(m_fromText);
    m_result.reset();
    m_status->setText(tr("searching …"));
    drawBeam();
    m_job.start([model = shown()->model, prompt = std::vector<TokenId>(ids.begin(), ids.end()),
                 request](const Job& job) { return beamSearch(*model, prompt, request, job); },
                [this](Result<BeamResult> result) {
                    m_status->clear();
                    if (!result) {
                        m_status->setText(QString::fromStdString(result.error().message));
                    } else {
                        if (result->reason == StopReason::Context)
                            m_status->setText(tr("The search ended at the model's context."));
                        if (result->reason == StopReason::End) m_status->setText(tr("Every beam has ended."));
                        m_result = std::move(*result);
                    }
                    drawBeam();
                });
}

void GenerationView::walk(int depth, int kept) {
    if (!m_result || !m_from || !shown()) return;
    const std::vector<TokenId> tokens = beamTokens(*m_result, depth, kept);
    Intents* intents = services().intents;
    if (shown()->node != m_from) Q_EMIT intents->goTo(m_from);
    for (const TokenId id : tokens) Q_EMIT intents->forceToken(id);
}

void GenerationView::act(const QString& action) {
    const QStringList words = action.split(':');
    if (words.front() == "node" && words.size() == 2) {
        const int index = words[1].toInt();
        if (index < 0 || index >= static_cast<int>(m_nodes.size())) return;
        const RunNodePtr node = m_nodes[static_cast<std::size_t>(index)];
        Q_EMIT services().intents->goTo(node);
    } else if (words.front() == "walk" && words.size() == 3) {
        walk(words[1].toInt(), words[2].toInt());
    } else if (action == "beam") {
        setBeamOpen(!m_open);
    }
}

Picture GenerationView::headingPart(double width, bool controls) const {
    Picture picture;
    const std::vector<Pill> pills = {{say(QT_TRANSLATE_NOOP("Generation", "Beam search …")), "beam", m_open,
                                      say(QT_TRANSLATE_NOOP("Generation", "search the best continuations, several at a time"))}};
    const double right = controls ? pillsWidth(pills) + 10 : 0;
    addHeading(
        picture, 0, 0, width - right, say(QT_TRANSLATE_NOOP("Generation", "Generation")),
        say(QT_TRANSLATE_NOOP("Generation", "every step is a node; a click goes back to it, another token opens a branch")));
    if (controls) addPills(picture, width - pillsWidth(pills), 1, pills);
    picture.width = width;
    picture.height = headingHeight;
    return picture;
}

// here: the node that is shown.
Picture GenerationView::treePart(double width, Rect& here) {
    m_nodes.clear();
    Picture picture;
    if (!shown() || !shown()->node) {
        picture.label({.rect = {0, 10, width, 18},
                       .text = say(QT_TRANSLATE_NOOP("Generation", "Trace a text first: its tree of steps grows here.")),
                       .colour = Ink::Muted});
        picture.width = width;
        picture.height = 40;
        return picture;
    }
    TreePicture tree = treePicture(treeInputOf(*shown(), services().selection->current(), true), say);
    for (const TreeNode& node : tree.layout.nodes) {
        m_nodes.push_back(node.node);
        if (node.isShown) here = node.rect;
    }
    return std::move(tree.picture);
}

Picture GenerationView::pathPart(double width) const {
    if (!shown() || !shown()->node) return {};
    PathInput path;
    path.steps = pathSteps(shown()->node, shown()->promptLength);
    path.piece = path.pieceA = [this](TokenId id) { return shown()->piece(id); };
    path.place = services().selection->current();
    if (difference() && difference()->shown && difference()->shown->node) {
        path.difference = true;
        path.nameA = difference()->name;
        path.stepsA = pathSteps(difference()->shown->node, difference()->shown->promptLength);
        path.pieceA = [this](TokenId id) { return difference()->shown->piece(id); };
    }
    return pathPicture(path, width, say);
}

void GenerationView::draw() {
    m_heading->setFixedHeight(static_cast<int>(headingHeight * (services().look ? services().look->scale() : 1.0)));
    m_heading->setPicture(headingPart(m_path->availableWidth(), true));
    const double scale = services().look ? services().look->scale() : 1.0;
    Rect here;
    Picture tree = treePart(std::max(420.0, m_tree->availableWidth()), here);
    // The tree has the height it needs up to a part of the view's, the table of its path the rest.
    const bool scrolls = tree.width > m_tree->availableWidth();
    const double most = std::max(60.0, height() / scale * (m_open ? 0.3 : 0.5));
    const int bar = scrolls ? m_tree->horizontalScrollBar()->sizeHint().height() : 0;
    m_tree->setFixedHeight(static_cast<int>(std::ceil(std::min(tree.height + 2, most) * scale)) + bar);
    m_tree->setPicture(std::move(tree));
    if (here.w > 0) m_tree->ensureVisible({here.x - 20, here.y - 14, here.w + 60, here.h + 16});
    m_path->setVisible(!m_open || height() / scale >= 480);  // a search in a low view has the room of the table
    m_path->setPicture(pathPart(std::max(420.0, m_path->availableWidth())));
}

void GenerationView::drawBeam() {
    m_keep->setEnabled(m_result.has_value());
    Picture picture;
    if (m_result && shown()) {
        picture = beamPicture({*m_result, m_fromText, [shown = shown()](TokenId id) { return shown->piece(id); }}, say);
    } else {
        picture.width = 100;
        picture.height = 20;
    }
    m_beam->setPicture(std::move(picture));
}

Picture GenerationView::exportPicture() const {
    const double width = std::max(640.0, m_tree->availableWidth());
    Picture picture = headingPart(width, false);
    placePicture(picture, Picture(m_tree->picture()), 0, headingHeight + 4);
    placePicture(picture, pathPart(width), 0, picture.height + 20);
    if (m_open && m_result) placePicture(picture, Picture(m_beam->picture()), 0, picture.height + 20);
    return picture;
}

QJsonObject GenerationView::saveState() const {
    return {{"beam", m_open}, {"beams", m_beams->value()}, {"tokens", m_tokens->value()}};
}

void GenerationView::restoreState(const QJsonObject& state) {
    m_beams->setValue(state["beams"].toInt(3));
    m_tokens->setValue(state["tokens"].toInt(6));
    setBeamOpen(state["beam"].toBool(false));
}

void GenerationView::shownChanged() {
    // a search from a node of another tree says nothing any more
    bool ours = false;
    if (shown() && m_from) {
        RunNodePtr at = m_from;
        while (at->parent()) at = at->parent();
        ours = at == shown()->root;
    }
    if (!ours && m_from) {
        m_job.cancel();
        m_result.reset();
        m_from.reset();
        m_status->clear();
        drawBeam();
    }
    m_search->setEnabled(shown() && shown()->node);
    if (m_open && !m_from && shown()) search();
    draw();
}

void GenerationView::placeChanged(const Locus&) { draw(); }

void GenerationView::lookChanged() {
    draw();
    drawBeam();
}

}  // namespace lw
