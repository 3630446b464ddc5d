// S4D's recurrence with its parameters.
#pragma once

#include <memory>

#include "core/nn/matrix_state.h"
#include "core/tensor/diagonal_ssm.h"
#include "core/tensor/tensor.h"
#include "core/tensor/weight.h"

namespace lw::nn {

// What the weights come to, as float32: Ā and B̄ in both parts.
struct DiscreteSsm {
    Matrix keep, keepImag, write, writeImag, read, readImag;  // [E, N]; imaginary parts empty for real systems
    /// For tensor/diagonal_ssm.h; valid while this lives.
    DiagonalSsm view() const;
};

struct DiagonalSsmWeights {
    Weight logStep;                                    // [1, E]: Δ = e^logStep
    Weight aLog, aImag;                                // [E, N]: A = −e^aLog + i aImag; aImag undefined for real systems
    Weight read, readImag;                             // [E, N]: C; readImag undefined for real systems. B = 1
    std::shared_ptr<const DiscreteSsm> discrete = {};  // what they come to, where they do not learn; null: made in every pass
};

DiscreteSsm discretised(const DiagonalSsmWeights& weights, Discretisation rule);

/// x[e] ← Ā[e] ⊙ x[e] + B̄[e] u_t[e];  y_t[e] = factor · Re(C[e] · x[e]).
/// u [T, E]     result y [T, E]. state [E, N] (complex: [E, 2N], real parts first): x before the chunk, replaced by x after it.
/// Gradients reach u and all weights. Golden: tests/data/ops/state_space (of its dense systems the diagonal form).
Tensor diagonalSsm(const Tensor& u, const DiagonalSsmWeights& weights, Discretisation rule, Matrix& state,
                   StateGradientNorms norms = {});

}  // namespace lw::nn
