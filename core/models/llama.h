// The Llama family (Touvron et al. 2023) and Mistral (Jiang et al. 2023): RMSNorm, rotary positions, grouped queries, gated
// feed-forward; Mistral adds a sliding window.
#pragma once

#include "core/models/registry.h"

namespace lw {

Architecture llamaArchitecture();

}  // namespace lw
