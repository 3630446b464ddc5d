// A text that is cut along while a byte-pair trainer learns, so that what has been learned so far can be watched on it. It need
// not be the training text.
#pragma once

#include <string_view>
#include <vector>

#include "core/text/bpe_trainer.h"
#include "core/text/tokenizer.h"

namespace lw {

class FollowedText {
public:
    /// The text as the trainer's merges cut it by now. Words are those of the trainer (Gpt2Word).
    /// Fails: text that is no UTF-8; a regular expression over its limit.
    static Result<FollowedText> make(std::string_view text, const TrainedBpe& learned);

    /// One more merge, in the order in which they are learned.
    void merge(TokenId left, TokenId right, TokenId piece);

    /// The tokens with the bytes that they cover, one behind the other.
    std::vector<Token> tokens() const;

private:
    std::vector<std::vector<Token>> m_words;
};

}  // namespace lw
