// Norms inside a mixer: each head by itself.
#pragma once

#include "core/tensor/tensor.h"
#include "core/tensor/weight.h"

namespace lw::nn {

/// RMS norm of every head's m columns: x / √(mean(x²) + eps) ⊙ (gain + offset).
/// x [T, H·m]  gain [1, m] shared by the heads, [1, H·m], or undefined (1)     result [T, H·m]
/// offset 1 where a checkpoint stores the gain minus one. H = 1: the norm of the whole row.
Tensor headNorm(const Tensor& x, int heads, const Weight& gain, double eps, float offset = 0);

/// Group norm: every head's m columns centred and divided by √(variance + eps), then gain and bias [1, H·m] (RWKV).
Tensor groupNorm(const Tensor& x, int heads, const Weight& gain, const Weight& bias, double eps);

/// Every head's m columns divided by √(Σ x² + eps): unit length.
Tensor unitHeads(const Tensor& x, int heads, double eps);

/// Blocks of m columns taken alternately: 0 the first, third …, 1 the second, fourth …. x [T, 2·n·m] → [T, n·m].
Tensor everyOther(const Tensor& x, int m, int which);

}  // namespace lw::nn
