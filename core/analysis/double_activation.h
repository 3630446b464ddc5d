// The activations in double precision, for checks: written anew here, not taken from core/tensor.
#pragma once

#include <cmath>

#include "core/tensor/activation.h"

namespace lw {

inline double activateDouble(Activation activation, double x) {
    const double sigmoidAt = activation == Activation::QuickGelu ? 1.702 * x : x;
    switch (activation) {
        case Activation::GeluTanh:
            return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
        case Activation::GeluErf:
            return 0.5 * x * std::erfc(-x / M_SQRT2);
        case Activation::Relu:
            return x > 0 ? x : 0;
        case Activation::Silu:
        case Activation::QuickGelu:
            return x / (1 + std::exp(-sigmoidAt));
        case Activation::Tanh:
            return std::tanh(x);
        case Activation::ReluSquared:
            return x > 0 ? x * x : 0;
    }
    return 0;
}

}  // namespace lw
