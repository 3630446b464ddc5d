// Blocks of S4D, laid out like Mamba's.
#pragma once

#include "core/models/registry.h"

namespace lw {

Architecture s4dArchitecture();

}  // namespace lw
