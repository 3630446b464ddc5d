// Rows of a sequence and those before them, laid out for layers that look back a fixed number of tokens.
#pragma once

#include "core/tensor/tensor.h"
#include "core/tensor/weight.h"

namespace lw::nn {

/// Every row with the n − 1 before it beside it, the oldest first; zeros before the first row.
/// x [P + T, D], whose first P rows are only looked back at     result [T, n·D]. Gradients reach all of x.
Tensor windows(const Tensor& x, int n, Eigen::Index before);

/// Token shift: x_t + (x_{t−1} − x_t) ⊙ mix.
/// x [T, D]  mix [1, D]     result [T, D]
/// past [1, D]: the row before the chunk (zeros at the start), a constant; not changed here, since several shifts read it.
/// Source: Peng et al. 2023 (RWKV).
Tensor tokenShift(const Tensor& x, const Weight& mix, const Matrix& past);

}  // namespace lw::nn
