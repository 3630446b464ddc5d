// What cuts a word into tokens: byte-pair merges learned by rank, or SentencePiece's by score.
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

/// Where merges are written down, if somebody asked for them.
struct MergeLog {
    std::int64_t word = 0;
    std::vector<Merge> merges;
    std::int64_t pieces = 0;  // of all `after` lists together; limited, since they grow with the square of a word's length
};

class WordModel {
public:
    virtual ~WordModel() = default;
    /// Appends the word's tokens. `word` is not empty and valid UTF-8; `log` may be null.
    /// Fails: a character that no token stands for; too many merges to write down.
    virtual Result<void> cut(std::string_view word, std::vector<Symbol>& out, MergeLog* log) const = 0;
};

}  // namespace lw
