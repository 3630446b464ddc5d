#include "core/tensor/activation.h"

#include <array>
#include <cmath>
#include <utility>

#include "core/tensor/elementwise.h"

namespace lw {

std::string_view activationName(Activation activation) {
    switch (activation) {
        case Activation::GeluTanh:
            return "gelu_new";
        case Activation::GeluErf:
            return "gelu";
        case Activation::Relu:
            return "relu";
        case Activation::Silu:
            return "silu";
        case Activation::QuickGelu:
            return "quick_gelu";
        case Activation::Tanh:
            return "tanh";
        case Activation::ReluSquared:
            return "relu2";
    }
    return "";
}

std::optional<Activation> parseActivation(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, Activation>, 11> names{{{"gelu_new", Activation::GeluTanh},
                                                                                   {"gelu_pytorch_tanh", Activation::GeluTanh},
                                                                                   {"gelu_fast", Activation::GeluTanh},
                                                                                   {"gelu", Activation::GeluErf},
                                                                                   {"gelu_python", Activation::GeluErf},
                                                                                   {"relu", Activation::Relu},
                                                                                   {"silu", Activation::Silu},
                                                                                   {"swish", Activation::Silu},
                                                                                   {"quick_gelu", Activation::QuickGelu},
                                                                                   {"tanh", Activation::Tanh},
                                                                                   {"relu2", Activation::ReluSquared}}};
    for (const auto& [spelling, activation] : names) {
        if (spelling == name) return activation;
    }
    return std::nullopt;
}

void activate(Activation activation, const float* x, float* y, std::int64_t n) {
    switch (activation) {
        case Activation::GeluTanh:
            return geluTanh(x, y, n);
        case Activation::GeluErf:
            return geluErf(x, y, n);
        case Activation::Silu:
            return silu(x, y, n);
        case Activation::QuickGelu:
            return quickGelu(x, y, n);
        case Activation::Relu:
            return relu(x, y, n);
        case Activation::Tanh:
            return tanh(x, y, n);
        case Activation::ReluSquared:
            relu(x, y, n);
            for (std::int64_t i = 0; i < n; ++i) y[i] *= y[i];
            return;
    }
}

double activationSlope(Activation activation, double x) {
    switch (activation) {
        case Activation::GeluTanh: {
            const double c = std::sqrt(2.0 / M_PI);
            const double t = std::tanh(c * (x + 0.044715 * x * x * x));
            return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x);
        }
        case Activation::GeluErf:
            return 0.5 * (1 + std::erf(x / std::sqrt(2.0))) + x * std::exp(-0.5 * x * x) / std::sqrt(2 * M_PI);
        case Activation::Relu:
            return x > 0 ? 1 : 0;
        case Activation::Silu: {
            const double s = 1 / (1 + std::exp(-x));
            return s * (1 + x * (1 - s));
        }
        case Activation::QuickGelu: {
            const double s = 1 / (1 + std::exp(-1.702 * x));
            return s * (1 + 1.702 * x * (1 - s));
        }
        case Activation::Tanh:
            return 1 - std::tanh(x) * std::tanh(x);
        case Activation::ReluSquared:
            return x > 0 ? 2 * x : 0;
    }
    return 0;
}

}  // namespace lw
