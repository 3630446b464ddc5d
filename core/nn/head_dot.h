// Weighted sums over each head's columns.
#pragma once

#include "core/tensor/tensor.h"
#include "core/tensor/weight.h"

namespace lw::nn {

/// Σ_j x[t, h, j] · weight[h, j].
/// x [T, H·m]  weight [H, m]     result [T, H]. Gradients reach both.
Tensor headDot(const Tensor& x, const Weight& weight);

}  // namespace lw::nn
