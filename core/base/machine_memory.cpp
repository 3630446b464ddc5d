#include "core/base/machine_memory.h"

#include <unistd.h>

namespace lw {

std::int64_t machineMemory() {
    const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
    return pages > 0 && size > 0 ? std::int64_t{1} * pages * size : std::int64_t{4} << 30;
}

}  // namespace lw
