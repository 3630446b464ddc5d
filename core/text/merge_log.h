// Merging with or without writing it down.
#pragma once

#include "core/text/merge_queue.h"
#include "core/text/word_model.h"

namespace lw {

constexpr std::int64_t MostLoggedPieces = 4'000'000;

inline Unexpected tooManyMerges() {
    return fail(ErrorKind::OverBudget, "The text has words too long to record every merge (more than 4 million pieces in all).",
                {}, "Record the merges of a shorter text.");
}

/// mergeAll, every merge written to `log` if there is one; spelling(piece) is what the vocabulary calls a piece.
/// False: too many pieces to write down.
template <class Rule, class Spelling>
bool mergeAndLog(std::vector<MergePiece>& pieces, const Rule& rule, const Spelling& spelling, MergeLog* log) {
    return mergeAll(pieces, rule, [&](int left, int right, MergeRule found) {
        if (!log) return true;
        Merge merge;
        merge.word = log->word;
        merge.rank = found.rank;
        for (int i = 0; i >= 0; i = pieces[static_cast<std::size_t>(i)].next) {
            MergePiece piece = pieces[static_cast<std::size_t>(i)];
            if (i == left) {
                const MergePiece& other = pieces[static_cast<std::size_t>(right)];
                merge.left = spelling(piece);
                merge.right = spelling(other);
                piece.to = other.to;
                piece.id = found.id;
            } else if (i == right) {
                continue;
            }
            merge.after.push_back(spelling(piece));
        }
        log->pieces += static_cast<std::int64_t>(merge.after.size());
        log->merges.push_back(std::move(merge));
        return log->pieces <= MostLoggedPieces;
    });
}

}  // namespace lw
