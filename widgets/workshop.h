// What happens in the tokenizer workshop: a vocabulary that is being learned, and a file whose tokens are counted. The window
// fills it when it is asked to (Intents::learnTokenizer, countFile …); views read it and hear when it has changed.
#pragma once

#include <QObject>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/index.h"

namespace lw {

enum class LearningState { None, Reading, Running, Paused, Finished, Stopped, Failed };

struct LearnedMerge {
    int rank = 0;                    // from 0
    std::string left, right, piece;  // their bytes
    TokenId id = -1;                 // of the piece
    std::int64_t count = 0;          // how often the pair stood in the text
};
struct CountedPair {
    std::string left, right;  // their bytes
    std::int64_t count = 0;
};
struct CompressionPoint {
    int merges = 0;
    double bytesPerToken = 1;  // of the training text
};
struct FollowedPiece {
    std::string bytes;
    TokenId id = -1;
};

// A vocabulary on its way.
struct LearningFacts {
    LearningState state = LearningState::None;
    std::string from = {};     // what is learned from, for people
    std::string problem = {};  // Failed: why
    std::string doing = {};    // Reading: what
    double fraction = -1;      // Reading: how far; −1: not known
    int goal = 0;              // ids wanted
    int vocabulary = 0;        // ids by now: 256 bytes and one for each new piece
    int merges = 0;
    std::int64_t bytes = 0, tokens = 0;     // of the training text as it is cut now
    std::int64_t words = 0, pairs = 0;      // different ones
    double seconds = 0;                     // spent on it
    std::vector<CountedPair> next = {};     // most frequent first
    std::vector<LearnedMerge> last = {};    // newest first
    std::vector<std::string> longest = {};  // the longest pieces' bytes
    std::vector<CompressionPoint> curve = {};
    std::vector<FollowedPiece> followed = {};  // the present text as it is cut now
    std::string shelved = {};                  // its name among the tokenizers at hand, once it is there
    // Of what is on the shelf: per id, how often it stands in the training text.
    std::shared_ptr<const std::vector<std::int64_t>> occurrences = nullptr;

    bool working() const { return state == LearningState::Reading || state == LearningState::Running; }
    bool active() const { return working() || state == LearningState::Paused; }
    bool exhausted() const { return state == LearningState::Finished && vocabulary < goal; }
    double bytesPerToken() const { return tokens > 0 ? static_cast<double>(bytes) / static_cast<double>(tokens) : 1; }
};

struct FileCountRow {
    std::string name, kind;
    int vocabulary = 0;
    std::optional<std::int64_t> tokens = {};  // nothing while it waits or is counted, or if it cannot be
    std::int64_t pieces = 0;                  // that the file was encoded in
    double seconds = 0;
    std::string problem = {};
};

// A file's tokens, tokenizer by tokenizer.
struct FileCountFacts {
    std::string path = {}, name = {};  // empty: no file
    std::string problem = {};          // why nothing is counted
    std::int64_t bytes = 0, characters = 0, words = 0;
    std::string beginning = {};  // of its text
    std::vector<FileCountRow> rows = {};
    int current = -1;     // the row that is counted now
    double fraction = 0;  // of it
    bool running = false, stopped = false;
};

class Workshop : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    const LearningFacts& learning() const { return m_learning; }
    const FileCountFacts& count() const { return m_count; }
    void setLearning(LearningFacts facts) {
        m_learning = std::move(facts);
        Q_EMIT learningChanged();
    }
    void setCount(FileCountFacts facts) {
        m_count = std::move(facts);
        Q_EMIT countChanged();
    }

Q_SIGNALS:
    void learningChanged();
    void countChanged();

private:
    LearningFacts m_learning;
    FileCountFacts m_count;
};

}  // namespace lw
