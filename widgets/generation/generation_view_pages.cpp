// The pages of the Generation view that are laid beside the tree: what they ask of the shown node, and what they show.
#include <QComboBox>
#include <QCoreApplication>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>

#include <algorithm>

#include "core/text/one_token.h"
#include "widgets/generation/beam_example.h"
#include "widgets/generation/cache_picture.h"
#include "widgets/generation/generation_view.h"
#include "widgets/generation/two_paths_picture.h"
#include "widgets/shared/picture_parts.h"

namespace lw {

namespace {

std::string say(const char* text) { return QCoreApplication::translate("Generation", text).toStdString(); }

constexpr int alternativesShown = 24;

}  // namespace

void GenerationView::setPage(Page page) {
    if (page == m_shownPage) return;
    m_shownPage = page;
    const bool tree = page == Page::Tree;
    m_tree->setVisible(tree);
    m_path->setVisible(tree);
    m_bar->setVisible(tree && m_open);
    m_beam->setVisible(tree && m_open);
    m_page->setVisible(!tree);
    const bool counts = page == Page::Rounds || page == Page::BestOf;
    m_pageBar->setVisible(counts || page == Page::Paths || page == Page::Exposure);
    m_wrongField->setVisible(page == Page::Exposure);
    m_pageStatus->clear();
    m_count->setVisible(counts);
    m_countLabel->setVisible(counts || page == Page::Paths);
    m_otherBox->setVisible(page == Page::Paths);
    if (page == Page::Paths) fillOthers();
    m_countLabel->setText(page == Page::Paths ? tr("beside") : page == Page::BestOf ? tr("texts of 12 tokens") : tr("tokens"));
    contrast();
    draw();
    Q_EMIT stateChanged();
}

// What the shown page asks of the shown node; none if there is nothing to ask.
std::optional<GenerationView::Question> GenerationView::question() const {
    if (m_shownPage == Page::Tree || m_shownPage == Page::Paths || !shown() || !shown()->model || !shown()->trace ||
        !shown()->node)
        return std::nullopt;
    Question q;
    q.page = m_shownPage;
    q.node = shown()->node;
    if (m_shownPage == Page::Rounds || m_shownPage == Page::BestOf) q.count = m_count->value();
    if (m_shownPage == Page::Cache) {
        if (shown()->trace->length() < 2) return std::nullopt;
        q.measured = m_measured;
    }
    if (m_shownPage == Page::BestOf) q.sampling = shown()->sampling;
    if (m_shownPage == Page::Exposure) {
        const int T = shown()->trace->length();
        if (T < 2) return std::nullopt;
        q.from = m_wrongAt > 0 && m_wrongAt < T ? m_wrongAt : std::max(1, T / 2);
        // The chosen token; else, or where the text says just that, what the model finds most probable and the text does not say.
        const TokenId truth = shown()->trace->ids()[static_cast<std::size_t>(q.from)];
        const ConstRow row = shown()->trace->logits(Position(q.from - 1));
        if (m_wrong >= 0 && m_wrong < row.size() && m_wrong != truth) q.wrong = m_wrong;
        for (const Bin& bin : distribution({row.data(), static_cast<std::size_t>(row.size())}, {}, 2))
            if (q.wrong < 0 && bin.id != truth) q.wrong = bin.id;
    }
    return q;
}

QString GenerationView::pageStatus() const { return m_pageStatus->text(); }

void GenerationView::chooseFrom(int position) {
    m_wrongAt = position;
    contrast();
    Q_EMIT stateChanged();
}

void GenerationView::chooseWrong(TokenId id) {
    m_wrong = id;
    contrast();
    Q_EMIT stateChanged();
}

void GenerationView::writeWrong() {
    if (!shown() || m_wrongField->text().isEmpty()) return;
    if (!shown()->tokenizer) return m_pageStatus->setText(tr("This model has no tokenizer: choose one of the tokens above."));
    const auto id = oneToken(*shown()->tokenizer, m_wrongField->text().toStdString());
    if (!id) return m_pageStatus->setText(QString::fromStdString(id.error().message));
    m_pageStatus->clear();
    chooseWrong(*id);
    m_wrongField->clear();
}

void GenerationView::contrast() {
    const auto q = question();
    if (q == m_asked) return drawPage();
    m_asked = q;
    if (!q) {
        m_contrastJob.cancel();
        m_answered.reset();
        return drawPage();
    }
    m_pageStatus->clear();
    const auto all = shown()->trace->ids();
    std::vector<TokenId> ids(all.begin(), all.end());
    GenerateRequest request;
    request.count = 12;
    request.settings = q->sampling;
    request.ends = shown()->ends;
    const auto work = [q = *q, model = shown()->model, trace = shown()->trace, ids, by = m_rank,
                       request](const Job& job) -> Result<Contrast> {
        Contrast made;
        if (q.page == Page::Rounds) {
            auto rounds = jacobi(*model, ids, {.count = q.count}, job);
            if (!rounds) return Unexpected(rounds.error());
            made.jacobi = std::move(*rounds);
        } else if (q.page == Page::Exposure) {
            auto read = exposure(*model, ids, q.from, q.wrong < 0 ? std::nullopt : std::optional(q.wrong), false, job);
            if (!read) return Unexpected(read.error());
            const ConstRow row = trace->logits(Position(q.from - 1));
            made.alternatives = distribution({row.data(), static_cast<std::size_t>(row.size())}, {}, alternativesShown);
            made.exposure = std::move(*read);
        } else if (q.page == Page::Cache) {
            auto checked = cacheCheck(*model, ids, 5, true, job);
            if (!checked) return Unexpected(checked.error());
            made.cache = std::move(*checked);
        } else {
            auto texts = bestOf(*model, ids, q.count, request, by, job);
            if (!texts) return Unexpected(texts.error());
            made.texts = std::move(*texts);
        }
        return made;
    };
    m_contrastJob.start(work, [this, q = *q](Result<Contrast> made) {
        m_pageStatus->setText(made ? QString() : QString::fromStdString(made.error().message));
        m_answered.reset();
        m_contrast = {};
        if (made) {
            m_answered = q;
            m_contrast = std::move(*made);
            rank(m_contrast.texts, m_rank);  // it may have been chosen meanwhile
            if (m_contrast.jacobi && m_contrast.jacobi->reason == StopReason::Context)
                m_pageStatus->setText(tr("The context ends there."));
        }
        drawPage();
    });
}

Picture GenerationView::pagePart(double width) const {
    const PieceOf piece = [shown = shown()](TokenId id) { return shown->piece(id); };
    if (m_shownPage == Page::Paths) return twoPathsPart(width);
    if (m_answered && m_answered == m_asked && m_contrast.cache) {
        const auto& blocks = shown()->model->info().blocks;
        const bool attention = std::any_of(blocks.begin(), blocks.end(), [](const BlockInfo& b) { return b.hasAttention(); });
        return cachePicture(*m_contrast.cache, attention, width, say);
    }
    if (m_answered && m_answered == m_asked) {
        if (m_contrast.jacobi) return roundsPicture(*m_contrast.jacobi, shown()->trace->length(), piece, width, say);
        if (m_contrast.exposure)
            return exposurePicture({.exposure = *m_contrast.exposure,
                                    .pieces = shown()->pieces,
                                    .alternatives = m_contrast.alternatives,
                                    .piece = piece,
                                    .place = services().selection->current()},
                                   width, say);
        if (!m_contrast.texts.empty()) return bestOfPicture(m_contrast.texts, m_rank, piece, width, say);
    }
    Picture note;
    note.width = width;
    note.height = 40;
    const std::string failure = m_contrastJob.running() ? "" : m_pageStatus->text().toStdString();
    note.label({.rect = {0, 10, width, 20},
                .text = !failure.empty() ? failure
                        : m_contrastJob.running()
                            ? say(QT_TRANSLATE_NOOP("Generation", "The model is asked …"))
                            : say(QT_TRANSLATE_NOOP("Generation", "Trace a text of two tokens or more first.")),
                .colour = Ink::Muted});
    return note;
}

std::string GenerationView::pathName(const RunNodePtr& tip) const {
    const auto named = shown()->names.find(tip.get());
    std::string words;
    if (named != shown()->names.end()) words = "“" + named->second + "” · ";
    std::string tokens;
    RunNodePtr at = tip;
    for (int i = 0; i < 4 && at && at->parent(); ++i, at = at->parent()) tokens = shown()->piece(at->choice().id) + tokens;
    if (at && at->parent()) tokens = "… " + tokens;
    if (!tip->parent()) tokens = say(QT_TRANSLATE_NOOP("Generation", "the prompt"));
    return words + tokens;
}

// The tips of the other branches; the one that is compared stays chosen as long as it is there.
void GenerationView::fillOthers() {
    m_others.clear();
    if (shown() && shown()->node) {
        const auto add = [this](const RunNodePtr& node) {
            if (node && node != shown()->node && std::find(m_others.begin(), m_others.end(), node) == m_others.end())
                m_others.push_back(node);
        };
        for (const RunNodePtr& leaf : shown()->leaves) add(leaf);
        bool ours = false;
        if (m_other) ours = pathTo(m_other).front() == (shown()->root ? shown()->root : pathTo(shown()->node).front());
        if (ours)
            add(m_other);
        else
            m_other.reset();
        if (!m_other && !m_others.empty()) m_other = m_others.front();
        if (m_other == shown()->node) m_other = m_others.empty() ? nullptr : m_others.front();
    } else {
        m_other.reset();
    }
    m_otherBox->clear();
    for (const RunNodePtr& node : m_others) {
        m_otherBox->addItem(QString::fromStdString(pathName(node)));
        if (node == m_other) m_otherBox->setCurrentIndex(m_otherBox->count() - 1);
    }
    m_otherBox->setEnabled(m_others.size() > 1);
}

void GenerationView::compareWith(const RunNodePtr& node) {
    m_other = node;
    fillOthers();
    drawPage();
}

Picture GenerationView::twoPathsPart(double width) const {
    if (!shown() || !shown()->node || !m_other) {
        Picture note;
        note.width = width;
        note.height = 40;
        note.label({.rect = {0, 10, width, 20},
                    .text = say(QT_TRANSLATE_NOOP("Generation",
                                                  "There is one path so far: go back to a node, take another token, "
                                                  "and lay the two beside each other.")),
                    .colour = Ink::Muted});
        return note;
    }
    TwoPathsInput in;
    in.a = pathSteps(m_other, shown()->promptLength);
    in.b = pathSteps(shown()->node, shown()->promptLength);
    in.nameA = pathName(m_other);
    in.nameB = fill(say(QT_TRANSLATE_NOOP("Generation", "this path: %1")), {pathName(shown()->node)});
    in.piece = [this](TokenId id) { return shown()->piece(id); };
    in.place = services().selection->current();
    return twoPathsPicture(in, width, say);
}

void GenerationView::showExample() {
    m_beams->setValue(greedyMisses.beams);
    m_tokens->setValue(greedyMisses.tokens);
    m_penalty->setValue(0);
    Intents* intents = services().intents;
    Q_EMIT intents->setPrompt(QString::fromUtf8(greedyMisses.text));
    if (!shown() || shown()->modelName != greedyMisses.model) Q_EMIT intents->useModel(QString::fromUtf8(greedyMisses.model));
}

void GenerationView::drawPage() {
    if (m_shownPage == Page::Tree) return;
    if (m_asked && m_answered != m_asked && m_contrastJob.running() && m_answered && m_answered->page == m_asked->page)
        return;  // the old picture stays until the new one is there
    m_page->setPicture(pagePart(std::max(420.0, m_page->availableWidth())));
}

std::string GenerationView::loopNote() const {
    if (!shown() || !shown()->trace) return {};
    const auto ids = shown()->trace->ids();
    const auto loop = loopAtEnd(ids);
    if (!loop || loop->since + loop->repeats * loop->period <= shown()->promptLength) return {};
    return loopSentence(
        *loop, ids, [this](TokenId id) { return shown()->piece(id); }, say);
}

}  // namespace lw
