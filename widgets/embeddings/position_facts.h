// What the positions page shows: a table that is added (the model's own, or the sinusoidal one computed for comparison), or
// rotary turning with the scores that come of it. Qt-free.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/analysis/positions.h"
#include "core/base/job.h"
#include "core/models/model.h"
#include "core/trace/locus.h"
#include "core/trace/trace.h"

namespace lw {

enum class PositionKind { Learned, Sinusoidal, Rotary };

/// What of these there is: the model's own first; sinusoidal always, as a comparison.
std::vector<PositionKind> positionKinds(const Model& model);

struct PositionTable {
    PositionKind kind = PositionKind::Learned;
    Matrix rows;           // [P, D], P at most 512
    Matrix alike;          // [P, P] cosines
    std::int64_t all = 0;  // rows that the model's table has
};
/// `positions`: rows of the sinusoidal table. Fails: a model's file that changed.
Result<PositionTable> positionTable(const Model& model, PositionKind kind, int positions);

struct KeyScore {
    Position key;
    int distance = 0;
    double score = 0;     // of the trace: scale · rot_q·rot_k
    double unturned = 0;  // scale · q·k of the same pair, as if both stood at position 0
};

struct RotaryFacts {
    Layer layer;
    Head head;
    Position query, key;
    std::vector<double> frequencies;  // radians a position, [n]
    int headWidth = 0;
    double scale = 1;
    RowVectorD q, k;                 // [Dh] of the chosen pair, before turning
    RowVectorD rotQ, rotK;           // after it, of the trace
    std::vector<KeyScore> keys;      // what the query can see
    std::vector<double> byDistance;  // scale · q·k of the chosen pair, if it stood 0, 1, … apart
    double chosen = 0;               // the trace's score of the chosen pair
};
/// The layer nearest to the asked one that has attention; head, query and key inside the run, the key not after the query.
/// nullopt where no layer turns queries and keys, or they were not captured.
std::optional<RotaryFacts> rotaryFacts(const Model& model, const Trace& trace, const Locus& place);

}  // namespace lw
