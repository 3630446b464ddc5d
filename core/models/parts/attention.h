// Causal attention as a part of a block.
#pragma once

#include <optional>

#include "core/models/parts/mixer.h"
#include "core/models/parts/part_reader.h"

namespace lw {

struct AttentionPartShape {
    int width = 0, heads = 0, kvHeads = 0, headWidth = 0;
    std::vector<double> frequencies;  // of the rotated first 2·n dimensions of each head; empty: no rotary positions
    bool bias = false;                // of q, k, v
    bool outputBias = false;
    std::optional<double> headNormEps;  // RMS norm of each head's query and key, gain stored minus one (Qwen3-Next)
    bool outputGate = false;            // z is multiplied by a sigmoid gate that the query's projection gives beside it
};

/// The tensors q_proj, k_proj, v_proj, o_proj (q_norm, k_norm) below `prefix`.
std::unique_ptr<Mixer> readAttention(PartReader& reader, const std::string& prefix, const AttentionPartShape& shape);

}  // namespace lw
