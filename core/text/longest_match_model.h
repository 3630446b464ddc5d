// At every place of a text the longest entry of the vocabulary, as RWKV's "world" tokenizer does.
#pragma once

#include "core/text/prefix_trie.h"
#include "core/text/vocabulary.h"
#include "core/text/word_model.h"

namespace lw {

class LongestMatchModel final : public WordModel {
public:
    /// Every entry of the vocabulary may be matched.
    explicit LongestMatchModel(const Vocabulary& vocabulary);

    /// Fails: a place where no entry fits.
    Result<void> cut(std::string_view word, std::vector<Symbol>& out, StepLog* log) const override;

private:
    Vocabulary m_vocabulary;
    PrefixTrie m_entries;
};

}  // namespace lw
