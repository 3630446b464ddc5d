// One value computed again in double precision from its captured operands, with the formula and the places of the operands.
// explain shows the formula, check compares the value. One derivation a kind of site; none of it shares code with core/nn.
#pragma once

#include "core/analysis/explain.h"
#include "core/analysis/place.h"

namespace lw {

struct Derivation {
    double value = 0;
    std::string from;                  // "q and k": what it was computed from
    std::vector<FormulaLine> formula;  // in symbols, then with figures, then the result
    std::optional<Contributions> contributions;
    std::vector<Locus> operands;  // the first is the most direct source; empty at a table of the model
};

/// Fails: an operand that this run has not captured (named).
Result<Derivation> derive(const Trace& trace, const Model& model, const CheckedPlace& place);

/// probability = exp(logit − max) / Σ exp(logit − max) of a token at a position.
Derivation deriveProbability(const Trace& trace, Position position, TokenId token);

}  // namespace lw
