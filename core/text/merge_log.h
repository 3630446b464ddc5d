// Merging with or without writing it down.
#pragma once

#include "core/text/merge_queue.h"
#include "core/text/word_model.h"

namespace lw {

/// mergeAll, every merge written to `log` if there is one; spelling(piece) is what the vocabulary calls a piece.
/// False: too many pieces to write down.
template <class Rule, class Spelling>
bool mergeAndLog(std::vector<MergePiece>& pieces, const Rule& rule, const Spelling& spelling, StepLog* log) {
    const auto piece = [&](int i) -> const MergePiece& { return pieces[static_cast<std::size_t>(i)]; };
    if (log && !log->steps.words.empty()) {
        if (!log->count(pieces.size())) return false;
        for (const MergePiece& one : pieces) log->steps.words.back().start.push_back(spelling(one));
    }
    return mergeAll(pieces, rule, [&](int left, int right, MergeRule found) {
        if (!log) return true;
        Merge merge;
        merge.word = log->word();
        merge.rank = found.rank;
        merge.left = spelling(piece(left));
        merge.right = spelling(piece(right));
        for (int i = 0; i >= 0; i = piece(i).next) {
            const int next = piece(i).next;
            if (i == left) merge.at = static_cast<std::int64_t>(merge.after.size());
            if (i != left && next >= 0) {
                const MergeRule other = rule(piece(i), piece(next));
                if (other.rank >= 0 && (merge.otherRank < 0 || other.rank < merge.otherRank)) {
                    merge.otherRank = other.rank;
                    merge.otherLeft = spelling(piece(i));
                    merge.otherRight = spelling(piece(next));
                }
            }
            if (i == right) continue;
            MergePiece now = piece(i);
            if (i == left) {
                now.to = piece(right).to;
                now.id = found.id;
            }
            merge.after.push_back(spelling(now));
        }
        const bool room = log->count(merge.after.size());
        log->steps.merges.push_back(std::move(merge));
        return room;
    });
}

}  // namespace lw
