#include "app/run/learning.h"

#include <algorithm>

#include "core/formats/mapped_file.h"
#include "core/text/bpe_writer.h"
#include "core/text/tokenizer_json.h"

namespace lw {

namespace {

constexpr auto publishEvery = std::chrono::milliseconds(120);
constexpr std::size_t pairsShown = 12, mergesShown = 40, longestShown = 24, curvePoints = 600;

std::string bytesOf(const BpeTrainer& trainer, TokenId id) { return trainer.learned().pieces[static_cast<std::size_t>(id)]; }

}  // namespace

Learning::Learning(LearningSource source, int vocabulary, std::string followed)
    : m_source(std::move(source)), m_vocabulary(vocabulary), m_followedText(std::move(followed)) {
    m_now.from = m_source.name;
    m_now.goal = m_vocabulary;
    m_published = m_now;
}

LearningFacts Learning::facts() const {
    const std::scoped_lock lock(m_publishing);
    return m_published;
}

void Learning::tell(double fraction, std::string_view what) {
    const std::scoped_lock lock(m_publishing);
    m_published.fraction = fraction;
    m_published.doing = std::string(what);
}

Result<void> Learning::begin(const Job& job) {
    const Job telling{job.stop, [this](double fraction, std::string_view what) { tell(fraction, what); }};
    auto words = WordCounts::make({});
    if (!words) return tl::unexpected(words.error());
    if (!m_source.path.empty()) {
        const auto file = MappedFile::open(m_source.path);
        if (!file) return tl::unexpected(file.error());
        if (auto added = words->add((*file)->text(), 1, m_source.path, telling); !added) return added;
        if (auto same = (*file)->intact(); !same) return same;
    } else if (auto added = words->add(m_source.text, 1, m_source.name, telling); !added) {
        return added;
    }
    auto trainer = BpeTrainer::begin(*words, {.vocabulary = m_vocabulary}, telling);
    if (!trainer) return tl::unexpected(trainer.error());
    m_trainer.emplace(std::move(*trainer));
    m_now.words = static_cast<std::int64_t>(words->words().size());
    m_now.curve.push_back({0, 1});
    auto followed = FollowedText::make(m_followedText, m_trainer->learned());
    if (followed) m_followed.emplace(std::move(*followed));
    return {};
}

void Learning::publish() {
    const BpeTrainer& trainer = *m_trainer;
    m_now.vocabulary = trainer.vocabulary();
    m_now.merges = static_cast<int>(trainer.learned().merges.size());
    m_now.bytes = trainer.bytes();
    m_now.tokens = trainer.tokens();
    m_now.pairs = static_cast<std::int64_t>(trainer.differentPairs());
    m_now.next.clear();
    for (const BpeTrainer::Pair& pair : m_trainer->nextPairs(pairsShown))
        m_now.next.push_back({bytesOf(trainer, pair.left), bytesOf(trainer, pair.right), pair.count});
    m_now.followed.clear();
    if (m_followed) {
        for (const Token& token : m_followed->tokens()) m_now.followed.push_back({bytesOf(trainer, token.id), token.id});
    }
    LearningFacts shown = m_now;
    if (shown.curve.empty() || shown.curve.back().merges != shown.merges)
        shown.curve.push_back({shown.merges, trainer.bytesPerToken()});
    const std::scoped_lock lock(m_publishing);
    m_published = std::move(shown);
}

Result<LearningEnd> Learning::work(int merges, const Job& job) {
    const std::scoped_lock lock(m_working);
    const auto start = std::chrono::steady_clock::now();
    const double before = m_now.seconds;
    const auto spent = [&] { return before + std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
    if (!m_trainer) {
        if (auto begun = begin(job); !begun) return tl::unexpected(begun.error());
        publish();
    }
    auto published = std::chrono::steady_clock::now();
    LearningEnd end = LearningEnd::Paused;
    for (int done = 0; merges < 0 || done < merges; ++done) {
        if (m_stop || job.cancelled()) {
            end = LearningEnd::Stopped;
            break;
        }
        if (m_pause && merges < 0) break;
        const auto step = m_trainer->step();
        if (!step) {
            end = LearningEnd::Finished;
            break;
        }
        if (m_followed) m_followed->merge(step->pair.left, step->pair.right, step->piece);
        m_now.last.insert(m_now.last.begin(),
                          {step->rank, bytesOf(*m_trainer, step->pair.left), bytesOf(*m_trainer, step->pair.right),
                           bytesOf(*m_trainer, step->piece), step->piece, step->pair.count});
        if (m_now.last.size() > mergesShown) m_now.last.pop_back();
        const std::string& piece = m_now.last.front().piece;
        const auto place = std::ranges::find_if(m_now.longest, [&](const std::string& one) { return one.size() < piece.size(); });
        if ((place != m_now.longest.end() || m_now.longest.size() < longestShown) &&
            std::ranges::find(m_now.longest, piece) == m_now.longest.end()) {
            m_now.longest.insert(place, piece);
            if (m_now.longest.size() > longestShown) m_now.longest.pop_back();
        }
        if ((step->rank + 1) % m_curveStride == 0) m_now.curve.push_back({step->rank + 1, m_trainer->bytesPerToken()});
        if (m_now.curve.size() > curvePoints) {  // every second one is enough from here on
            std::vector<CompressionPoint> fewer;
            for (std::size_t i = 0; i < m_now.curve.size(); i += 2) fewer.push_back(m_now.curve[i]);
            m_now.curve = std::move(fewer);
            m_curveStride *= 2;
        }
        if (const auto now = std::chrono::steady_clock::now(); now - published >= publishEvery) {
            m_now.seconds = spent();
            publish();
            published = std::chrono::steady_clock::now();
        }
    }
    if (end == LearningEnd::Paused && m_trainer->vocabulary() >= m_vocabulary) end = LearningEnd::Finished;
    m_now.seconds = spent();
    publish();
    return end;
}

Result<LearningResult> Learning::result() {
    const std::scoped_lock lock(m_working);
    if (!m_trainer) return fail(ErrorKind::BadInput, "Nothing was learned yet.");
    LearningResult result;
    result.learned = std::make_shared<const TrainedBpe>(m_trainer->learned());
    result.occurrences = std::make_shared<const std::vector<std::int64_t>>(m_trainer->occurrences());
    auto tokenizer = tokenizerFromJson(tokenizerJsonOf(*result.learned), m_source.name);
    if (!tokenizer) return tl::unexpected(tokenizer.error());
    result.tokenizer = std::move(*tokenizer);
    return result;
}

}  // namespace lw
