// How much memory this machine has.
#pragma once

#include <cstdint>

namespace lw {

/// Bytes; 4 GiB where the system does not say.
std::int64_t machineMemory();

}  // namespace lw
