#include "widgets/embeddings/contexts_page.h"

#include <QLineEdit>

#include <utility>

#include "widgets/embeddings/context_picture.h"
#include "widgets/second_text.h"
#include "widgets/shared/format.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/place_picture.h"

namespace lw {

namespace {

struct Example {
    const char *word, *first, *second;
};
constexpr Example examples[] = {
    {"bank", "She sat on the bank of the river.", "He took his money to the bank in town."},
    {"果", "他買了一台蘋果電腦", "我們來吃水果和蘋果"},
};

}  // namespace

ContextsPage::ContextsPage(const ViewServices& services, QWidget* parent)
    : EmbeddingsPage(services, tr("The same token in two texts"), parent) {
    m_field = new QLineEdit(this);
    m_field->setAccessibleName(tr("Second text"));
    m_field->setPlaceholderText(tr("a second text with the same word: Enter reads it"));
    column()->insertWidget(0, m_field);
    connect(m_field, &QLineEdit::returnPressed, this, [this] {
        m_chosen = -1;
        ask();
        Q_EMIT stateChanged();
    });
    if (services.second) {
        connect(services.second, &SecondText::changed, this, [this] {
            if (!isVisible()) return;
            if (!m_field->hasFocus()) m_field->setText(QString::fromStdString(this->services().second->text()));
            refresh();
            if (complete()) Q_EMIT completed();
        });
    }
}

void ContextsPage::ask() { Q_EMIT services().intents->readSecond(m_field->text()); }

bool ContextsPage::complete() const { return !services().second || services().second->complete(); }

void ContextsPage::refresh() {
    m_facts.reset();
    if (position() < 0) return showNote(say(QT_TRANSLATE_NOOP("Embeddings", "Nothing has been traced yet: type a text.")));
    const SecondText* second = services().second;
    if (std::exchange(m_restored, false) && !m_field->text().isEmpty()) ask();
    const ShownPtr b = second ? second->shown() : nullptr;
    const Trace& trace = *shown()->trace;
    const bool same = b && b->model == shown()->model;
    if (!m_word.empty() && same && shown()->tokenizer) {
        const int here = lastPieceOf(*shown()->tokenizer, trace.ids(), m_word);
        const int there = lastPieceOf(*shown()->tokenizer, b->trace->ids(), m_word);
        if (here >= 0 && there >= 0) {
            m_word.clear();
            m_chosen = there;
            if (here != position()) {
                Locus place;
                place.position = Position(here);
                services().selection->select(place);  // comes back here
                return;
            }
        }
    }
    ContextInput in{
        .piecesA = shown()->pieces, .a = position(), .width = roomWidth(), .say = [this](const char* text) { return say(text); }};
    std::vector<Pill> pills;
    for (int i = 0; i < 2; ++i)
        pills.push_back(
            {examples[i].word, "example:" + std::to_string(i), false,
             fill(say(QT_TRANSLATE_NOOP("Embeddings", "example: “%1” and “%2”")), {examples[i].first, examples[i].second})});
    pills.push_back({say(QT_TRANSLATE_NOOP("Embeddings", "control: the same text")), "same", false,
                     say(QT_TRANSLATE_NOOP("Embeddings", "the first text once more: every cosine is 1"))});
    std::optional<ContextFacts> made;
    if (!second) {
        in.note = say(QT_TRANSLATE_NOOP("Embeddings", "No second text can be read here."));
    } else if (!hasStates(trace)) {
        in.note = say(
            QT_TRANSLATE_NOOP("Embeddings",
                              "This run holds no states of layers: the model has none (it counts, or reads a window), or they "
                              "were not captured."));
    } else if (second->text().empty()) {
        in.note = say(QT_TRANSLATE_NOOP("Embeddings", "Write a second text with the same word, or take an example."));
    } else if (!second->problem().empty()) {
        in.note = second->problem();
    } else if (!same) {
        in.note = say(QT_TRANSLATE_NOOP("Embeddings", "The second text is being read …"));
    } else {
        in.piecesB = b->pieces;
        const int found = sameToken(trace, Position(position()), *b->trace);
        const int last = b->trace->length() - 1;
        in.b = m_chosen >= 0 && m_chosen <= last ? m_chosen : found >= 0 ? found : last;
        const auto& here = in.piecesA[static_cast<std::size_t>(in.a)];
        const auto& there = in.piecesB[static_cast<std::size_t>(in.b)];
        if (trace.ids()[static_cast<std::size_t>(in.a)] != b->trace->ids()[static_cast<std::size_t>(in.b)])
            in.note =
                fill(say(QT_TRANSLATE_NOOP("Embeddings", "These are two tokens, “%1” and “%2”: click another in either text.")),
                     {here, there});
        auto facts = contextFacts(trace, Position(in.a), *b->trace, Position(in.b));
        if (facts) {
            m_facts = std::move(*facts);
            in.facts = &*m_facts;
        } else {
            in.note = facts.error().message;
        }
    }
    Picture whole;
    whole.width = in.width;
    addPills(whole, 0, 0, pills);
    placePicture(whole, contextPicture(in), 0, pillHeight + 8);
    picture()->setPicture(std::move(whole));
    picture()->setStale(false);
    Q_EMIT titled();
}

std::string ContextsPage::title() const { return say(QT_TRANSLATE_NOOP("Embeddings", "Two contexts")); }

std::string ContextsPage::about() const {
    if (!m_facts || !shown()) return {};
    const auto at = static_cast<std::size_t>(m_facts->a.value);
    return at < shown()->pieces.size() ? fill(say(QT_TRANSLATE_NOOP("Embeddings", "“%1”: cosine %2 at the end")),
                                              {shown()->pieces[at], printNumber(m_facts->states.back().cosine)})
                                       : std::string();
}

void ContextsPage::showExample(int index) {
    const Example& example = examples[index];
    m_word = example.word;
    m_chosen = -1;
    m_field->setText(QString::fromUtf8(example.second));
    Q_EMIT services().intents->setPrompt(QString::fromUtf8(example.first));
    ask();
    Q_EMIT stateChanged();
}

void ContextsPage::act(const QString& action) {
    if (action.startsWith("example:")) showExample(action.mid(8).toInt());
    if (action == "same" && shown()) {
        m_chosen = position();
        m_field->setText(QString::fromStdString(shown()->text));
        ask();
        refresh();
        Q_EMIT stateChanged();
    }
    if (action.startsWith("second:")) {
        m_chosen = action.mid(7).toInt();
        refresh();
        Q_EMIT stateChanged();
    }
}

QJsonObject ContextsPage::saveState() const {
    QJsonObject state;
    if (!m_field->text().isEmpty()) state["second"] = m_field->text();
    if (m_chosen >= 0) state["chosen"] = m_chosen;
    return state;
}

void ContextsPage::restoreState(const QJsonObject& state) {
    m_field->setText(state["second"].toString());
    m_chosen = state["chosen"].toInt(-1);
    m_restored = true;
}

}  // namespace lw
