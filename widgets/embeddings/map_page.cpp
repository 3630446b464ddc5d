#include "widgets/embeddings/map_page.h"

#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>

#include <algorithm>

#include "widgets/embeddings/map_picture.h"
#include "widgets/shared/format.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/place_picture.h"
#include "widgets/word_vectors.h"

namespace lw {

namespace {

constexpr double secondsBetweenPictures = 0.08;
constexpr int ranked = 10;

}  // namespace

MapPage::MapPage(const ViewServices& services, QWidget* parent) : EmbeddingsPage(services, tr("Map of the table"), parent) {
    m_listsField = new QPlainTextEdit(QString::fromUtf8(defaultWordLists()), this);
    m_listsField->setAccessibleName(tr("Lists of words, one a line: name: word, word"));
    m_listsField->setMaximumHeight(120);
    m_listsField->setTabChangesFocus(true);
    m_listsField->hide();
    m_sumField = new QLineEdit(this);
    m_sumField->setAccessibleName(tr("Sum of vectors"));
    m_sumField->setPlaceholderText(tr("a sum of vectors: king − man + woman"));
    column()->addWidget(m_listsField);
    column()->addWidget(m_sumField);
    connect(m_sumField, &QLineEdit::returnPressed, this, [this] {
        add();
        Q_EMIT stateChanged();
    });
    connect(m_listsField, &QPlainTextEdit::textChanged, this, [this] {
        match();
        draw();
    });
    if (services.vectors)
        connect(services.vectors, &WordVectors::changed, this, [this] {
            if (isVisible()) refresh();
        });
    connect(&m_layoutJob, &LatestJobBase::finished, this, [this] {
        if (m_stopped) draw();  // a stopped one has no result that would
    });
    for (LatestJobBase* job : std::initializer_list<LatestJobBase*>{&m_mapJob, &m_layoutJob, &m_sumJob}) {
        connect(job, &LatestJobBase::finished, this, [this] {
            if (complete()) Q_EMIT completed();
        });
    }
}

bool MapPage::complete() const {
    const bool reads = m_table.starts_with("vectors:") && services().vectors && !services().vectors->complete();
    return !m_mapJob.running() && !m_layoutJob.running() && !m_sumJob.running() && !reads;
}

void MapPage::refresh() {
    if (m_table.starts_with("vectors:")) Q_EMIT services().intents->wantVectors();
    const std::vector<TokenTable> all = tables();
    const auto table = std::ranges::find(all, m_table, &TokenTable::key);
    if (table == all.end()) {
        m_mapJob.cancel();
        m_layoutJob.cancel();
        m_map.reset();
        m_words.reset();
        m_asked.clear();
        if (!m_table.starts_with("vectors:") && !all.empty()) {  // another model, which has no such table
            m_table = all.front().key;
            return refresh();
        }
        return draw();
    }
    if (m_asked == m_table && m_askedModel == table->model.get()) return draw();
    m_asked = m_table;
    m_askedModel = table->model.get();
    m_layoutJob.cancel();
    m_words.reset();
    m_map.reset();
    m_sum.reset();
    m_sumAsked.clear();
    m_mapJob.start([table = *table](const Job& job) { return tableMap(table, job); },
                   [this](Result<TableMapPtr> map) {
                       m_failure = map ? std::string() : map.error().message;
                       if (map) m_map = *map;
                       match();
                       add();
                       if (m_tsne) layOut(true);
                       draw();
                       Q_EMIT titled();
                   });
    draw();
}

void MapPage::match() {
    m_lists = m_map ? matchLists(parseWordLists(m_listsField->toPlainText().toStdString()), *m_map->index) : MatchedLists{};
}

void MapPage::add() {
    const std::string text = m_sumField->text().toStdString();
    if (!m_map || text == m_sumAsked) return;
    m_sumAsked = text;
    m_sumJob.start([map = m_map, text](const Job& job) { return arithmetic(*map, text, ranked, job); },
                   [this](Result<Arithmetic> sum) {
                       m_sum.reset();
                       if (sum) m_sum = std::move(*sum);
                       draw();
                   });
}

void MapPage::layOut(bool anew) {
    if (!m_map || !m_tsne) return;
    if (!anew && m_words) return goOn();
    m_stopped = false;
    m_words.reset();
    m_layoutJob.start([map = m_map, lists = m_lists, count = m_count,
                       seed = m_seed](const Job& job) { return beginLayout(*map, lists, count, seed, job); },
                      [this](Result<WordLayout> begun) {
                          m_failure = begun ? std::string() : begun.error().message;
                          if (begun) {
                              m_words = std::move(*begun);
                              goOn();
                          }
                          draw();
                      });
}

// From picture to picture until it has settled: so it is seen on its way, and can be stopped at any.
void MapPage::goOn() {
    if (!m_words || m_stopped || m_words->layout.steps >= settledAfter) return;
    m_layoutJob.start([words = *m_words](const Job& job) { return carryOn(words, secondsBetweenPictures, job); },
                      [this](Result<WordLayout> words) {
                          if (words) m_words = std::move(*words);
                          if (m_tsne && words) goOn();
                          draw();
                      });
}

void MapPage::setTsne(bool on) {
    if (on == m_tsne) return;
    m_tsne = on;
    if (on) {
        layOut(false);
    } else {
        m_layoutJob.cancel();
    }
    draw();
    Q_EMIT titled();
    Q_EMIT stateChanged();
}

void MapPage::setTable(const std::string& key) {
    if (key == m_table) return;
    m_table = key;
    refresh();
    Q_EMIT titled();
    Q_EMIT stateChanged();
}

std::string MapPage::title() const { return say(QT_TRANSLATE_NOOP("Embeddings", "Map")); }

std::string MapPage::about() const {
    if (!m_map) return {};
    return fill(say(QT_TRANSLATE_NOOP("Embeddings", "%1, %2 rows of %3 numbers")),
                {m_map->table.name, std::to_string(m_map->table.rows.rows()), std::to_string(m_map->table.rows.cols())});
}

void MapPage::draw() {
    const double width = roomWidth();
    std::vector<Pill> pills{
        {"PCA", "pca", !m_tsne, say(QT_TRANSLATE_NOOP("Embeddings", "the whole table along its two principal components"))},
        {"t-SNE", "tsne", m_tsne, say(QT_TRANSLATE_NOOP("Embeddings", "words laid out so that near ones stay near"))}};
    if (m_tsne) {
        pills.push_back({fill(say(QT_TRANSLATE_NOOP("Embeddings", "%1 words ▾")), {std::to_string(m_count)}), "counts", false});
        const bool moving = m_layoutJob.running();
        const bool waits = m_stopped && m_words && m_words->layout.steps < settledAfter;
        if (moving) {
            pills.push_back(
                {say(QT_TRANSLATE_NOOP("Embeddings", "stop")), "stop", false, say(QT_TRANSLATE_NOOP("Embeddings", "stop here"))});
        } else if (waits) {
            pills.push_back({say(QT_TRANSLATE_NOOP("Embeddings", "go on")), "on", false,
                             say(QT_TRANSLATE_NOOP("Embeddings", "go on until it has settled"))});
        }
        if (!moving)
            pills.push_back({say(QT_TRANSLATE_NOOP("Embeddings", "anew")), "anew", false,
                             say(QT_TRANSLATE_NOOP("Embeddings", "from another random start"))});
    }
    pills.push_back({(m_map ? m_map->table.name : say(QT_TRANSLATE_NOOP("Embeddings", "table"))) + " ▾", "tables", false,
                     say(QT_TRANSLATE_NOOP("Embeddings", "which table: the model’s, or word vectors"))});
    pills.push_back({say(QT_TRANSLATE_NOOP("Embeddings", "lists …")), "lists", m_listsField->isVisibleTo(this),
                     say(QT_TRANSLATE_NOOP("Embeddings", "edit the lists of words"))});
    Picture whole;
    whole.width = width;
    addPills(whole, 0, 0, pills);
    const double top = pillHeight + 8;
    std::string note = m_failure;
    if (note.empty() && !m_map && !m_mapJob.running()) {
        note = say(QT_TRANSLATE_NOOP("Embeddings", "This model has no such table: choose another."));
        if (services().vectors) {
            for (const VectorTable& table : services().vectors->tables())
                if ("vectors:" + table.name == m_table)
                    note = table.problem.empty() ? say(QT_TRANSLATE_NOOP("Embeddings", "The word vectors are being read …"))
                                                 : table.problem;
        }
    }
    if (note.empty() && (!m_map || (m_tsne && !m_words)))
        note = m_tsne ? say(QT_TRANSLATE_NOOP("Embeddings", "Looking for the nearest words of each word …"))
                      : say(QT_TRANSLATE_NOOP("Embeddings", "The directions in which the rows differ most are being computed …"));
    if (!note.empty()) {
        whole.label({.rect = {0, top + 6, width, 20}, .text = note, .colour = Ink::Muted});
        whole.height = top + 30;
    } else {
        MapInput in{
            .map = m_map.get(), .lists = &m_lists, .words = m_tsne ? &*m_words : nullptr, .sum = m_sum ? &*m_sum : nullptr};
        const int at = position();
        if (at >= 0 && m_map->table.model) in.selected = shown()->trace->ids()[static_cast<std::size_t>(at)];
        in.width = width;
        in.height = picture()->availableHeight() - top - 2;
        in.settled = !m_layoutJob.running();
        in.say = [this](const char* text) { return say(text); };
        placePicture(whole, mapPicture(in), 0, top);
    }
    picture()->setPicture(std::move(whole));
    picture()->setStale(false);
}

void MapPage::act(const QString& action) {
    if (action == "pca") setTsne(false);
    if (action == "tsne") setTsne(true);
    if (action == "stop") {
        m_stopped = true;
        m_layoutJob.cancel();
        draw();
    }
    if (action == "on") {
        m_stopped = false;
        goOn();
        draw();
    }
    if (action == "anew") {
        ++m_seed;
        layOut(true);
        draw();
    }
    if (action == "lists") {
        m_listsField->setVisible(!m_listsField->isVisibleTo(this));
        draw();
    }
    if (action == "tables") openTables();
    if (action == "counts") openCounts();
    if (action.startsWith("token:")) Q_EMIT tokenChosen(QString::fromStdString(m_table), action.mid(6).toInt());
}

void MapPage::openTables() {
    Q_EMIT services().intents->wantVectors();
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("tables"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto addTable = [&](const std::string& name, const std::string& key) {
        QAction* action = menu->addAction(QString::fromStdString(name).replace('&', QStringLiteral("&&")));
        action->setCheckable(true);
        action->setChecked(key == m_table);
        connect(action, &QAction::triggered, this, [this, key] { setTable(key); });
    };
    for (const TokenTable& table : tables())
        if (table.model) addTable(table.name, table.key);
    if (services().vectors) {
        for (const VectorTable& table : services().vectors->tables()) addTable(table.name, "vectors:" + table.name);
    }
    menu->addSeparator();
    connect(menu->addAction(tr("Open word vectors …")), &QAction::triggered, services().intents, &Intents::openVectors);
    menu->popup(picture()->mapToGlobal(QPoint(180, static_cast<int>(pillHeight) + 4)));
}

void MapPage::openCounts() {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const int count : {200, 500, 1000, 2000, 5000}) {
        QAction* action = menu->addAction(tr("%1 words").arg(count));
        action->setCheckable(true);
        action->setChecked(count == m_count);
        connect(action, &QAction::triggered, this, [this, count] {
            m_count = count;
            layOut(true);
            draw();
            Q_EMIT stateChanged();
        });
    }
    menu->popup(picture()->mapToGlobal(QPoint(90, static_cast<int>(pillHeight) + 4)));
}

QJsonObject MapPage::saveState() const {
    QJsonObject state{{"table", QString::fromStdString(m_table)},
                      {"tsne", m_tsne},
                      {"count", m_count},
                      {"seed", static_cast<qint64>(m_seed)},
                      {"sum", m_sumField->text()}};
    if (m_listsField->toPlainText() != QString::fromUtf8(defaultWordLists())) state["lists"] = m_listsField->toPlainText();
    return state;
}

void MapPage::restoreState(const QJsonObject& state) {
    m_table = state["table"].toString("embed").toStdString();
    m_tsne = state["tsne"].toBool(false);
    m_count = std::clamp(state["count"].toInt(1000), 10, 5000);
    m_seed = static_cast<std::uint64_t>(std::max<qint64>(0, state["seed"].toInteger(1)));
    m_sumField->setText(state["sum"].toString());
    m_listsField->setPlainText(state["lists"].toString(QString::fromUtf8(defaultWordLists())));
    m_asked.clear();
}

}  // namespace lw
