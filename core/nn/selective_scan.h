// Mamba's selective scan.
#pragma once

#include "core/nn/matrix_state.h"
#include "core/tensor/tensor.h"

namespace lw::nn {

/// h[e] ← exp(Δ[e] A[e]) ⊙ h[e] + Δ[e] x[e] B;  y[e] = C · h[e].
/// x, delta [T, E]  A [E, N] (negative)  B, C [T, N]     result y [T, E]
/// state [E, N]: h before the chunk (zeros at the start), replaced by h after it. Gradients reach all inputs.
/// Source: Gu and Dao 2023. Golden: tests/data/zoo/mamba.
Tensor selectiveScan(const Tensor& x, const Tensor& delta, const Tensor& A, const Tensor& B, const Tensor& C, Matrix& state,
                     StateGradientNorms norms = {});

}  // namespace lw::nn
