#include "widgets/embeddings/row_page.h"

#include <algorithm>

#include "widgets/embeddings/row_picture.h"
#include "widgets/shared/format.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/place_picture.h"
#include "widgets/word_vectors.h"

namespace lw {

namespace {

constexpr int neighbours = 12;

// Without the space in front, in small letters if need be; −1: none.
TokenId rowOfWord(const TokenTable& table, std::string word) {
    if (!word.empty() && word.front() == ' ') word.erase(0, 1);
    for (const bool small : {false, true}) {
        if (small)
            for (char& c : word)
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (const auto at = std::ranges::find(*table.words, word); at != table.words->end())
            return static_cast<TokenId>(at - table.words->begin());
    }
    return -1;
}

}  // namespace

RowPage::RowPage(const ViewServices& services, QWidget* parent)
    : EmbeddingsPage(services, tr("The token’s row and its neighbours"), parent) {
    connect(&m_job, &LatestJobBase::finished, this, &RowPage::completed);
    if (services.vectors) {
        connect(services.vectors, &WordVectors::changed, this, [this] {
            if (isVisible()) refresh();
        });
    }
}

void RowPage::refresh() {
    const int at = position();
    const std::vector<TokenTable> all = tables();
    m_lacking.clear();
    if (m_table.starts_with("vectors:")) Q_EMIT services().intents->wantVectors();
    if (at < 0 || all.empty()) {
        m_job.cancel();
        m_facts.reset();
        m_asked = {};
        return draw();
    }
    if (m_token >= 0 && at != m_tokenAt) m_token = -1;
    auto table = std::ranges::find(all, m_table, &TokenTable::key);
    if (table == all.end()) table = all.begin();
    if (m_token >= table->rows.rows()) m_token = -1;
    TokenId id = m_token;
    if (id < 0 && table->model) id = shown()->trace->ids()[static_cast<std::size_t>(at)];
    if (id < 0) {  // the same word among those of the file
        const std::string text = all.front().bytes(shown()->trace->ids()[static_cast<std::size_t>(at)]);
        id = rowOfWord(*table, text);
        if (id < 0) {
            m_job.cancel();
            m_facts.reset();
            m_asked = {};
            m_lacking = visiblePiece(text);
            return draw();
        }
    }
    const Question question{table->model, table->key, id};
    if (question == m_asked) return draw();
    m_asked = question;
    m_job.start([table = *table, id](const Job& job) { return rowFacts(table, id, neighbours, job); },
                [this](Result<RowFacts> facts) {
                    m_failure = facts ? std::string() : facts.error().message;
                    m_facts.reset();
                    if (facts) m_facts = std::move(*facts);
                    draw();
                    Q_EMIT titled();
                });
}

void RowPage::setTable(const std::string& key) {
    if (key == m_table) return;
    m_table = key;
    m_token = -1;
    refresh();
    Q_EMIT stateChanged();
}

void RowPage::setToken(TokenId id) {
    m_token = id;
    m_tokenAt = position();
    refresh();
}

std::string RowPage::title() const {
    return m_facts
               ? fill(say(QT_TRANSLATE_NOOP("Embeddings", "“%1”, id %2")), {m_facts->row.piece, std::to_string(m_facts->row.id)})
               : say(QT_TRANSLATE_NOOP("Embeddings", "Embeddings"));
}

std::string RowPage::about() const {
    if (!m_facts) return {};
    return fill(say(QT_TRANSLATE_NOOP("Embeddings", "row of %1, %2 × %3")),
                {m_facts->table.name, std::to_string(m_facts->table.rows.rows()), std::to_string(m_facts->table.rows.cols())});
}

// Which table, and the way back to the selected token; gives the height they take.
double RowPage::addControls(Picture& picture) const {
    std::vector<Pill> pills;
    const std::vector<TokenTable> all = tables();
    for (const TokenTable& table : all) {
        std::string text = table.name;
        if (table.key == "embed") text = say(QT_TRANSLATE_NOOP("Embeddings", "W_E: read by"));
        if (table.key == "unembed") text = say(QT_TRANSLATE_NOOP("Embeddings", "W_U: written by"));
        pills.push_back({text, "table:" + table.key, table.key == m_table});
    }
    const bool read = std::ranges::any_of(all, [](const TokenTable& table) { return table.words != nullptr; });
    if (!read && services().vectors && shown() && shown()->tokenizer)
        pills.push_back(
            {say(QT_TRANSLATE_NOOP("Embeddings", "word vectors")), "vectors", false,
             say(QT_TRANSLATE_NOOP("Embeddings", "the same word among word vectors that were learned from much text"))});
    if (pills.size() == 1) pills.clear();  // nothing to choose
    const int at = position();
    if (m_token >= 0 && at >= 0)
        pills.insert(pills.begin(),
                     {fill(say(QT_TRANSLATE_NOOP("Embeddings", "← “%1”")), {shown()->pieces[static_cast<std::size_t>(at)]}),
                      "token:-1", false, say(QT_TRANSLATE_NOOP("Embeddings", "back to the selected token"))});
    if (pills.empty()) return 0;
    addPills(picture, 0, 0, pills);
    return pillHeight + 6;
}

void RowPage::draw() {
    const double width = roomWidth();
    Picture picture;
    picture.width = width;
    const double y = addControls(picture);
    if (!m_facts) {
        if (m_job.running()) return;
        std::string note = m_failure;
        if (!m_lacking.empty())
            note =
                fill(say(QT_TRANSLATE_NOOP("Embeddings", "“%1” is not among these words: select another token.")), {m_lacking});
        if (note.empty())
            note = say(QT_TRANSLATE_NOOP(
                "Embeddings", "This model has no table of embeddings: its first layer reads one-hot vectors or counts."));
        picture.label({.rect = {0, y + 6, width, 20}, .text = note, .colour = Ink::Muted});
        picture.height = y + 30;
        this->picture()->setPicture(std::move(picture));
        this->picture()->setStale(false);
        return;
    }
    RowInput in{.facts = &*m_facts, .width = width, .say = [this](const char* text) { return say(text); }};
    // The place of this very row: at the selected position, else where the token stands in the text.
    if (m_facts->table.key == "embed" && shown() && shown()->trace->has(SiteId::Embed)) {
        const auto ids = shown()->trace->ids();
        int at = position();
        if (at >= 0 && ids[static_cast<std::size_t>(at)] != m_facts->row.id) {
            const auto found = std::ranges::find(ids, m_facts->row.id);
            at = found == ids.end() ? -1 : static_cast<int>(found - ids.begin());
        }
        if (at >= 0) in.place = Locus{.position = Position(at), .site = SiteId::Embed};
    }
    placePicture(picture, rowPicture(in), 0, y);
    this->picture()->setPicture(std::move(picture));
    this->picture()->setStale(false);
}

void RowPage::act(const QString& action) {
    if (action.startsWith("token:")) setToken(action.mid(6).toInt());
    if (action == "vectors") Q_EMIT services().intents->wantVectors();
    if (action.startsWith("table:")) setTable(action.mid(6).toStdString());
}

QJsonObject RowPage::saveState() const {
    QJsonObject state{{"table", QString::fromStdString(m_table)}};
    return state;
}

void RowPage::restoreState(const QJsonObject& state) { m_table = state["table"].toString("embed").toStdString(); }

}  // namespace lw
