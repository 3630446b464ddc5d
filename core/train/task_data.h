// Synthetic tasks: short texts made by chance in which one thing must be learned. The loss counts only the answer.
//
//   copy                 cadb|cadb                       reverse             cadb|bdac
//   selective_copy       c..a.db.|cadb                   associative_recall  a3b7c1|b7a3 (the values after the bar)
//   induction            cadbcadb (the second time)      addition            12+345=357;
//   parity               0110100=1                       with steps          0110100=0100111 (the parity so far, bit by bit)
//
// Every character is a token, so a model that has learned a task reads text. Sources: selective copying, Jing et al. 2019 and Gu
// and Dao 2023; associative recall, Ba et al. 2016 and Arora et al. 2023; induction, Olsson et al. 2022.
#pragma once

#include <string>

#include "core/train/sequence.h"
#include "core/train/train_config.h"

namespace lw::train {

/// The characters of the task: character i is token i.
std::string taskAlphabet(const TaskSettings& task);

/// The longest text of the task, in tokens.
int longestTaskText(const TaskSettings& task);

/// A tokenizer.json in which every character of the alphabet is a token.
std::string taskTokenizerJson(const TaskSettings& task);

struct TaskText {
    std::string text;
    std::string answer;  // of the same length: '^' under each character that is to be predicted, else ' '
};
TaskText taskText(const TaskSettings& task, Pcg32 random);

class TaskSequences final : public SequenceSource {
public:
    /// Sequences of different `purpose` (training, validation) are drawn independently.
    TaskSequences(TaskSettings task, std::uint64_t seed, std::uint64_t purpose);
    Sequence sequence(std::int64_t number) override;

private:
    TaskSettings m_task;
    std::string m_alphabet;
    std::uint64_t m_seed, m_purpose;
};

}  // namespace lw::train
