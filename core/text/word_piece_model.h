// WordPiece: at every place of a word the longest entry of the vocabulary that fits; entries inside a word are marked.
// Source: Devlin et al. 2019 (BERT, tokenization.py, WordpieceTokenizer); details as in the `tokenizers` library.
#pragma once

#include <memory>
#include <string>

#include "core/text/vocabulary.h"
#include "core/text/word_model.h"

namespace lw {

struct WordPieceOptions {
    TokenId unknown = -1;                 // what a word becomes of which some part has no entry; -1: none, an error
    std::string wordPrefix;               // in front of a word's first entry ("▁" in GGUF files)
    std::string continuingPrefix = "##";  // in front of every other one
    std::size_t mostCharacters = 100;     // a longer word is unknown at once
};

class WordPieceModel final : public WordModel {
public:
    WordPieceModel(const Vocabulary& vocabulary, WordPieceOptions options);

    Result<void> cut(std::string_view word, std::vector<Symbol>& out, StepLog* log) const override;

private:
    TokenId find(std::string_view word, std::size_t from, std::size_t to) const;

    Vocabulary m_vocabulary;
    WordPieceOptions m_options;
    std::size_t m_longest = 0;  // entry, bytes
};

}  // namespace lw
