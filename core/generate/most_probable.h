// The most probable token of a row of logits, as greedy decoding takes it.
#pragma once

#include <cmath>

#include "core/base/index.h"
#include "core/tensor/matrix.h"

namespace lw {

/// Of equal logits the lower id. −1 if the row is no distribution: a NaN, +∞, or nothing finite in it.
inline TokenId mostProbable(const Matrix& logits, Eigen::Index row) {
    Eigen::Index at = 0;
    const float most = logits.row(row).maxCoeff(&at);
    return std::isfinite(most) && !logits.row(row).hasNaN() ? static_cast<TokenId>(at) : -1;
}

}  // namespace lw
