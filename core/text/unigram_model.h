// Unigram: of all ways to cut a word into entries of the vocabulary the one with the largest product of probabilities.
// Source: Kudo 2018, "Subword Regularization"; details as in SentencePiece (unigram_model.cc) and the `tokenizers` library.
#pragma once

#include <memory>
#include <vector>

#include "core/text/byte_tokens.h"
#include "core/text/prefix_trie.h"
#include "core/text/vocabulary.h"
#include "core/text/word_model.h"

namespace lw {

struct UnigramOptions {
    TokenId unknown = -1;         // token of characters that no entry stands for; neighbouring ones become one. -1: none
    double unknownScore = -20;    // log probability of such a character
    ByteTokens bytes = {};        // they become their bytes instead, if those have tokens
    bool singlePrecision = true;  // sums are rounded to float, as SentencePiece rounds them; the other library does not
};

class UnigramModel final : public WordModel {
public:
    /// One score (log probability) per id. `usable` (one per id): entries that the text may be cut into.
    /// Fails: another number of scores than ids; a score that is no number.
    static Result<std::unique_ptr<const WordModel>> make(const Vocabulary& vocabulary, std::vector<double> scores,
                                                         const std::vector<bool>& usable, const UnigramOptions& options,
                                                         std::string_view where);

    Result<void> cut(std::string_view word, std::vector<Symbol>& out, StepLog* log) const override;

private:
    explicit UnigramModel(const UnigramOptions& options) : m_options(options) {}

    /// edge(from, to, id, score) for all that fits at `from`, the shortest first; a character that nothing fits has id -1.
    template <class Edge>
    void edgesAt(std::string_view word, std::uint32_t from, Edge edge) const;
    double sum(double a, double b) const;

    UnigramOptions m_options;
    std::vector<double> m_scores;
    PrefixTrie m_entries;
};

}  // namespace lw
