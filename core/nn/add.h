// Sums of streams.
#pragma once

#include "core/tensor/tensor.h"

namespace lw::nn {

/// a + b, same shapes [T, D]. Gradient: to both as it is.
Tensor add(const Tensor& a, const Tensor& b);

}  // namespace lw::nn
