// LayerNorm and RMSNorm in two named halves, as captures show them: normalise (x̃ / scale), then gain and bias.
#pragma once

#include "core/tensor/tensor.h"
#include "core/tensor/weight.h"

namespace lw::nn {

struct Normalized {
    Tensor scale;       // [T, 1]: √(mean(x̃²) + eps), x̃ = x − mean(x) (LayerNorm) or x (RMSNorm)
    Tensor normalized;  // [T, D]: x̃ / scale, before gain and bias
    Tensor out;         // [T, D]: normalized ⊙ gain (+ bias)
};

/// x [T, D]  gain [1, D]  bias [1, D] or undefined. Means and squares are summed in double.
/// Source: Ba et al. 2016. Gradients flow to x, gain and bias through `out`; `scale` and `normalized` are for reading.
Normalized layerNorm(const Tensor& x, const Weight& gain, const Weight& bias, double eps);
/// Source: Zhang and Sennrich 2019. offset: added to the gain, 1 where a checkpoint stores it minus one.
Normalized rmsNorm(const Tensor& x, const Weight& gain, double eps, float offset = 0);

}  // namespace lw::nn
