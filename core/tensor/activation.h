// The activations a feed-forward layer may have, by name and on arrays.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lw {

enum class Activation { GeluTanh, GeluErf, Relu, Silu, QuickGelu, Tanh, ReluSquared };

/// "gelu_new", "gelu", "relu", "silu", "quick_gelu", "tanh", "relu2"
std::string_view activationName(Activation activation);
/// By a config's spelling: "gelu_new", "gelu_pytorch_tanh", "gelu_fast"; "gelu", "gelu_python"; "relu"; "silu", "swish"; "quick_gelu";
/// "tanh"; "relu2" (the square of relu).
std::optional<Activation> parseActivation(std::string_view name);

/// y = act(x) for n values; x and y may be the same array.
void activate(Activation activation, const float* x, float* y, std::int64_t n);
/// d act / dx, in double.
double activationSlope(Activation activation, double x);

}  // namespace lw
