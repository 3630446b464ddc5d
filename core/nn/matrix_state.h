// A memory that is a matrix for each head, read and written token by token: linear attention and its family.
#pragma once

#include <memory>
#include <vector>

#include "core/tensor/matrix_state.h"
#include "core/tensor/tensor.h"

namespace lw::nn {

struct MatrixStateShape {
    int heads = 0, keyWidth = 0, valueWidth = 0;  // H, K, V
};

struct MatrixStateInputs {
    Tensor query, write;                // [T, H·K]
    Tensor value;                       // [T, H·V]
    Tensor decay = {};                  // [T, H], or [T, H·K]: the share kept; undefined: all
    Tensor erase = {}, eraseRead = {};  // [T, H·K] both or none
};

// Euclidean norm of d loss / d state after each token, filled by backward: how far gradients reach back through time.
using StateGradientNorms = std::shared_ptr<std::vector<double>>;

/// For every head and token: S ← diag(decay) S − erase ⊗ (eraseRead S) + write ⊗ value; result row = query S.     result [T, H·V]
/// state [H·K, V]: S before the chunk (zeros at the start), replaced by S after it. Gradients reach all inputs; the state before
/// is a constant. The same bits whatever the chunks. Golden: tests/data/ops/linear_attention_family; the parallel form of each
/// kind: core/analysis.
Tensor matrixState(const MatrixStateInputs& in, const MatrixStateShape& shape, Matrix& state, StateGradientNorms norms = {});

}  // namespace lw::nn
