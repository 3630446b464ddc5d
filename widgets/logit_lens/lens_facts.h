// What the lens pictures are made of: one position's readings, a followed token's path through them, another run's probabilities
// of the same tokens. Run in the background by the view. Qt-free.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/analysis/logit_lens.h"
#include "core/base/job.h"
#include "core/models/model.h"
#include "core/trace/locus.h"
#include "core/trace/trace.h"

namespace lw {

inline constexpr int lensTop = 12;  // tokens kept of each cell

/// The rows of the lens, first state first, without the "_mid" rows if so wanted.
std::vector<LensRow> lensRowsShown(const ModelInfo& model, bool withMid);
/// The row that a place stands at: its own stream site, else the state after its layer, else the output.
int lensRowOf(std::span<const LensRow> rows, const Locus& place);
/// The place of a cell: its stream state, and the token that is read there (−1: none in particular).
Locus lensPlace(const LensRow& row, int position, TokenId token = -1);

// One token in every reading of one position.
struct FollowedColumn {
    int position = 0;
    TokenId token = -1;
    std::vector<double> probability;  // by row
    std::vector<int> rank;            // 1 = first
};

// All readings of one position.
struct LensColumn {
    int position = 0;
    std::vector<LensCell> cells;  // by row
    int firstStable = 0;          // first row from which on the output's token stays first
    FollowedColumn output;        // the output's first token on its way
};
/// Fails: Cancelled; a stream that was not captured (named).
Result<LensColumn> lensColumn(const Trace& trace, const Model& model, int position, bool withMid, const Job& job = {});

/// As above; an id outside the vocabulary.
Result<FollowedColumn> followToken(const Trace& trace, const Model& model, TokenId token, int position, bool withMid,
                                   const Job& job = {});

// B − A: the probability of B's first token in each reading, minus what A gives that token in the row of the same name.
struct LensDifference {
    int position = 0;
    std::vector<double> values;  // by row of B, NaN where A has no such row
};
/// Fails: Cancelled; vocabularies of different size; A's stream was not captured.
Result<LensDifference> lensDifference(const Trace& a, const Model& modelOfA, std::span<const LensRow> rowsOfB,
                                      const LensColumn& columnOfB, const Job& job = {});

/// Number of multiply-adds that reading out one position costs.
double lensCost(const ModelInfo& model, bool withMid);

}  // namespace lw
