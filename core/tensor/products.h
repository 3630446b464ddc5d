// Products of activations with stored weights: the one place where time goes.
// All of them run on our kernels with run-time dispatch (Highway), split over our pool: few tokens read the stored blocks directly,
// more tokens meet tiles of unpacked rows (kernels/).
#pragma once

#include "core/tensor/weight.h"

namespace lw {

/// y = x Wᵀ.   x [T, in]  W [out, in]  y [T, out] (overwritten). Accumulates in float32.
/// The same bits whatever the number of threads, and on all machines that have fused multiply-add.
/// Fails: never (shapes are asserted).
void multiplyByTransposed(ConstMatrixRef x, const Weight& w, MatrixRef y);

}  // namespace lw
