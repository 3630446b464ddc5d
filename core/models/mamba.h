// Mamba: selective state-space blocks.
#pragma once

#include "core/models/registry.h"

namespace lw {

Architecture mambaArchitecture();

}  // namespace lw
