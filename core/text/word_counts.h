// The words of a training text and how often each occurs: all that a byte-pair trainer needs to know of the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/job.h"
#include "core/text/added_tokens.h"
#include "core/text/regex.h"

namespace lw {

class WordCounts {
public:
    /// Words are cut as GPT-2 cuts them (Gpt2Word). `special`: contents that are no part of any word; the text is cut at them.
    static Result<WordCounts> make(const std::vector<std::string>& special);

    /// Counts every word of `text` `times` times (> 0). No word reaches from one call to the next.
    /// Fails: text that is no UTF-8 (`where` and the byte named), 2 GiB or more of it; cancelled.
    Result<void> add(std::string_view text, std::int64_t times, std::string_view where, const Job& job = {});

    struct Word {
        std::string bytes;  // not empty
        std::int64_t count = 0;
    };
    const std::vector<Word>& words() const { return m_words; }  // in the order in which they first occurred
    std::int64_t bytes() const { return m_bytes; }              // of all words, as often as they occur

private:
    WordCounts(AddedTokens special, Regex word) : m_special(std::move(special)), m_word(std::move(word)) {}

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    AddedTokens m_special;
    Regex m_word;
    std::vector<Word> m_words;
    std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> m_places;
    std::int64_t m_bytes = 0;
};

}  // namespace lw
