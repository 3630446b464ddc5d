// RWKV-7.
#pragma once

#include "core/models/registry.h"

namespace lw {

Architecture rwkv7Architecture();

}  // namespace lw
