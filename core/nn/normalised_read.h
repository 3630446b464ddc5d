// Linear attention's normaliser: the sum of all keys is kept as one more column of the memory, whose values are 1.
#pragma once

#include "core/tensor/tensor.h"

namespace lw::nn {

/// φ(x) = elu(x) + 1, elementwise: positive.
Tensor eluPlusOne(const Tensor& x);
/// x [T, H·m] → [T, H·(m + 1)]: a column of ones after every head's.
Tensor withOnes(const Tensor& x, int heads);
/// x [T, H·(m + 1)] → [T, H·m]: every head's first m columns divided by its last plus eps.
Tensor divideByLast(const Tensor& x, int heads, float eps);

}  // namespace lw::nn
