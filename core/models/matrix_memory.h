// Language models of linear attention's family: linear attention, RetNet, gated linear attention, DeltaNet, Gated DeltaNet, and
// hybrids of any of them with Mamba and attention.
#pragma once

#include <vector>

#include "core/models/registry.h"

namespace lw {

/// One row a kind, and one for hybrids, whose configuration lists the kind of each block.
std::vector<Architecture> matrixMemoryArchitectures();

}  // namespace lw
