// Rotary frequencies from a configuration, in both of its spellings: rope_theta + rope_scaling, or rope_parameters.
#pragma once

#include <optional>
#include <vector>

#include "core/models/config_reader.h"

namespace lw {

/// [headWidth / 2] radians per position: theta^(−2i/headWidth), changed by the scaling:
///   default: as it is · linear: divided by factor · llama3: long waves divided by factor, short ones kept, smooth between.
/// `context` is the fallback of original_max_position_embeddings.
/// turnedPart: where a part of a head may be rotated, the share if partial_rotary_factor does not say; then fewer frequencies.
/// Errors go to the reader: an unknown scaling (named), a missing factor.
/// Source: Su et al. 2021; Chen et al. 2023 (linear); Llama 3.1's release (llama3).
std::vector<double> rotaryFrequencies(ConfigReader& config, int headWidth, int context, std::optional<double> turnedPart = {});

}  // namespace lw
