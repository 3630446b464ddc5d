// The state of a mixer after a position, and the step that led to it as an equation: kept − erased + written = after, and what is
// read out of it. Computed again from the start of the text with the model's own arithmetic (core/tensor).
#pragma once

#include <vector>

#include "core/analysis/state_operands.h"
#include "core/base/job.h"

namespace lw {

struct StateTerms {
    Matrix before, kept, erased, written, after;  // of one head [K, V]; of a scan [E, N]; of a cell [1, H]. erased: empty if none
    RowVector read;                               // [V]; of a scan [E]; of a cell its h
};

/// Fails: the layer carries no state that is shown so (attention); an operand was not captured (named); outside; Cancelled.
Result<StateTerms> stateTerms(const Trace& trace, const Model& model, Layer layer, Head head, Position position,
                              const Job& job = {});

/// How long what position j wrote survives: for every position t >= j the share of the written value that its own key still reads
/// back, (k_j S_t) · v_j / (k_j S_j) · v_j as S_t holds of it alone: everything else left out. 1 at t = j. Of an LSTM unit by
/// unit: the product of its forget gates, its mean over the units. [T − j]
Result<std::vector<double>> survival(const Trace& trace, const Model& model, Layer layer, Head head, Position written,
                                     const Job& job = {});

/// Exact effective attention of a query: what it reads is Σ_j row_j · v_j (before the output norm and gate). Entries after the
/// query are 0. Matrix memories: by head. Mamba's hidden attention: by channel (`head` is the channel), Σ_j row_j · x_j.
Result<RowVector> effectiveRow(const Trace& trace, const Model& model, Layer layer, Head head, Position query);

}  // namespace lw
