// How many heads a place may name in a block: attention's, or those of the mixer that stands in its place.
#pragma once

#include "core/trace/model_info.h"

namespace lw {

inline int headsIn(const BlockInfo& block) {
    return block.hasAttention() ? block.attention.heads : block.hasMixer() ? block.mixer.heads : 0;
}

}  // namespace lw
