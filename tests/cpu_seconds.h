// Time that does not depend on what else the machine does.
#pragma once

#include <ctime>

namespace lw::test {

/// CPU seconds of this program so far, all threads.
inline double cpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace lw::test
