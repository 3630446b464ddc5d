// What the derivations of all sites share: reading operands, building places, and the sum of products. Internal to analysis.
#pragma once

#include <cmath>
#include <functional>
#include <span>

#include "core/analysis/derivation.h"

namespace lw::derivation {

// Where operands are looked up: a run, its model, and the place that is being derived.
struct Sources {
    const Trace& trace;
    const Model& model;
    const CheckedPlace& place;

    const ModelInfo& info() const { return model.info(); }
    const BlockInfo& block() const { return info().blocks[static_cast<std::size_t>(place.layer.value)]; }
    Layer last() const { return Layer(info().layers() - 1); }

    /// The row of a site at the place's position (or another), in double. Fails: not captured.
    Result<RowVectorD> row(SiteId site, Layer layer, std::optional<Position> position = std::nullopt) const;
    Result<void> has(SiteId site, Layer layer) const;
    /// A gain or bias [1, n] in double; `otherwise` everywhere where the model has none.
    RowVectorD vectorOf(WeightId id, Layer layer, std::int64_t n, double otherwise) const;

    /// A place at this position (or another).
    Locus at(SiteId site, Layer layer, std::optional<Unit> unit, std::optional<Position> position = std::nullopt) const;
    Locus atHead(SiteId site, Head head, std::optional<Unit> unit, std::optional<Position> position = std::nullopt) const;
    Locus atKey(SiteId site, Position key) const;
};

// Σ left · right (+ bias), or Σ left if right is empty.
struct ProductSum {
    RowVectorD left, right;
    std::function<Locus(int)> place;       // of the left operand
    std::function<std::string(int)> name;  // "channel 41"
    std::optional<double> bias;
    double factor = 1;              // the sum is multiplied by it …
    std::string factorName;         // … if it has a name: "σ(gate)"
    std::string caption;            // "q·k by dimension"
    const char* terms = "product";  // what one term is called
};

/// Value, contributions, operands, and the lines with figures: "= sum + bias", "= value", "largest: …".
void addProductSum(Derivation& derivation, const ProductSum& sum);

// A named number at a place.
struct Term {
    std::string name;
    double value = 0;
    Locus place;
    bool minus = false;  // is taken off in a sum
};
/// "S[3, 7] = kept − erased + written", with figures and the result; squashed: the tanh of the sum.
Derivation sumOf(const std::string& symbol, const std::vector<Term>& terms, bool squashed = false);
/// "written = (β k)[3] · v[7]", with figures and the result.
Derivation productOf(const std::string& symbol, const std::vector<Term>& factors);

// A function of one number, by the name that formulas print.
struct Function {
    const char* name;
    double (*apply)(double);
};
inline constexpr Function sigmoid{"sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }};
inline constexpr Function tanhOf{"tanh", [](double x) { return std::tanh(x); }};
inline constexpr Function silu{"silu", [](double x) { return x / (1 + std::exp(-x)); }};
inline constexpr Function softplus{"softplus", [](double x) { return x > 20 ? x : std::log1p(std::exp(x)); }};
inline constexpr Function same{"", [](double x) { return x; }};

/// "Δ = softplus(dt_proj)", with figures and the result; "β = 2 · sigmoid(logit)" with a factor that has a name.
Derivation functionOf(const std::string& symbol, const Function& function, const Term& x, double times = 1,
                      const std::string& timesName = {});
/// Value, contributions, operands and the lines with figures of times · function(Σ …): "= 2 · sigmoid(0.31)", "= value",
/// "largest: …".
void addFunctionOfSum(Derivation& derivation, const Function& function, const ProductSum& sum, double times = 1,
                      bool shown = false);
/// The sum that stands inside a formula: its largest terms as a line, its contributions and operands after those that are there.
void takeTerms(Derivation& derivation, Derivation sum);
/// "a copy of …"
Derivation copyOf(const std::string& name, double value, const Locus& place);
double total(const ProductSum& sum);

FormulaPart text(std::string words);
FormulaPart link(std::string words, const Locus& place);
FormulaPart figure(double value, int digits, const Locus& place);
/// "= value", the last line with figures.
FormulaLine resultLine(double value);

/// Indices of the largest |values|, falling.
std::vector<int> largest(const RowVectorD& values, int count);

// The kinds.
Result<Derivation> table(const Sources& s);       // hook_embed, hook_pos_embed
Result<Derivation> copy(const Sources& s);        // attn_in, q_input …, mlp_in
Result<Derivation> stream(const Sources& s);      // resid_pre, resid_mid, resid_post
Result<Derivation> scale(const Sources& s);       // ln1, ln2, ln_final hook_scale
Result<Derivation> normalized(const Sources& s);  // … hook_normalized
Result<Derivation> linear(const Sources& s);      // q, k, v, mlp pre, pre_linear, logits
Result<Derivation> windowed(const Sources& s);    // the hidden layer and what it hands on, of a feed-forward LM
Result<Derivation> shifted(const Sources& s);     // mlp pre that also sees the token before (RWKV-7)
Result<Derivation> counted(const Sources& s);     // logits of an n-gram model
Result<Derivation> rotated(const Sources& s);     // rot_q, rot_k
Result<Derivation> score(const Sources& s);
Result<Derivation> weight(const Sources& s);          // pattern
Result<Derivation> weightedValues(const Sources& s);  // z
Result<Derivation> headOutput(const Sources& s);      // result
Result<Derivation> attentionOutput(const Sources& s);
Result<Derivation> activation(const Sources& s);  // mlp post
Result<Derivation> mlpOutput(const Sources& s);
Result<Derivation> lens(const Sources& s);       // what a stream state would already say
Result<Derivation> memory(const Sources& s);     // a mixer's state, kept, erased, written, read
Result<Derivation> cell(const Sources& s);       // of an LSTM, GRU or RNN: gates, kept, written, c, h
Result<Derivation> mixer(const Sources& s);      // what goes into a mixer's memory and what comes out of the mixer
Result<Derivation> effective(const Sources& s);  // the attention that a recurrence amounts to; the sum of keys
Result<Derivation> expertWeight(const Sources& s);
Result<Derivation> expertsOutput(const Sources& s);  // mlp_out of a block with experts

}  // namespace lw::derivation
