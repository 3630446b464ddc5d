// Products of activations with stored weights: the one place where time goes.
// float32 products of many rows run on OpenBLAS (one thread each, split over our pool); few rows and quantised blocks run
// on our kernels with run-time dispatch (Highway).
#pragma once

#include "core/tensor/weight.h"

namespace lw {

/// y = x Wᵀ.   x [T, in]  W [out, in]  y [T, out] (overwritten). Accumulates in float32.
/// Fails: never (shapes are asserted).
void multiplyByTransposed(ConstMatrixRef x, const Weight& w, MatrixRef y);

}  // namespace lw
