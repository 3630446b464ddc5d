// Mamba-2: state-space blocks with a matrix state per head.
#pragma once

#include "core/models/registry.h"

namespace lw {

Architecture mamba2Architecture();

}  // namespace lw
