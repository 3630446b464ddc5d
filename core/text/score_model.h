// SentencePiece's byte-pair encoding: of all neighbouring pieces that join to a token, the one with the highest score goes first.
// Source: Kudo & Richardson 2018 (SentencePiece, model type BPE); characters without a token become their bytes, <0xE4>.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "core/text/vocabulary.h"
#include "core/text/word_model.h"

namespace lw {

class ScoreModel final : public WordModel {
public:
    /// One score per id. unknown: the token of a character that has neither token nor byte tokens (-1: none).
    /// Fails: another number of scores than ids; a score that is no number.
    static Result<std::unique_ptr<const WordModel>> make(const Vocabulary& vocabulary, const std::vector<float>& scores,
                                                         TokenId unknown, std::string_view where);

    Result<void> cut(std::string_view word, std::vector<Symbol>& out, MergeLog* log) const override;

private:
    explicit ScoreModel(const Vocabulary& vocabulary) : m_vocabulary(vocabulary) {}

    Vocabulary m_vocabulary;
    std::vector<int> m_ranks;   // per id: how many different scores are higher than its own
    std::size_t m_longest = 0;  // spelling, bytes
    TokenId m_unknown = -1;
    std::array<TokenId, 256> m_bytes{};  // -1: none
};

}  // namespace lw
