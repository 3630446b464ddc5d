// A short convolution over time, each channel by itself: what a token writes may depend on the few before it.
#pragma once

#include "core/tensor/tensor.h"
#include "core/tensor/weight.h"

namespace lw::nn {

/// y_t = bias + Σ_j weight[:, j] ⊙ x_{t − (taps − 1) + j}, no activation.
/// x [T, C]  weight [C, taps]  bias [1, C] or undefined     result [T, C]
/// past [taps − 1, C]: the inputs before this chunk (zeros at the start), replaced by the last ones of it.
/// Gradients reach x, weight and bias; past inputs are constants. Golden: tests/data/zoo/mamba.
Tensor causalConv(const Tensor& x, const Weight& weight, const Weight& bias, Matrix& past);

}  // namespace lw::nn
