// Qwen3-Next: a hybrid of Gated DeltaNet and gated attention blocks, with expert layers.
#pragma once

#include "core/models/registry.h"

namespace lw {

Architecture qwen3NextArchitecture();

}  // namespace lw
