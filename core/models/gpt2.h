// GPT-2 (Radford et al. 2019): learned positions, LayerNorm before each part, GELU feed-forward.
#pragma once

#include "core/models/registry.h"

namespace lw {

Architecture gpt2Architecture();

}  // namespace lw
