// Mamba's mixers as parts of a block: selective state-space scans.
#pragma once

#include <limits>
#include <optional>

#include "core/models/parts/mixer.h"
#include "core/models/parts/part_reader.h"

namespace lw {

struct MambaShape {
    int width = 0, inner = 0, stateSize = 0, rank = 0, taps = 0;  // D, E, N, dt_rank, convolution
    bool bias = false, convBias = true;                           // of in_proj and out_proj; of the convolution
    Activation activation = Activation::Silu;                     // after the convolution, and of the gate
    std::optional<double> innerNormEps = {};                      // RMS norms on Δ's input, B and C (Jamba)
};
/// Tensors in_proj, conv1d, x_proj, dt_proj, A_log, D, out_proj (dt_layernorm, b_layernorm, c_layernorm) below `prefix`.
/// Source: Gu and Dao 2023. Golden: tests/data/zoo/mamba, jamba.
std::unique_ptr<Mixer> readMamba(PartReader& reader, const std::string& prefix, const MambaShape& shape);

struct Mamba2Shape {
    int width = 0, heads = 0, headWidth = 0, stateSize = 0, groups = 1, taps = 0;  // D, H, P, N, G
    bool bias = false, convBias = true;
    Activation activation = Activation::Silu;  // after the convolution; the gate is always silu
    double eps = 1e-5;                         // of the norm after the gate, each group by itself
    double leastStep = 0, mostStep = std::numeric_limits<double>::infinity();
};
/// Tensors in_proj, conv1d, dt_bias, A_log, D, norm, out_proj below `prefix`.
/// Source: Dao and Gu 2024. Golden: tests/data/zoo/mamba2.
std::unique_ptr<Mixer> readMamba2(PartReader& reader, const std::string& prefix, const Mamba2Shape& shape);

}  // namespace lw
