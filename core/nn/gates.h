// Elementwise functions that gates and step sizes are made with.
#pragma once

#include <vector>

#include "core/tensor/tensor.h"
#include "core/tensor/weight.h"

namespace lw::nn {

/// 1 / (1 + e^−x), elementwise.
Tensor sigmoid(const Tensor& x);
/// tanh(x), elementwise.
Tensor tanh(const Tensor& x);
/// ln(1 + e^x), elementwise; x itself above 20, as PyTorch does.
Tensor softplus(const Tensor& x);
/// e^x, elementwise.
Tensor exp(const Tensor& x);
/// −e^w of a weight: the decay rates A of a state-space model from A_log, in the weight's shape.
Tensor negativeExp(const Weight& logarithms);

/// x [T, n] + bias [1, n] in every row.
Tensor addBias(const Tensor& x, const Weight& bias);
/// x [T, H·m], each of the H groups of m columns times gain [1, H] (m = 1: columns by themselves).
Tensor scaleColumns(const Tensor& x, const Weight& gain);
/// x [T, H·m], each of the H groups of m columns times by [T, H].
Tensor scaleHeads(const Tensor& x, const Tensor& by);
/// x [T, n], each column times the number in row [1, n].
Tensor scaleByRow(const Tensor& x, const Tensor& row);
/// x kept inside [least, most]; no gradient where it was outside.
Tensor clamp(const Tensor& x, float least, float most);
/// factor · x
Tensor scale(const Tensor& x, float factor);
/// Columns [first, first + count) of x.
Tensor columns(const Tensor& x, Eigen::Index first, Eigen::Index count);
/// Of every block of `width` columns its columns [first, first + count): x [T, n·width] → [T, n·count].
Tensor columnsOfHeads(const Tensor& x, Eigen::Index width, Eigen::Index first, Eigen::Index count);
/// The columns of all parts beside each other; they have the same rows.
Tensor beside(const std::vector<Tensor>& parts);
/// x [T, H·m] with every group of m columns `times` times beside itself: [T, H·times·m].
Tensor repeatHeads(const Tensor& x, int heads, int times);

}  // namespace lw::nn
