// Replaces operator new for this test program, to see that a lying file does not make a reader ask for its lie's worth of memory.
#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/core/formats/hostile.h"

namespace {
std::atomic<std::size_t> largest = 0;

void* requested(std::size_t bytes) {
    if (bytes > largest) largest = bytes;
    if (void* memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
    throw std::bad_alloc();
}
}  // namespace

namespace lw::test {
std::size_t takeLargestRequest() { return largest.exchange(0); }
}  // namespace lw::test

void* operator new(std::size_t bytes) { return requested(bytes); }
void* operator new[](std::size_t bytes) { return requested(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
