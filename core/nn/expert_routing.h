// Sending tokens to experts and bringing their rows back.
#pragma once

#include <vector>

#include "core/tensor/tensor.h"

namespace lw::nn {

/// logits [T, X] → weights [T, X]: softmax over all experts, all but the `chosen` largest of each row set to 0 (ties go to the
/// lower expert); divided by what is left if `normalised`. Gradient through the softmax of those that are kept.
Tensor chooseExperts(const Tensor& logits, int chosen, bool normalised);
/// The rows whose weight for this expert is not 0.
std::vector<int> rowsOfExpert(const Tensor& weights, int expert);
/// These rows of x, in this order.
Tensor takeRows(const Tensor& x, const std::vector<int>& rows);
/// x's rows at these places of a matrix with `count` rows, the others 0. No place twice.
Tensor placeRows(const Tensor& x, const std::vector<int>& rows, Eigen::Index count);

}  // namespace lw::nn
