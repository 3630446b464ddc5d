// y = x Wᵀ + b.
#pragma once

#include "core/tensor/tensor.h"
#include "core/tensor/weight.h"

namespace lw::nn {

/// Linear layer.
/// x [T, in]  weight [out, in]  bias [1, out] or undefined     result [T, out]
/// Gradients: dx = dy W, dW = dyᵀ x, db = Σ rows of dy; weight and bias take part if they are trainable.
Tensor linear(const Tensor& x, const Weight& weight, const Weight& bias = {});

}  // namespace lw::nn
