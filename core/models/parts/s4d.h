// S4D as a part of a block: a linear time-invariant state-space system. It stands where Mamba's selective scan stands, and reads
// like it (in_proj to a way through the state and a gate beside it, out_proj), but neither step size nor what is written and read
// depend on the token.
#pragma once

#include "core/models/parts/mixer.h"
#include "core/models/parts/part_reader.h"
#include "core/tensor/diagonal_ssm.h"

namespace lw {

struct S4dShape {
    int width = 0, inner = 0, poles = 0;  // D, E, N
    bool complex = true;                  // A = −½ + iπn at the start, else −(n + 1)
    Discretisation rule = Discretisation::ZeroOrderHold;
};
/// Tensors in_proj.weight, log_dt, A_log, A_imag, C, C_imag, D, out_proj.weight below `prefix`; those that end in _imag only for
/// complex systems. Source: Gu et al. 2022 (S4D); the gate as in Gu and Dao 2023.
std::unique_ptr<Mixer> readS4d(PartReader& reader, const std::string& prefix, const S4dShape& shape);

}  // namespace lw
