// SentencePiece's byte-pair encoding: of all neighbouring pieces that join to a token, the one with the highest score goes first.
// Source: Kudo & Richardson 2018 (SentencePiece, model type BPE); characters without a token become their bytes, <0xE4>.
#pragma once

#include <memory>
#include <vector>

#include "core/text/byte_tokens.h"
#include "core/text/range.h"
#include "core/text/vocabulary.h"
#include "core/text/word_model.h"

namespace lw {

struct ScoreOptions {
    ByteTokens bytes = {};          // what a character without a token becomes; if they are not all there, the unknown token
    TokenId unknown = -1;           // -1: none
    bool fuseUnknown = false;       // neighbouring unknown characters become one token
    std::vector<bool> unused = {};  // one per id, or none: pieces that help to merge but are cut again in the end
    bool wholeFirst = false;        // a word that is a token needs no merging (tiktoken)
};

class ScoreModel final : public WordModel {
public:
    /// One score per id. Fails: another number of scores than ids; a score that is no number.
    static Result<std::unique_ptr<const WordModel>> make(const Vocabulary& vocabulary, const std::vector<float>& scores,
                                                         ScoreOptions options, std::string_view where);

    Result<void> cut(std::string_view word, std::vector<Symbol>& out, StepLog* log) const override;

private:
    ScoreModel(const Vocabulary& vocabulary, ScoreOptions options) : m_vocabulary(vocabulary), m_options(std::move(options)) {}
    /// Puts out a piece that is not cut any more: a token, its bytes, or the unknown token.
    Result<void> finish(std::string_view word, Range part, TokenId id, bool& afterUnknown, std::vector<Symbol>& out) const;
    bool unused(TokenId id) const {
        return !m_options.unused.empty() && id >= 0 && m_options.unused[static_cast<std::size_t>(id)];
    }

    Vocabulary m_vocabulary;
    std::vector<int> m_ranks;   // per id: how many different scores are higher than its own
    std::size_t m_longest = 0;  // spelling, bytes
    ScoreOptions m_options;
};

}  // namespace lw
