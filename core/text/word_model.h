// What cuts a word into tokens: merges by rank or by score, the most probable path, the longest match.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/index.h"
#include "core/base/result.h"
#include "core/text/tokenizer.h"

namespace lw {

/// A token of a word and the word's bytes that it covers.
struct Symbol {
    TokenId id = -1;
    std::uint32_t from = 0, to = 0;
};

/// Where steps are written down, if somebody asked for them.
struct StepLog {
    Steps steps;
    std::int64_t pieces = 0;  // written down so far; limited, since merges take the square of a word's length

    /// Of the word that is being cut.
    std::int64_t word() const { return static_cast<std::int64_t>(steps.words.size()) - 1; }
    void takenWhole() {
        if (!steps.words.empty()) steps.words.back().whole = true;
    }
    /// False once there is too much to write down.
    bool count(std::size_t more) { return (pieces += static_cast<std::int64_t>(more)) <= 4'000'000; }
};

inline Unexpected tooManySteps() {
    return fail(ErrorKind::OverBudget, "The text has words too long to record every step (more than 4 million pieces in all).",
                {}, "Record the steps of a shorter text.");
}

class WordModel {
public:
    virtual ~WordModel() = default;
    /// Appends the word's tokens. `word` is not empty and valid UTF-8; `log` may be null; its last word is this one.
    /// Fails: a character that no token stands for; too many steps to write down.
    virtual Result<void> cut(std::string_view word, std::vector<Symbol>& out, StepLog* log) const = 0;
};

}  // namespace lw
