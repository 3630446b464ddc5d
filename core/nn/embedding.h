// Rows of a table by index: token and position embeddings.
#pragma once

#include <span>
#include <vector>

#include "core/base/index.h"
#include "core/tensor/tensor.h"
#include "core/tensor/weight.h"

namespace lw::nn {

/// rows: T indices into the table [V, D]; every index is inside (asserted).     result [T, D]
/// Gradient: added to the rows that were read.
Tensor embedding(std::span<const TokenId> rows, const Weight& table);

}  // namespace lw::nn
