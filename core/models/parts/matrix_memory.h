// Linear attention and its family as parts of a block: a memory S [key, value] for each head, written and read by keys and
// queries. Linear attention adds; RetNet and gated linear attention let the memory fade; DeltaNet replaces what stood under a
// key; Gated DeltaNet does both.
// Source: Katharopoulos et al. 2020; Sun et al. 2023 (RetNet); Yang et al. 2023 (GLA), 2024 (DeltaNet, Gated DeltaNet).
#pragma once

#include <memory>
#include <vector>

#include "core/models/parts/mixer.h"
#include "core/models/parts/part_reader.h"

namespace lw {

struct MatrixMemoryShape {
    MixerKind kind = MixerKind::LinearAttention;
    int width = 0, heads = 0, keyWidth = 0, valueWidth = 0;
    int taps = 0;                     // of the short convolutions on q, k, v; 0 = none
    bool normalised = false;          // linear attention: φ = elu + 1 and a normaliser; else plain
    bool outputGate = false;          // what is read is multiplied by silu of a gate
    float mostBeta = 1;               // 2: β may exceed 1, so that what is removed may turn its sign
    double eps = 1e-5;                // of the norm of what is read
    int decayRank = 16;               // of GLA's gate
    float decayTemperature = 16;      // by which GLA's log decay is divided
    std::vector<double> frequencies;  // RetNet: rotary positions on q and k

    MixerInfo info() const;
};

// What a memory is written and read with, one chunk.
struct MemoryInputs {
    Tensor q, k;           // [T, H·K], before φ or the norm to unit length
    Tensor v;              // [T, H·V]
    Tensor betaLogit = {};  // [T, H]
    Tensor logDecay = {};   // [T, H] or [T, H·K]
    Tensor gate = {};       // [T, H·V]
};

/// Writes and reads the memory, shows its values, and gives what is read, normed by `gain` [1, V] and gated. `memory` [H·K, V (+ 1)].
Tensor readMemory(const MatrixMemoryShape& shape, const MemoryInputs& in, const Weight& gain, Matrix& memory, const PartPlace& at);

/// Tensors q_proj, k_proj, v_proj, o_norm, o_proj, and as the kind needs them q_conv1d, k_conv1d, v_conv1d, b_proj, a_proj, A_log,
/// dt_bias, gk_proj.0, gk_proj.1, g_proj, below `prefix`.
std::unique_ptr<Mixer> readMatrixMemory(PartReader& reader, const std::string& prefix, const MatrixMemoryShape& shape);

/// Gated DeltaNet as Qwen3-Next lays it out: in_proj_qkvz and in_proj_ba by key head, one convolution over q, k and v. Several
/// value heads share a key head. shape.heads: value heads.
std::unique_ptr<Mixer> readGroupedGatedDelta(PartReader& reader, const std::string& prefix, const MatrixMemoryShape& shape, int keyHeads);

}  // namespace lw
