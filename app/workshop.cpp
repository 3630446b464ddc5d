#include "app/workshop.h"

#include <QFileInfo>
#include <QLocale>

#include <algorithm>
#include <chrono>

#include "core/text/count_tokens.h"

namespace lw {

namespace {

constexpr int tellMs = 150;
constexpr std::size_t longestFollowed = 1200;  // bytes

std::string beginningOf(std::string text) {
    if (text.size() <= longestFollowed) return text;
    std::size_t at = longestFollowed;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80u) --at;
    text.resize(at);
    return text;
}

}  // namespace

TokenizerWorkshop::TokenizerWorkshop(Tokenizers* tokenizers, std::function<std::string()> present, QObject* parent)
    : QObject(parent), m_tokenizers(tokenizers), m_present(std::move(present)) {
    m_pool.setMaxThreadCount(1);
    m_tell.setInterval(tellMs);
    connect(&m_tell, &QTimer::timeout, this, [this] {
        if (m_learning && m_facts.learning().working()) {
            publish(m_learning->facts().vocabulary > 0 ? LearningState::Running : LearningState::Reading);
        }
    });
    connect(tokenizers->shelf(), &TokenizerShelf::changed, this, &TokenizerWorkshop::shelfChanged);
    const auto counting = [this](double fraction, const QString&) {
        FileCountFacts facts = m_facts.count();
        facts.fraction = fraction;
        m_facts.setCount(std::move(facts));
    };
    connect(&m_counting, &LatestJobBase::progress, this, counting);
    connect(&m_opening, &LatestJobBase::progress, this, counting);
}

TokenizerWorkshop::~TokenizerWorkshop() {
    if (m_learning) m_learning->stop();
}

// ---- learning

void TokenizerWorkshop::learn(const QString& text, int vocabulary) {
    begin({.text = text.toStdString(), .path = {}, .name = tr("the text").toStdString()}, vocabulary);
}

void TokenizerWorkshop::learnFile(const QString& path, int vocabulary) {
    begin({.text = {}, .path = path.toStdString(), .name = QFileInfo(path).fileName().toStdString()}, vocabulary);
}

void TokenizerWorkshop::begin(LearningSource source, int vocabulary) {
    if (m_learning) m_learning->stop();
    m_shelving.cancel();
    m_tokenizers->want();
    m_learning = std::make_shared<Learning>(std::move(source), vocabulary, beginningOf(m_present()));
    publish(LearningState::Reading);
    go(-1);
}

void TokenizerWorkshop::go(int merges) {
    m_tell.start();
    m_learningJob.start([learning = m_learning, merges](const Job& job) { return learning->work(merges, job); },
                        [this](Result<LearningEnd> end) { landed(std::move(end)); });
}

void TokenizerWorkshop::landed(Result<LearningEnd> end) {
    m_tell.stop();
    if (!end) {
        LearningFacts facts = m_learning->facts();
        // Stopped while the text was still being read: there is nothing of it.
        facts.state = end.error().kind == ErrorKind::Cancelled ? LearningState::None : LearningState::Failed;
        facts.problem = end.error().message;
        m_learning.reset();
        m_facts.setLearning(std::move(facts));
        return;
    }
    if (*end == LearningEnd::Paused) {
        publish(LearningState::Paused);
    } else {
        finish(*end == LearningEnd::Finished ? LearningState::Finished : LearningState::Stopped);
    }
}

void TokenizerWorkshop::pause(bool pause) {
    if (!m_learning || !m_facts.learning().active()) return;
    m_learning->pause(pause);
    if (!pause && m_facts.learning().state == LearningState::Paused && !m_learningJob.running()) {
        publish(LearningState::Running);
        go(-1);
    }
}

void TokenizerWorkshop::step() {
    if (m_learning && m_facts.learning().state == LearningState::Paused && !m_learningJob.running()) go(1);
}

void TokenizerWorkshop::stop() {
    if (!m_learning || !m_facts.learning().active()) return;
    m_learning->stop();
    if (m_facts.learning().state == LearningState::Reading) {
        m_learningJob.cancel();
        m_tell.stop();
        m_learning.reset();
        m_facts.setLearning({});
    } else if (!m_learningJob.running()) {
        finish(LearningState::Stopped);
    }
}

void TokenizerWorkshop::publish(LearningState state) {
    LearningFacts facts = m_learning->facts();
    facts.state = state;
    m_facts.setLearning(std::move(facts));
}

// A learned tokenizer's name that none on the shelf has.
std::string TokenizerWorkshop::freeName(const std::string& name) const {
    const auto taken = [this](const std::string& one) {
        return std::ranges::count(m_tokenizers->shelf()->rows(), one, &ShelvedTokenizer::name) > 0;
    };
    if (!taken(name)) return name;
    for (int i = 2;; ++i) {
        if (std::string next = name + " · " + std::to_string(i); !taken(next)) return next;
    }
}

void TokenizerWorkshop::finish(LearningState state) {
    publish(state);
    m_shelving.start(
        [learning = m_learning](const Job&) { return learning->result(); },
        [this](Result<LearningResult> result) {
            LearningFacts facts = m_facts.learning();
            if (!result) {
                facts.state = LearningState::Failed;
                facts.problem = result.error().message;
                m_facts.setLearning(std::move(facts));
                return;
            }
            m_learned = result->learned;
            const QString size = QLocale(QLocale::English).toString(facts.vocabulary);
            facts.shelved = freeName(tr("learned (%1)").arg(size).toStdString());
            facts.occurrences = result->occurrences;
            m_tokenizers->shelve(
                {.name = facts.shelved,
                 .what = tr("Byte-level BPE, learned here from %1").arg(QString::fromStdString(facts.from)).toStdString(),
                 .tokenizer = result->tokenizer});
            m_facts.setLearning(std::move(facts));
        });
}

// ---- counting

void TokenizerWorkshop::count(const QString& path) {
    m_counting.cancel();
    if (m_file && m_facts.count().stopped && m_facts.count().path == path.toStdString() && m_file->file->intact()) {
        FileCountFacts facts = m_facts.count();
        facts.stopped = false;
        facts.running = true;
        m_facts.setCount(std::move(facts));
        shelfChanged();
        return;
    }
    m_file.reset();
    m_tokenizers->want();
    FileCountFacts facts;
    facts.path = path.toStdString();
    facts.name = QFileInfo(path).fileName().toStdString();
    facts.running = true;
    m_facts.setCount(facts);
    m_opening.start([path = facts.path](const Job& job) { return openForCounting(path, job); },
                    [this](Result<std::shared_ptr<const CountedFile>> opened) {
                        FileCountFacts now = m_facts.count();
                        if (!opened) {
                            now.running = false;
                            now.problem = opened.error().message;
                            m_facts.setCount(std::move(now));
                            return;
                        }
                        m_file = *opened;
                        now.bytes = static_cast<std::int64_t>(m_file->file->size());
                        now.characters = m_file->characters;
                        now.words = m_file->words;
                        now.beginning = m_file->beginning;
                        m_facts.setCount(std::move(now));
                        shelfChanged();
                    });
}

// Tokenizers that came on the shelf meanwhile are counted too.
void TokenizerWorkshop::shelfChanged() {
    if (!m_file) return;
    FileCountFacts facts = m_facts.count();
    if (facts.stopped) return;
    std::vector<FileCountRow> rows;
    for (const ShelvedTokenizer& one : m_tokenizers->shelf()->rows()) {
        const auto known = std::ranges::find(facts.rows, one.name, &FileCountRow::name);
        FileCountRow row = known == facts.rows.end() ? FileCountRow() : *known;
        row.name = one.name;
        if (one.tokenizer) {
            row.kind = one.tokenizer->kind();
            row.vocabulary = one.tokenizer->size();
        }
        if (!row.tokens) row.problem = one.problem.empty() ? row.problem : one.problem;
        rows.push_back(std::move(row));
    }
    const std::string current = facts.current >= 0 ? facts.rows[static_cast<std::size_t>(facts.current)].name : std::string();
    facts.rows = std::move(rows);
    const auto now = std::ranges::find(facts.rows, current, &FileCountRow::name);
    facts.current = current.empty() || now == facts.rows.end() ? -1 : static_cast<int>(now - facts.rows.begin());
    m_facts.setCount(std::move(facts));
    if (m_facts.count().current < 0) countNext();
}

void TokenizerWorkshop::countNext() {
    FileCountFacts facts = m_facts.count();
    const auto& shelf = m_tokenizers->shelf()->rows();
    const auto next = std::ranges::find_if(facts.rows, [&](const FileCountRow& row) {
        const auto one = std::ranges::find(shelf, row.name, &ShelvedTokenizer::name);
        return !row.tokens && row.problem.empty() && one != shelf.end() && one->tokenizer;
    });
    facts.fraction = 0;
    if (next == facts.rows.end()) {
        facts.current = -1;
        facts.running = !m_tokenizers->shelf()->complete();
        m_facts.setCount(std::move(facts));
        return;
    }
    facts.current = static_cast<int>(next - facts.rows.begin());
    facts.running = true;
    const std::string name = next->name;
    const auto tokenizer = std::ranges::find(shelf, name, &ShelvedTokenizer::name)->tokenizer;
    m_facts.setCount(std::move(facts));
    m_counting.start(
        [file = m_file->file, tokenizer](const Job& job) -> Result<Counted> {
            const auto start = std::chrono::steady_clock::now();
            const auto counted = countTokens(*tokenizer, file->text(), job);
            if (auto same = file->intact(); !same) return tl::unexpected(same.error());
            Counted result;
            result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            if (counted) {
                result.tokens = counted->tokens;
                result.pieces = counted->pieces;
            } else if (counted.error().kind == ErrorKind::Cancelled) {
                return tl::unexpected(counted.error());
            } else {
                result.problem = counted.error().message;
            }
            return result;
        },
        [this, name](Result<Counted> counted) {
            FileCountFacts now = m_facts.count();
            if (!counted) {  // the file is no longer what it was: no number of it is to be trusted
                now.running = false;
                now.current = -1;
                now.rows.clear();
                now.problem = counted.error().message;
                m_file.reset();
                m_facts.setCount(std::move(now));
                return;
            }
            const auto row = std::ranges::find(now.rows, name, &FileCountRow::name);
            if (row != now.rows.end()) {
                row->problem = counted->problem;
                row->pieces = counted->pieces;
                row->seconds = counted->seconds;
                if (counted->problem.empty()) row->tokens = counted->tokens;
            }
            m_facts.setCount(std::move(now));
            countNext();
        });
}

void TokenizerWorkshop::stopCounting() {
    m_opening.cancel();
    m_counting.cancel();
    FileCountFacts facts = m_facts.count();
    if (!facts.running) {  // nothing more is wanted of it
        m_file.reset();
        return;
    }
    facts.running = false;
    facts.stopped = true;
    facts.current = -1;
    m_facts.setCount(std::move(facts));
}

}  // namespace lw
