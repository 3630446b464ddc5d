#include "widgets/tokenizer/vocabulary_page.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QScrollBar>
#include <QVBoxLayout>

#include <cmath>

#include "widgets/tokenizer/workshop_parts.h"
#include "widgets/workshop.h"

namespace lw {

namespace {

constexpr std::size_t rowsAtFirst = 300;

std::string say(const char* text) { return QCoreApplication::translate("Tokenizer", text).toStdString(); }

const std::vector<std::pair<NeedleKind, const char*>> kinds{
    {NeedleKind::Text, "text"}, {NeedleKind::Bytes, "bytes"}, {NeedleKind::Expression, "expression"}};
const std::vector<std::pair<VocabularyOrder, const char*>> orders{{VocabularyOrder::Id, "id"},
                                                                  {VocabularyOrder::MostBytes, "most-bytes"},
                                                                  {VocabularyOrder::MostCharacters, "most-characters"}};

template <class T>
QString nameOf(const std::vector<std::pair<T, const char*>>& names, T value) {
    for (const auto& [one, name] : names) {
        if (one == value) return QString::fromLatin1(name);
    }
    return {};
}
template <class T>
T valueOf(const std::vector<std::pair<T, const char*>>& names, const QString& name) {
    for (const auto& [one, text] : names) {
        if (name == QLatin1String(text)) return one;
    }
    return names.front().first;
}

}  // namespace

VocabularyPage::VocabularyPage(const ViewServices& services, QWidget* parent) : QWidget(parent), m_services(services) {
    const auto widget = [&](const QString& name) {
        auto* w = new PictureWidget(services.selection, services.look, this);
        w->setAccessibleName(name);
        connect(w, &PictureWidget::actionRequested, this, &VocabularyPage::act);
        return w;
    };
    m_field = new QLineEdit(this);
    m_field->setAccessibleName(tr("Search the vocabulary"));
    m_field->setClearButtonEnabled(true);
    m_field->setFixedWidth(180);
    m_bar = widget(tr("What is searched for"));
    m_bar->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_bar->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_picture = widget(tr("Entries of the vocabulary"));
    auto* top = new QHBoxLayout;
    top->setSpacing(8);
    top->addWidget(m_field, 0, Qt::AlignTop);
    top->addWidget(m_bar, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addLayout(top);
    layout->addWidget(m_picture, 1);
    setFocusProxy(m_field);
    m_input.most = rowsAtFirst;
    connect(m_field, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_query.needle = text.toStdString();
        search();
    });
    connect(m_field, &QLineEdit::editingFinished, this, &VocabularyPage::stateChanged);
    connect(&m_job, &LatestJobBase::finished, this, [this] {
        if (complete()) Q_EMIT completed();
    });
}

std::shared_ptr<const std::vector<std::int64_t>> VocabularyPage::occurrences() const {
    if (!m_services.workshop) return nullptr;
    const LearningFacts& facts = m_services.workshop->learning();
    return !facts.shelved.empty() && QString::fromStdString(facts.shelved) == m_name ? facts.occurrences : nullptr;
}

void VocabularyPage::setSource(std::shared_ptr<const Tokenizer> tokenizer, const QString& name, const std::string& text) {
    const bool same = tokenizer == m_input.tokenizer;
    const bool sameText = text == m_text;
    m_name = name;
    m_text = text;
    if (!same) {
        m_input.tokenizer = std::move(tokenizer);
        m_input.index.reset();
        m_input.found.clear();
        m_input.chosen = -1;
        m_input.origin.reset();
    }
    m_input.occurrences = occurrences();
    if (m_unseen == Unseen::Training && !m_input.occurrences) m_unseen = Unseen::Off;
    if (!same || (!sameText && m_unseen == Unseen::Present)) {
        search();
    } else {
        draw();
    }
}

void VocabularyPage::search() {
    m_input.most = rowsAtFirst;
    if (!m_input.tokenizer) {
        m_job.cancel();
        m_input.index.reset();
        m_input.found.clear();
        draw();
        return;
    }
    m_job.start(
        [tokenizer = m_input.tokenizer, index = m_input.index, query = m_query, unseen = m_unseen, text = m_text,
         occurrences = occurrences()](const Job& job) -> Result<Found> {
            Found result{index, {}, {}};
            if (!result.index) {
                auto made = VocabularyIndex::make(*tokenizer, job);
                if (!made) return tl::unexpected(made.error());
                result.index = std::make_shared<const VocabularyIndex>(std::move(*made));
            }
            VocabularyQuery asked = query;
            if (unseen != Unseen::Off) {
                auto seen = std::make_shared<std::vector<bool>>(static_cast<std::size_t>(tokenizer->size()), false);
                if (unseen == Unseen::Training && occurrences) {
                    for (std::size_t id = 0; id < occurrences->size(); ++id) (*seen)[id] = (*occurrences)[id] > 0;
                } else {
                    auto encoded = tokenizer->encode(text);
                    if (!encoded) {
                        result.problem = encoded.error().message;
                        return result;
                    }
                    for (const Token& token : encoded->tokens) (*seen)[static_cast<std::size_t>(token.id)] = true;
                }
                asked.seen = std::move(seen);
            }
            auto found = searchVocabulary(*result.index, asked, job);
            if (found) {
                result.found = std::move(*found);
            } else if (found.error().kind == ErrorKind::Cancelled) {
                return tl::unexpected(found.error());
            } else {
                result.problem = found.error().message;
            }
            return result;
        },
        [this](Result<Found> result) {
            if (!result) return;
            m_input.index = result->index;
            m_input.found = std::move(result->found);
            m_input.problem = result->problem;
            m_picture->verticalScrollBar()->setValue(0);
            draw();
        });
    draw();
}

void VocabularyPage::act(const QString& action) {
    const auto toggle = [&](const char* name, bool& flag) {
        if (action != QLatin1String(name)) return;
        flag = !flag;
        search();
        Q_EMIT stateChanged();
    };
    toggle("chinese", m_query.chinese);
    toggle("words", m_query.words);
    toggle("special", m_query.special);
    toggle("bytes-only", m_query.bytesOnly);
    if (action.startsWith("kind:")) {
        m_query.kind = valueOf(kinds, action.mid(5));
        search();
        Q_EMIT stateChanged();
    }
    if (action.startsWith("order:")) {
        m_query.order = valueOf(orders, action.mid(6));
        search();
        Q_EMIT stateChanged();
    }
    if (action == "unseen" || action == "untrained") {
        const Unseen wanted = action == "unseen" ? Unseen::Present : Unseen::Training;
        m_unseen = m_unseen == wanted ? Unseen::Off : wanted;
        search();
        Q_EMIT stateChanged();
    }
    if (action == "more") {
        m_input.most += rowsAtFirst;
        draw();
    }
    if (action.startsWith("entry:")) {
        const TokenId id = action.mid(6).toInt();
        m_input.chosen = id == m_input.chosen ? -1 : id;
        m_input.origin = originOf(m_input.tokenizer, m_input.chosen);
        draw();
    }
}

void VocabularyPage::draw() {
    const QString hint = m_query.kind == NeedleKind::Text    ? tr("search, e.g. ing")
                         : m_query.kind == NeedleKind::Bytes ? tr("bytes, e.g. e4 bd")
                                                             : tr("expression, e.g. ^ [A-Z]");
    m_field->setPlaceholderText(hint);
    const auto kind = [&](NeedleKind which, const char* text, const char* says) {
        return Pill{say(text), "kind:" + nameOf(kinds, which).toStdString(), m_query.kind == which, say(says)};
    };
    const auto order = [&](VocabularyOrder which, const char* text, const char* says) {
        return Pill{say(text), "order:" + nameOf(orders, which).toStdString(), m_query.order == which, say(says)};
    };
    const auto filter = [&](const char* text, const char* action, bool on, const char* says) {
        return Pill{say(text), action, on, say(says)};
    };
    std::vector<PillGroup> groups{
        {{},
         {kind(NeedleKind::Text, QT_TRANSLATE_NOOP("Tokenizer", "text"),
               QT_TRANSLATE_NOOP("Tokenizer", "search for a part of the entry’s text")),
          kind(NeedleKind::Bytes, QT_TRANSLATE_NOOP("Tokenizer", "bytes"),
               QT_TRANSLATE_NOOP("Tokenizer", "search for bytes in hexadecimal, such as e4 bd")),
          kind(NeedleKind::Expression, QT_TRANSLATE_NOOP("Tokenizer", "regex"),
               QT_TRANSLATE_NOOP("Tokenizer", "search by a regular expression (PCRE2)"))}},
        {say(QT_TRANSLATE_NOOP("Tokenizer", "by")),
         {order(VocabularyOrder::Id, QT_TRANSLATE_NOOP("Tokenizer", "id"), QT_TRANSLATE_NOOP("Tokenizer", "the lowest id first")),
          order(VocabularyOrder::MostBytes, QT_TRANSLATE_NOOP("Tokenizer", "most bytes"),
                QT_TRANSLATE_NOOP("Tokenizer", "the longest in bytes first")),
          order(VocabularyOrder::MostCharacters, QT_TRANSLATE_NOOP("Tokenizer", "most characters"),
                QT_TRANSLATE_NOOP("Tokenizer", "the longest in characters first"))}},
        {say(QT_TRANSLATE_NOOP("Tokenizer", "only")),
         {filter(QT_TRANSLATE_NOOP("Tokenizer", "Chinese"), "chinese", m_query.chinese,
                 QT_TRANSLATE_NOOP("Tokenizer", "entries with a Chinese character")),
          filter(QT_TRANSLATE_NOOP("Tokenizer", "word begins"), "words", m_query.words,
                 QT_TRANSLATE_NOOP("Tokenizer", "entries that begin a word: with a space in front")),
          filter(QT_TRANSLATE_NOOP("Tokenizer", "part of a character"), "bytes-only", m_query.bytesOnly,
                 QT_TRANSLATE_NOOP("Tokenizer", "entries that are no text by themselves, only bytes")),
          filter(QT_TRANSLATE_NOOP("Tokenizer", "special"), "special", m_query.special,
                 QT_TRANSLATE_NOOP("Tokenizer", "special tokens")),
          filter(QT_TRANSLATE_NOOP("Tokenizer", "not in this text"), "unseen", m_unseen == Unseen::Present,
                 QT_TRANSLATE_NOOP("Tokenizer", "entries that the present text does not use"))}}};
    if (occurrences())
        groups.back().pills.push_back(
            filter(QT_TRANSLATE_NOOP("Tokenizer", "not in the training text"), "untrained", m_unseen == Unseen::Training,
                   QT_TRANSLATE_NOOP("Tokenizer", "entries that the text it was learned from does not use in the end")));
    Picture bar;
    const double height = addPillRows(bar, 2, std::max(160.0, m_bar->availableWidth()), groups);
    m_bar->setFixedHeight(static_cast<int>(std::ceil((height + 2) * (m_services.look ? m_services.look->scale() : 1.0))));
    m_bar->setPicture(std::move(bar));
    m_picture->setPicture(exportPicture(std::max(320.0, m_picture->availableWidth())));
}

Picture VocabularyPage::exportPicture(double width) const {
    if (m_input.tokenizer) return vocabularyPicture(m_input, width, say);
    Picture note;
    note.width = width;
    note.height = 40;
    note.label(
        {.rect = {0, 10, width, 20},
         .text = m_name.isEmpty()
                     ? say(QT_TRANSLATE_NOOP("Tokenizer", "This model has no tokenizer: choose another’s vocabulary by Which."))
                     : fill(say(QT_TRANSLATE_NOOP("Tokenizer", "The tokenizer “%1” is not here (yet): choose another.")),
                            {m_name.toStdString()}),
         .colour = Ink::Muted});
    return note;
}

QJsonObject VocabularyPage::saveState() const {
    QJsonObject state{{"needle", QString::fromStdString(m_query.needle)},
                      {"kind", nameOf(kinds, m_query.kind)},
                      {"order", nameOf(orders, m_query.order)}};
    if (m_query.chinese) state["chinese"] = true;
    if (m_query.words) state["words"] = true;
    if (m_query.special) state["special"] = true;
    if (m_query.bytesOnly) state["bytes-only"] = true;
    if (m_unseen == Unseen::Present) state["unseen"] = true;
    return state;
}

void VocabularyPage::restoreState(const QJsonObject& state) {
    const QSignalBlocker quiet(m_field);
    m_field->setText(state["needle"].toString());
    m_query.needle = m_field->text().toStdString();
    m_query.kind = valueOf(kinds, state["kind"].toString());
    m_query.order = valueOf(orders, state["order"].toString());
    m_query.chinese = state["chinese"].toBool();
    m_query.words = state["words"].toBool();
    m_query.special = state["special"].toBool();
    m_query.bytesOnly = state["bytes-only"].toBool();
    m_unseen = state["unseen"].toBool() ? Unseen::Present : Unseen::Off;
    search();
}

void VocabularyPage::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    draw();
}

}  // namespace lw
