// The tokenizer workshop's work: learning a vocabulary and counting a file's tokens, both in the background. What was learned
// goes on the shelf of tokenizers.
#pragma once

#include <QObject>
#include <QString>
#include <QThreadPool>
#include <QTimer>

#include <functional>
#include <memory>
#include <string>

#include "app/run/learning.h"
#include "app/tokenizers.h"
#include "core/counted_file.h"
#include "widgets/shared/latest_job.h"
#include "widgets/workshop.h"

namespace lw {

class TokenizerWorkshop : public QObject {
    Q_OBJECT
public:
    /// present: the text that is open now, on which what is learned is watched.
    TokenizerWorkshop(Tokenizers* tokenizers, std::function<std::string()> present, QObject* parent = nullptr);
    ~TokenizerWorkshop() override;

    const Workshop* facts() const { return &m_facts; }
    /// What was learned last, finished or stopped; null if nothing is.
    std::shared_ptr<const TrainedBpe> learned() const { return m_learned; }
    bool counting() const { return m_counting.running(); }

public Q_SLOTS:
    void learn(const QString& text, int vocabulary);
    void learnFile(const QString& path, int vocabulary);
    void pause(bool pause);
    void step();
    void stop();
    /// The file that is here and was stopped goes on, if it is still as it was.
    void count(const QString& path);
    void stopCounting();

private:
    struct Counted {
        std::string problem;  // of this tokenizer
        std::int64_t tokens = 0, pieces = 0;
        double seconds = 0;
    };
    void begin(LearningSource source, int vocabulary);
    void go(int merges);
    void landed(Result<LearningEnd> end);
    void finish(LearningState state);
    void publish(LearningState state);
    std::string freeName(const std::string& name) const;
    void countNext();
    void shelfChanged();

    Tokenizers* m_tokenizers;
    std::function<std::string()> m_present;
    Workshop m_facts;
    std::shared_ptr<Learning> m_learning;
    std::shared_ptr<const TrainedBpe> m_learned;
    std::shared_ptr<const CountedFile> m_file;
    QTimer m_tell;       // a few pictures a second
    QThreadPool m_pool;  // learning waits for nobody and nobody for it
    LatestJob<LearningEnd> m_learningJob{m_pool};
    LatestJob<LearningResult> m_shelving{picturePool()};
    LatestJob<std::shared_ptr<const CountedFile>> m_opening{picturePool()};
    LatestJob<Counted> m_counting{picturePool()};
};

}  // namespace lw
