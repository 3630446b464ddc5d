// Every word is one token, or unknown.
#pragma once

#include "core/text/vocabulary.h"
#include "core/text/word_model.h"

namespace lw {

class WordLevelModel final : public WordModel {
public:
    /// unknown: the token of a word without an entry (-1: none, an error).
    WordLevelModel(const Vocabulary& vocabulary, TokenId unknown) : m_vocabulary(vocabulary), m_unknown(unknown) {}

    Result<void> cut(std::string_view word, std::vector<Symbol>& out, StepLog* log) const override;

private:
    Vocabulary m_vocabulary;
    TokenId m_unknown;
};

}  // namespace lw
