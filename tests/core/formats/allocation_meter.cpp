// Replaces operator new for this test program, to see that a lying file does not make a reader ask for its lie's worth of memory.
// The sanitizers have their own operator new and keep it; the meter then reads 0.
#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/core/formats/hostile.h"

namespace {
std::atomic<std::size_t> largest = 0;
}

namespace lw::test {
std::size_t takeLargestRequest() { return largest.exchange(0); }
}  // namespace lw::test

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    if (bytes > largest) largest = bytes;
    return std::malloc(bytes > 0 ? bytes : 1);
}
void* operator new(std::size_t bytes) {
    if (void* memory = operator new(bytes, std::nothrow)) return memory;
    throw std::bad_alloc();
}
void* operator new[](std::size_t bytes) { return operator new(bytes); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return operator new(bytes, std::nothrow); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

#endif
