// The heart of byte-pair encoding: of all neighbouring pieces the best pair becomes one, again and again. A queue of candidates
// keeps this at n log n for a word of n pieces, which may be a whole text.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "core/base/index.h"

namespace lw {

struct MergePiece {
    TokenId id = -1;
    std::uint32_t from = 0, to = 0;  // of the word; to == from once it has been merged away
    int previous = -1, next = -1;    // -1: none
};

struct MergeRule {
    int rank = -1;  // lower is better; -1: these two do not merge
    TokenId id = -1;
};

/// Merges until nothing merges any more. Of pairs with equal rank the left one goes first.
/// rule(left, right) -> MergeRule. merged(left, right, rule, pieces) is called before each merge and returns false to stop.
/// `pieces` are in order, none empty; what is left of them has to > from.
template <class Rule, class Merged>
bool mergeAll(std::vector<MergePiece>& pieces, const Rule& rule, const Merged& merged) {
    struct Candidate {
        int rank, left, right;
        std::uint32_t rightTo;
        TokenId id;
        bool operator<(const Candidate& other) const { return rank != other.rank ? rank > other.rank : left > other.left; }
    };
    std::priority_queue<Candidate> queue;
    const auto piece = [&](int i) -> MergePiece& { return pieces[static_cast<std::size_t>(i)]; };
    const auto offer = [&](int left, int right) {
        if (left < 0 || right < 0) return;
        const MergeRule found = rule(piece(left), piece(right));
        if (found.rank >= 0) queue.push({found.rank, left, right, piece(right).to, found.id});
    };
    const int count = static_cast<int>(pieces.size());
    for (int i = 0; i < count; ++i) {
        piece(i).previous = i - 1;
        piece(i).next = i + 1 < count ? i + 1 : -1;
    }
    for (int i = 0; i + 1 < count; ++i) offer(i, i + 1);
    while (!queue.empty()) {
        const Candidate best = queue.top();
        queue.pop();
        MergePiece& left = piece(best.left);
        // Out of date if either piece has been merged since: then it is gone, longer, or no longer the neighbour.
        if (left.to == left.from || left.next != best.right || piece(best.right).to != best.rightTo) continue;
        MergePiece& right = piece(best.right);
        if (!merged(best.left, best.right, MergeRule{best.rank, best.id})) return false;
        left.to = right.to;
        left.id = best.id;
        left.next = right.next;
        right.to = right.from;
        if (left.next >= 0) piece(left.next).previous = best.left;
        offer(left.previous, best.left);
        offer(best.left, left.next);
    }
    return true;
}

}  // namespace lw
