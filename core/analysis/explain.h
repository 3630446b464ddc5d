// Where a number comes from: its site, its formula with the actual operands filled in, and the places of the operands.
// Pure: reads a Trace and a Model; the number inspector only shows this.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/models/model.h"
#include "core/trace/locus.h"
#include "core/trace/trace.h"

namespace lw {

struct FormulaPart {
    std::string text;
    std::optional<Locus> link;  // the place of this operand
};
using FormulaLine = std::vector<FormulaPart>;

// A bar chart of the parts of a sum: q·k by dimension, a dot product by input, weights × values by key.
struct Contributions {
    std::string caption;  // "q·k by dimension: 64 products, sum 28.26"
    std::vector<double> values;
    std::vector<std::string> labels;  // may be empty
    double sum = 0;
};

struct Explanation {
    Locus place;
    std::string title;  // "Attention weight"
    double value = 0;
    std::string unit;
    std::string site;     // "blocks.24.attn.hook_pattern"
    std::string inWords;  // "how much query 13 reads key 1"
    std::string indices;  // "head 4, query 13, key 1"
    std::string shape;    // "9 × 14 × 14, rows sum to 1"
    std::vector<FormulaLine> formula;
    std::optional<Contributions> contributions;
    std::vector<Locus> operands;  // Follow back: the first is the most direct source
};

/// Formula: a line in symbols, a line "= …" with figures (a table's value has none), a line with the result, then what else is to
/// say. The figures have enough digits to reproduce the value within 1e-6 of it. Every site of the model has an explanation.
/// A stream state with m instead of n (“L3 q7 m262 blocks.3.hook_resid_mid”): how probable the logit lens finds token m there.
/// Fails: the place names no value of this run (says which part is missing or outside).
/// Where an operand was not captured, the formula is one sentence that says so.
Result<Explanation> explain(const Trace& trace, const Model& model, const Locus& place);

/// The softmax of the logits of a position (temperature 1), one token of it.
Result<Explanation> explainProbability(const Trace& trace, const Model& model, Position position, TokenId token);

}  // namespace lw
