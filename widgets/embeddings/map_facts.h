// What the map page shows: the whole table along its two principal components, chosen words laid out by t-SNE, and sums of
// vectors with what lies nearest to them. Qt-free.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/analysis/neighbours.h"
#include "core/analysis/pca.h"
#include "core/analysis/tsne.h"
#include "core/base/job.h"
#include "widgets/embeddings/word_lists.h"

namespace lw {

struct TableMap {
    TokenTable table;
    std::shared_ptr<const WordIndex> index;
    Pca pca;                     // two components
    MatrixD points;              // [V, 2]
    std::vector<TokenId> words;  // rows that stand for words, in the table's order (frequent ones first in most vocabularies)
};
using TableMapPtr = std::shared_ptr<const TableMap>;

/// Fails: a model's file that changed; Cancelled.
Result<TableMapPtr> tableMap(const TokenTable& table, const Job& job = {});

// Words on their way to a layout.
struct WordLayout {
    std::shared_ptr<const Nearnesses> near;
    std::vector<TokenId> ids;
    TsneLayout layout;
    double divergence = 0;  // nats, of the layout as it is
    double perplexity = 0;  // that was reached, the mean over all points
};

inline constexpr int settledAfter = 1000;  // steps of t-SNE

/// The listed words and then the table's first words, `count` in all. Fails: BadInput (fewer than three words); Cancelled.
Result<WordLayout> beginLayout(const TableMap& map, const MatchedLists& lists, int count, std::uint64_t seed,
                               const Job& job = {});
/// Goes on for about so many seconds, at least one step, to `settledAfter` steps at most. Fails: Cancelled.
Result<WordLayout> carryOn(WordLayout layout, double seconds, const Job& job = {});

struct Term {
    double sign = 1;
    std::string word;
    TokenId id = -1;  // −1: no row of the table
};
struct RankedToken {
    NearRow near;
    std::string piece;
    bool input = false;  // one of the terms
};
struct Arithmetic {
    std::vector<Term> terms;
    std::vector<RankedToken> ranking;  // nearest to the sum by cosine, the terms' own rows among them
    std::string problem;               // a sentence: a word that is no row, nothing to add
};

/// "king − man + woman": words apart by + and − (or -) with spaces around them.
std::vector<Term> parseTerms(const std::string& text);

/// The sum of the terms' rows, each scaled to length 1 as is usual for analogies, and the rows nearest to it. Fails: Cancelled.
/// Source: Mikolov, Yih & Zweig 2013, "Linguistic Regularities in Continuous Space Word Representations".
Result<Arithmetic> arithmetic(const TableMap& map, const std::string& text, int count, const Job& job = {});

}  // namespace lw
