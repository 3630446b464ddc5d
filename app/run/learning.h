// One vocabulary that is being learned, from the text to the tokenizer. Worked on by one background job at a time, which may end
// at a pause and be followed by another; looked at by the window meanwhile. And a file whose tokens are counted.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/job.h"
#include "core/text/bpe_trainer.h"
#include "core/text/followed_text.h"
#include "core/text/tokenizer.h"
#include "widgets/workshop.h"

namespace lw {

struct LearningSource {
    std::string text;  // or
    std::string path;  // a file, if not empty
    std::string name;  // for people
};

enum class LearningEnd { Paused, Finished, Stopped };

struct LearningResult {
    std::shared_ptr<const TrainedBpe> learned;
    std::shared_ptr<const Tokenizer> tokenizer;  // read from the tokenizer.json that would be saved
    std::shared_ptr<const std::vector<std::int64_t>> occurrences;
};

class Learning {
public:
    /// followed: a text that is cut along, may be empty.
    Learning(LearningSource source, int vocabulary, std::string followed);

    // From the window's thread, at any time.
    void pause(bool on) { m_pause = on; }
    void stop() { m_stop = true; }
    bool stopping() const { return m_stop; }
    /// The newest facts; their state is not set.
    LearningFacts facts() const;

    // In the background, one at a time (asserted by a lock: the second waits).
    /// Reads the source if need be, then merges: at most `merges` of them (negative: to the end). Ends early at a pause, a stop
    /// or when the job is cancelled (Stopped).
    /// Fails: a file that cannot be read, text that is no UTF-8, an empty text, a vocabulary smaller than the alphabet.
    Result<LearningEnd> work(int merges, const Job& job);
    /// What was learned so far.
    Result<LearningResult> result();

private:
    Result<void> begin(const Job& job);
    void publish();
    void tell(double fraction, std::string_view what);

    const LearningSource m_source;
    const int m_vocabulary;
    const std::string m_followedText;
    std::atomic<bool> m_pause = false, m_stop = false;

    std::mutex m_working;  // held while a job works on what follows
    std::optional<BpeTrainer> m_trainer;
    std::optional<FollowedText> m_followed;
    LearningFacts m_now;
    int m_curveStride = 1;

    mutable std::mutex m_publishing;
    LearningFacts m_published;
};

}  // namespace lw
