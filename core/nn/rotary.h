// Rotary positions: each head's halves (x_i, x_{i+Dh/2}) are turned by position · frequency_i.
// Source: Su et al. 2021, in the half-split layout of Hugging Face's models.
#pragma once

#include <span>

#include "core/tensor/tensor.h"

namespace lw::nn {

/// x [T, H·Dh]; row t stands at position first + t; frequencies [n <= Dh/2] in radians per position: the first 2n dimensions of
/// each head are turned, as halves of their own, the others stay.     result [T, H·Dh]
/// Angles are computed in double. Gradient: the rotation backwards.
Tensor rotary(const Tensor& x, int heads, int first, std::span<const double> frequencies);

}  // namespace lw::nn
