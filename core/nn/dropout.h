// Dropout: in training, values are left out by chance so that none is relied on alone.
// Source: Srivastava et al. 2014; what is kept is scaled up, so that nothing changes when there is no dropout.
#pragma once

#include "core/base/pcg32.h"
#include "core/tensor/tensor.h"

namespace lw::nn {

class Dropout {
public:
    /// 0 <= rate < 1: the probability that a value becomes 0. The draws come from `random`, a value for each.
    Dropout(double rate, Pcg32 random) : m_rate(rate), m_random(random) {}
    /// x [T, D], each value 0 with the probability `rate`, else divided by 1 − rate. Gradient: through what was kept.
    Tensor operator()(const Tensor& x);

private:
    double m_rate;
    Pcg32 m_random;
};

}  // namespace lw::nn
