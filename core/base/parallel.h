// A fixed pool of worker threads for loops inside one operation.
// Not for jobs of the window: those live in widgets/shared.
#pragma once

#include <cstdint>
#include <functional>

namespace lw {

/// Number of threads that parallelFor uses, the caller's included: the physical cores that the process may use (>= 1;
/// LAYERWALK_THREADS overrides it).
int threadCount();

/// Calls body(begin, end) on disjoint ranges that cover [0, count), each at least `grain` long (the last may be shorter).
/// Ranges are fixed by (count, grain, threadCount()) alone, so results do not depend on timing. Blocks until all are done.
/// A call from inside a body runs serially, and so does one while another thread's loop has the pool. body must not throw.
void parallelFor(std::int64_t count, std::int64_t grain, const std::function<void(std::int64_t, std::int64_t)>& body);

}  // namespace lw
