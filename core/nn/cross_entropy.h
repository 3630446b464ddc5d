// Mean cross-entropy of next tokens.
#pragma once

#include <span>

#include "core/base/index.h"
#include "core/tensor/tensor.h"

namespace lw::nn {

/// logits [T, V], targets: T ids, -1 = not counted. result [1, 1]: mean of −log softmax(logits)[target] over the counted rows, in
/// nats. At least one target is counted (asserted). Sums in double. A row with an infinity or a NaN makes the loss a NaN.
/// Gradient: (softmax − onehot) / counted.
Tensor crossEntropy(const Tensor& logits, std::span<const TokenId> targets);

}  // namespace lw::nn
