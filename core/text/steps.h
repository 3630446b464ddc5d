// How a text became tokens, step by step, for people who watch. Each kind of tokenizer fills the list that fits it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/index.h"

namespace lw {

/// A word that the pre-tokenizer cut out, as the model sees it (normalized, bytes spelled as letters).
struct WordCut {
    std::string text;
    std::int64_t from = 0, to = 0;   // bytes of the UTF-8 input it covers
    std::vector<std::string> start;  // for merging kinds: the pieces before the first merge
    bool whole = false;              // it is an entry by itself and became one token, whatever the merges lead to
};

/// One byte-pair merge as it happened: two neighbouring pieces became one.
struct Merge {
    std::int64_t word = 0;           // index into Steps::words
    std::string left, right;         // spellings in the vocabulary
    int rank = 0;                    // 0 = learned first (SentencePiece: the score's order)
    std::int64_t at = 0;             // index of `left` among the word's pieces before this merge
    std::vector<std::string> after;  // the word's pieces after this merge
    // The best of the word's other pairs at that moment: what would have been merged instead.
    std::string otherLeft, otherRight;
    int otherRank = -1;  // -1: there was none
};

/// An entry of the vocabulary that fits at a place of a word: an edge of the lattice that a Unigram model searches.
struct LatticeEdge {
    std::int64_t from = 0, to = 0;  // bytes of the word's text
    TokenId id = -1;
    double logProbability = 0;
    double best = 0;      // of the best path from the word's begin that ends with this edge
    bool chosen = false;  // on the best path of all
};
struct Lattice {
    std::int64_t word = 0;
    std::vector<LatticeEdge> edges;  // by `from`, then `to`
    double logProbability = 0;       // of the best path
};

/// One step of matching the longest entry first.
struct Match {
    std::int64_t word = 0;
    std::int64_t from = 0, to = 0;     // bytes of the word's text; from == to: nothing fits
    TokenId id = -1;                   // -1: nothing fits, and the whole word becomes the unknown token
    std::int64_t tried = 0;            // longer candidates that the vocabulary does not have
    std::vector<std::string> shorter;  // entries that fit here too, the longest first
};

struct Steps {
    std::vector<WordCut> words;
    std::vector<Merge> merges;
    std::vector<Lattice> lattices;
    std::vector<Match> matches;
};

}  // namespace lw
