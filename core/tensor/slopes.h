// Slopes of the activations, for gradients, on the machine's widest vectors.
#pragma once

#include <cstdint>

#include "core/tensor/activation.h"

namespace lw {

/// dx = dy · act'(x) for n values; dx may be dy. Within 1e-6 of act' in double.
void multiplySlope(Activation activation, const float* x, const float* dy, float* dx, std::int64_t n);

/// y = e^(x − shift) for n values; x and y may be the same array. −inf gives exactly 0.
void shiftedExp(const float* x, float shift, float* y, std::int64_t n);

}  // namespace lw
