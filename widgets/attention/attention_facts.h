// What the attention pictures are made of: parts of a head's query × key matrix, thumbnails of whole layers, the arithmetic of
// one row. Pure functions of a const Trace, run in the background by the view. Qt-free.
#pragma once

#include <compare>
#include <optional>
#include <vector>

#include "core/base/job.h"
#include "core/trace/trace.h"

namespace lw {

struct HeadPlace {
    Layer layer;
    Head head;
    friend auto operator<=>(const HeadPlace&, const HeadPlace&) = default;
};

// What a cell of the matrix shows. Scores: scale · q·k (logits before the softmax, any sign). Weights: the pattern, 0…1.
// WeightedValues: weight × length of the key's value vector, >= 0: how much can really flow.
enum class AttentionQuantity { Scores, Weights, WeightedValues };

/// Does query q see key k (causal, inside the window)?
bool seesKey(const AttentionInfo& attention, int query, int key);
/// The head's kind of the layer, its value vectors' lengths by key [T]. Needs hook_v.
std::vector<double> valueLengths(const Trace& trace, HeadPlace place);

// A and B − A: where the subtracted numbers come from. Rows and columns are aligned from the front.
struct Subtrahend {
    std::shared_ptr<const Trace> trace;
    HeadPlace place;
};

struct TileRequest {
    HeadPlace place;
    AttentionQuantity quantity = AttentionQuantity::Weights;
    int firstQuery = 0, queries = 0;  // positions [firstQuery, firstQuery + queries)
    int firstKey = 0, keys = 0;
    int pool = 1;  // a cell stands for pool × pool positions
    std::optional<Subtrahend> minus = {};
};

// Part of one head's matrix.
struct HeadTile {
    TileRequest request;  // as asked, cut to what exists
    Matrix cells;  // [ceil(queries/pool), ceil(keys/pool)]: of pool × pool the one furthest from 0; NaN where all are masked
    double largest = 0;      // largest |value| of the rows computed: the scale of scores, weighted values and differences
    bool wholeHead = false;  // `largest` is of all rows of the head, not of this part alone
};
/// Weights equal Trace::pattern exactly. Fails: Cancelled; q and k (or v, for weighted values) were not captured.
Result<HeadTile> headTile(const Trace& trace, const TileRequest& request, const Job& job = {});

// One head as a small square.
struct HeadThumb {
    HeadPlace place;
    int size = 0;              // size × size cells
    int pool = 1;              // each the largest of pool × pool weights
    std::vector<float> cells;  // 0…1 (a difference: −1…1), NaN where masked
};
/// All heads of a layer, at most `size` cells a side. minus: the same heads of another run.
Result<std::vector<HeadThumb>> headThumbs(const Trace& trace, Layer layer, int size, const Trace* minus = nullptr,
                                          const Job& job = {});

/// Who reads a key: its weight in every query's row, NaN for queries that do not see it. [T]
Result<std::vector<double>> readersOf(const Trace& trace, HeadPlace place, int key, const Job& job = {});

// One key of a row: score → exp(score − max) → weight, and what of its value that lets through.
struct RowTerm {
    int key = 0;
    double score = 0;        // scale · q·k
    double exponential = 0;  // exp(score − max)
    double weight = 0;       // as in the pattern
    double valueLength = 0;  // |v|
    double otherWeight = 0;  // difference: A's weight at this key (0 where A has no such key)
};

struct RowArithmetic {
    HeadPlace place;
    int query = 0;
    double scale = 1;
    int headWidth = 0;
    double maximum = 0;          // of the scores
    double sum = 0;              // Σ exp(score − max)
    std::vector<RowTerm> terms;  // the keys it sees, by falling weight (a difference: by falling |difference|)
    int masked = 0;              // keys of the text that it does not see
    bool hasValues = false;      // v was captured
    bool difference = false;
    int otherQuery = -1;   // A's row
    double weightSum = 0;  // of all weights, as captured
};
/// The row of the pattern. minus: A's row `minusQuery` beside it.
RowArithmetic rowArithmetic(const Trace& trace, HeadPlace place, int query, const std::optional<Subtrahend>& minus = {},
                            int minusQuery = -1);

// z = Σ weight · v of one row, term by term.
struct ValueSum {
    int query = 0;
    std::vector<RowTerm> terms;  // as in the row's arithmetic
    Matrix parts;                // [terms, Dh]: weight · v of each key
    RowVector z;                 // [Dh] as captured; empty if hook_z was not
    double difference = 0;       // largest |Σ parts − z|
    double largest = 0;          // largest |number| in parts and z: their common scale
};
/// Asserted: hook_v is in the trace.
ValueSum valueSum(const Trace& trace, const RowArithmetic& row);

}  // namespace lw
