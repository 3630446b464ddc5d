// Elementwise activations.
#pragma once

#include "core/tensor/activation.h"
#include "core/tensor/tensor.h"

namespace lw::nn {

/// act(x), elementwise. Gradient: act'(x).
Tensor activate(const Tensor& x, Activation activation);
/// a ⊙ b, elementwise, same shapes.
Tensor multiply(const Tensor& a, const Tensor& b);

}  // namespace lw::nn
