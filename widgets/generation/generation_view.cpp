#include "widgets/generation/generation_view.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSpinBox>
#include <QStringList>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

#include "widgets/generation/beam_example.h"
#include "widgets/generation/cache_picture.h"
#include "widgets/generation/generation_panel.h"
#include "widgets/generation/path_picture.h"
#include "widgets/generation/two_paths_picture.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/place_picture.h"

namespace lw {

namespace {

std::string say(const char* text) { return QCoreApplication::translate("Generation", text).toStdString(); }

}  // namespace

View* makeGenerationView(ViewServices services, QWidget* parent) { return new GenerationView(services, parent); }

GenerationView::GenerationView(ViewServices services, QWidget* parent)
    : View(services, parent), m_job(picturePool()), m_contrastJob(picturePool()) {
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
    m_page = widget(tr("Beside step by step"));

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
    m_penalty = new QDoubleSpinBox(this);
    m_penalty->setRange(0, 2);
    m_penalty->setSingleStep(0.1);
    m_penalty->setDecimals(1);
    m_penalty->setAccessibleName(tr("Length penalty"));
    m_penalty->setToolTip(tr("Beams are ranked by Σ ln p divided by their length to this power; 0 ranks by the sum alone"));
    m_search = new QPushButton(tr("Search"), this);
    m_search->setProperty("primary", true);
    m_search->setToolTip(tr("Beam search from the last token of this path"));
    m_keep = new QPushButton(tr("Keep"), this);
    m_keep->setAccessibleName(tr("Put into the tree"));
    m_keep->setToolTip(tr("Every beam becomes a branch of the tree"));
    m_example = new QPushButton(tr("Example"), this);
    m_example->setToolTip(tr("A short text at which greedy misses what two beams find"));
    m_status = new QLabel(this);
    m_status->setProperty("muted", true);
    m_status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
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
    auto* penaltyLabel = new QLabel(tr("penalty"), m_bar);
    penaltyLabel->setProperty("muted", true);
    penaltyLabel->setBuddy(m_penalty);
    row->addWidget(penaltyLabel);
    row->addWidget(m_penalty);
    row->addWidget(m_search);
    row->addWidget(m_keep);
    row->addWidget(m_example);
    row->addWidget(m_status, 1);

    m_pageBar = new QWidget(this);
    m_count = number(tr("How many"), 1, 64, 12);
    m_countLabel = new QLabel(m_pageBar);
    m_countLabel->setProperty("muted", true);
    m_countLabel->setBuddy(m_count);
    m_pageStatus = new QLabel(m_pageBar);
    m_pageStatus->setProperty("muted", true);
    m_pageStatus->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* pageRow = new QHBoxLayout(m_pageBar);
    pageRow->setContentsMargins(0, 4, 8, 0);
    pageRow->setSpacing(8);
    pageRow->addWidget(m_countLabel);
    pageRow->addWidget(m_count);
    m_otherBox = new QComboBox(m_pageBar);
    m_otherBox->setAccessibleName(tr("The path beside the shown one"));
    m_otherBox->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    pageRow->addWidget(m_otherBox);
    m_wrongField = new QLineEdit(m_pageBar);
    m_wrongField->setAccessibleName(tr("The wrong token"));
    m_wrongField->setPlaceholderText(tr("another wrong token"));
    m_wrongField->setToolTip(tr("A piece of text that is one token of the vocabulary; · stands for a space"));
    m_wrongField->setFixedWidth(170);
    pageRow->addWidget(m_wrongField);
    pageRow->addWidget(m_pageStatus, 1);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 10, 6, 8);
    layout->setSpacing(4);
    layout->addWidget(m_heading);
    layout->addWidget(m_tree);
    layout->addSpacing(10);
    layout->addWidget(m_path, 1);
    layout->addWidget(m_bar);
    layout->addWidget(m_beam, 1);
    layout->addWidget(m_pageBar);
    layout->addWidget(m_page, 1);
    setFocusProxy(m_tree);
    connect(m_count, &QSpinBox::valueChanged, this, [this] {
        contrast();
        Q_EMIT stateChanged();
    });
    connect(m_wrongField, &QLineEdit::returnPressed, this, &GenerationView::writeWrong);
    connect(m_otherBox, &QComboBox::activated, this, [this](int index) {
        if (index >= 0 && index < static_cast<int>(m_others.size())) compareWith(m_others[static_cast<std::size_t>(index)]);
    });
    connect(m_penalty, &QDoubleSpinBox::valueChanged, this, [this] {
        if (m_open && m_result) search();
        Q_EMIT stateChanged();
    });
    connect(m_example, &QPushButton::clicked, this, &GenerationView::showExample);
    m_namer = new BranchNamer(
        m_tree, services.intents,
        [this](int index) {
            return index >= 0 && index < static_cast<int>(m_nodes.size()) ? m_nodes[static_cast<std::size_t>(index)] : nullptr;
        },
        [this](const RunNode* node) {
            if (!shown()) return std::string();
            const auto found = shown()->names.find(node);
            return found == shown()->names.end() ? std::string() : found->second;
        });
    connect(m_namer, &BranchNamer::compareWanted, this, [this](const RunNodePtr& node) {
        compareWith(node);
        setPage(Page::Paths);
    });
    connect(&m_contrastJob, &LatestJobBase::finished, this, [this] { Q_EMIT completed(); });
    connect(&m_contrastJob, &LatestJobBase::progress, this,
            [this](double fraction, const QString&) { m_pageStatus->setText(tr("%1 %").arg(static_cast<int>(100 * fraction))); });
    connect(m_search, &QPushButton::clicked, this, &GenerationView::search);
    connect(m_keep, &QPushButton::clicked, this, &GenerationView::keepBeams);
    for (QSpinBox* box : {m_beams, m_tokens}) connect(box, &QSpinBox::valueChanged, this, &View::stateChanged);
    connect(&m_job, &LatestJobBase::finished, this, [this] { Q_EMIT completed(); });
    connect(&m_job, &LatestJobBase::progress, this,
            [this](double fraction, const QString&) { m_status->setText(tr("%1 %").arg(static_cast<int>(100 * fraction))); });
    m_bar->hide();
    m_beam->hide();
    m_pageBar->hide();
    m_page->hide();
}

void GenerationView::setBeamOpen(bool open) {
    if (open == m_open) return;
    m_open = open;
    m_bar->setVisible(open && m_shownPage == Page::Tree);
    m_beam->setVisible(open && m_shownPage == Page::Tree);
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
    request.lengthPenalty = m_penalty->value();
    m_from = shown()->node;
    m_fromText.clear();
    const auto& pieces = shown()->pieces;
    for (std::size_t i = pieces.size() > 2 ? pieces.size() - 2 : 0; i < pieces.size(); ++i) m_fromText += pieces[i];
    if (pieces.size() > 2) m_fromText = std::string("… ").append(m_fromText);
    m_result.reset();
    m_status->setText(tr("searching …"));
    drawBeam();
    m_job.start(
        [model = shown()->model, prompt = std::vector<TokenId>(ids.begin(), ids.end()),
         request](const Job& job) -> Result<Searched> {
            auto beams = beamSearch(*model, prompt, request, job);
            if (!beams) return Unexpected(beams.error());
            Searched searched{.beams = std::move(*beams), .greedy = {}, .penalty = request.lengthPenalty};
            BeamRequest one = request;
            one.beams = 1;
            one.recordCandidates = false;
            if (auto greedy = beamSearch(*model, prompt, one, {job.stop, {}}); greedy && !greedy->beams.empty())
                searched.greedy = std::move(greedy->beams.front());
            return searched;
        },
        [this](Result<Searched> result) {
            m_status->clear();
            if (!result) {
                m_status->setText(QString::fromStdString(result.error().message));
            } else {
                if (result->beams.reason == StopReason::Context)
                    m_status->setText(tr("The search ended at the model's context."));
                if (result->beams.reason == StopReason::End) m_status->setText(tr("Every beam has ended."));
                m_result = std::move(*result);
            }
            drawBeam();
        });
}

// What a kept candidate's path is called in the tree; none before the search's last step.
std::string GenerationView::beamName(int kept) const {
    std::string name = fill(say(QT_TRANSLATE_NOOP("Generation", "beam %1 of %2")),
                            {std::to_string(kept + 1), std::to_string(m_result->beams.beams.size())});
    if (m_result->penalty != 0) name += " ÷ T^" + printNumber(m_result->penalty, 2);
    return name;
}

void GenerationView::walk(int depth, int kept) {
    if (!m_result || !m_from || !shown()) return;
    const bool last = depth + 1 == static_cast<int>(m_result->beams.candidates.size());
    Q_EMIT services().intents->keepPaths(m_from,
                                         {{beamTokens(m_result->beams, depth, kept), last ? beamName(kept) : std::string()}});
}

void GenerationView::keepBeams() {
    if (!m_result || !m_from) return;
    std::vector<PathWish> wishes;
    for (std::size_t i = 0; i < m_result->beams.beams.size(); ++i)
        wishes.push_back({m_result->beams.beams[i].ids, beamName(static_cast<int>(i))});
    Q_EMIT services().intents->keepPaths(m_from, wishes);
}

void GenerationView::adopt(std::size_t index) {
    if (index >= m_contrast.texts.size() || !m_answered) return;
    const SampledText& text = m_contrast.texts[index];
    PathWish wish;
    for (const Choice& step : text.steps) wish.ids.push_back(step.id);
    const std::string of = std::to_string(m_contrast.texts.size()), seed = std::to_string(text.seed);
    wish.name = index == 0
                    ? fill(say(QT_TRANSLATE_NOOP("Generation", "best of %1, seed %2")), {of, seed})
                    : fill(say(QT_TRANSLATE_NOOP("Generation", "no. %3 of %1, seed %2")), {of, seed, std::to_string(index + 1)});
    const RunNodePtr from = m_answered->node;
    setPage(Page::Tree);
    Q_EMIT services().intents->keepPaths(from, {wish});
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
    } else if (words.front() == "adopt" && words.size() == 2) {
        adopt(static_cast<std::size_t>(words[1].toInt()));
    } else if (words.front() == "rank" && words.size() == 2) {
        m_rank = words[1] == "total" ? RankBy::Total : RankBy::Mean;
        rank(m_contrast.texts, m_rank);
        drawPage();
        Q_EMIT stateChanged();
    } else if (words.front() == "from" && words.size() == 2) {
        chooseFrom(words[1].toInt());
    } else if (words.front() == "wrong" && words.size() == 2) {
        chooseWrong(words[1].toInt());
    } else if (action == "beam") {
        setPage(Page::Tree);
        setBeamOpen(!m_open);
    } else if (action == "page:tree") {
        setPage(Page::Tree);
    } else if (action == "page:rounds") {
        setPage(Page::Rounds);
    } else if (action == "page:exposure") {
        // It begins at the place that is looked at.
        const auto place = services().selection->current().position;
        if (m_wrongAt == 0 && place && shown() && place->value > 0 && place->value + 1 < shown()->trace->length())
            m_wrongAt = place->value;
        setPage(Page::Exposure);
    } else if (action == "page:best") {
        setPage(Page::BestOf);
    } else if (action == "page:paths") {
        setPage(Page::Paths);
    } else if (action == "page:cache") {
        setPage(Page::Cache);
    } else if (action == "measure") {
        ++m_measured;
        contrast();
    } else if (action == "name") {
        setPage(Page::Tree);
        if (shown()) m_namer->open(shown()->node);
    } else if (words.front() == "path" && words.size() == 2 && m_other) {
        const auto path = pathTo(m_other);
        const auto depth = static_cast<std::size_t>(words[1].toInt()) + 1;
        if (depth < path.size()) {
            const RunNodePtr node = path[depth];
            Q_EMIT services().intents->goTo(node);
        }
    }
}

Picture GenerationView::headingPart(double width, bool controls) const {
    Picture picture;
    const std::vector<Pill> pills = {
        {say(QT_TRANSLATE_NOOP("Generation", "Tree")), "page:tree", m_shownPage == Page::Tree},
        {say(QT_TRANSLATE_NOOP("Generation", "All at once")), "page:rounds", m_shownPage == Page::Rounds,
         say(QT_TRANSLATE_NOOP("Generation", "guess all positions at once, round by round, until nothing changes"))},
        {say(QT_TRANSLATE_NOOP("Generation", "Own words")), "page:exposure", m_shownPage == Page::Exposure,
         say(QT_TRANSLATE_NOOP("Generation", "the true words against its own, and what a wrong one costs"))},
        {say(QT_TRANSLATE_NOOP("Generation", "Best of")), "page:best", m_shownPage == Page::BestOf,
         say(QT_TRANSLATE_NOOP("Generation", "several rolled texts, the most probable first"))},
        {say(QT_TRANSLATE_NOOP("Generation", "Two paths")), "page:paths", m_shownPage == Page::Paths,
         say(QT_TRANSLATE_NOOP("Generation", "the shown path beside another one of the tree, and where they part"))},
        {say(QT_TRANSLATE_NOOP("Generation", "Cache")), "page:cache", m_shownPage == Page::Cache,
         say(QT_TRANSLATE_NOOP("Generation",
                               "this step with and without what is kept from the steps before: numbers and times"))},
        {say(QT_TRANSLATE_NOOP("Generation", "Name …")), "name", false,
         say(QT_TRANSLATE_NOOP("Generation", "give the shown path a name"))},
        {say(QT_TRANSLATE_NOOP("Generation", "Beam search …")), "beam", m_shownPage == Page::Tree && m_open,
         say(QT_TRANSLATE_NOOP("Generation", "search the best continuations, several at a time"))}};
    const double right = controls ? pillsWidth(pills) + 10 : 0;
    const std::string title = say(QT_TRANSLATE_NOOP("Generation", "Generation"));
    const std::string subtitle =
        say(QT_TRANSLATE_NOOP("Generation", "every step is a node; a click goes back to it, another token opens a branch"));
    const double titleWidth = textWidth(title, TypeSize::Title, true);
    const bool both = width - right >= titleWidth + 14 + textWidth(subtitle, TypeSize::Body);
    if (width - right >= titleWidth)  // rather none than half of it: the tab says it too
        addHeading(picture, 0, 0, width - right, title, both ? subtitle : std::string());
    picture.title = title;
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
    path.note = loopNote();
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
    if (m_shownPage != Page::Tree) {
        m_heading->setFixedHeight(static_cast<int>(headingHeight * (services().look ? services().look->scale() : 1.0)));
        m_heading->setPicture(headingPart(m_heading->availableWidth() - 8, true));
        return drawPage();
    }
    m_heading->setFixedHeight(static_cast<int>(headingHeight * (services().look ? services().look->scale() : 1.0)));
    m_heading->setPicture(headingPart(m_heading->availableWidth() - 8, true));
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
        picture = beamPicture({m_result->beams, m_fromText, [shown = shown()](TokenId id) { return shown->piece(id); },
                               m_result->greedy, m_result->penalty},
                              say);
    } else {
        picture.width = 100;
        picture.height = 20;
    }
    m_beam->setPicture(std::move(picture));
}

Picture GenerationView::exportPicture() const {
    const double width = std::max(640.0, m_tree->availableWidth());
    Picture picture = headingPart(width, false);
    if (m_shownPage != Page::Tree) {
        placePicture(picture, pagePart(width), 0, headingHeight + 4);
        return picture;
    }
    placePicture(picture, Picture(m_tree->picture()), 0, headingHeight + 4);
    placePicture(picture, pathPart(width), 0, picture.height + 20);
    if (m_open && m_result) placePicture(picture, Picture(m_beam->picture()), 0, picture.height + 20);
    return picture;
}

QJsonObject GenerationView::saveState() const {
    return {{"beam", m_open},
            {"beams", m_beams->value()},
            {"tokens", m_tokens->value()},
            {"penalty", m_penalty->value()},
            {"page", static_cast<int>(m_shownPage)},
            {"count", m_count->value()},
            {"from", m_wrongAt},
            {"wrong", m_wrong},
            {"rank", m_rank == RankBy::Total ? "total" : "mean"}};
}

void GenerationView::restoreState(const QJsonObject& state) {
    m_beams->setValue(state["beams"].toInt(3));
    m_tokens->setValue(state["tokens"].toInt(6));
    m_penalty->setValue(state["penalty"].toDouble(0));
    m_count->setValue(state["count"].toInt(12));
    m_wrongAt = std::max(0, state["from"].toInt(0));
    m_wrong = std::max(-1, state["wrong"].toInt(-1));
    m_rank = state["rank"].toString() == "total" ? RankBy::Total : RankBy::Mean;
    rank(m_contrast.texts, m_rank);
    setBeamOpen(state["beam"].toBool(false));
    contrast();
    setPage(static_cast<Page>(std::clamp(state["page"].toInt(0), 0, 5)));
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
    if (shown() && shown()->model) {  // an id means nothing in another vocabulary
        if (const auto before = m_wrongOf.lock(); before && before != shown()->model) m_wrong = -1;
        m_wrongOf = shown()->model;
    }
    if (m_shownPage == Page::Paths) fillOthers();
    if (m_open && !m_from && shown()) search();
    contrast();
    draw();
}

void GenerationView::placeChanged(const Locus&) {
    contrast();
    draw();
}

void GenerationView::lookChanged() {
    draw();
    drawBeam();
}

}  // namespace lw
