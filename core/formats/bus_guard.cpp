// A fixed table without locks, since a signal handler may neither wait nor allocate.
#include "core/formats/bus_guard.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <utility>

namespace lw {

namespace {

struct Slot {
    std::atomic<bool> taken{false};
    std::atomic<std::uintptr_t> begin{0}, end{0};  // begin 0: guards nothing
    std::atomic<bool> hit{false};
};
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

constexpr std::size_t kSlots = 4096;  // files mapped at once; a sharded model has some dozens
std::array<Slot, kSlots> slots;
std::uintptr_t pageBytes = 0;
struct sigaction earlier {};

// Zeros from the page of `address` to the end of its range. False if it lies in none.
bool replaceByZeros(std::uintptr_t address) {
    for (Slot& slot : slots) {
        const std::uintptr_t begin = slot.begin.load(std::memory_order_acquire);
        if (begin == 0 || address < begin || address >= slot.end.load(std::memory_order_acquire)) continue;
        const std::uintptr_t page = address / pageBytes * pageBytes;
        void* zeros = ::mmap(reinterpret_cast<void*>(page), slot.end.load(std::memory_order_acquire) - page, PROT_READ,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        slot.hit.store(true, std::memory_order_release);
        return zeros != MAP_FAILED;
    }
    return false;
}

void handle(int signal, siginfo_t* info, void* context) {
    const int code = errno;
    const bool ours = info->si_code > 0 && replaceByZeros(reinterpret_cast<std::uintptr_t>(info->si_addr));
    errno = code;
    if (ours) return;
    if ((earlier.sa_flags & SA_SIGINFO) != 0 && earlier.sa_sigaction) return earlier.sa_sigaction(signal, info, context);
    if (earlier.sa_handler != SIG_DFL && earlier.sa_handler != SIG_IGN) return earlier.sa_handler(signal);
    ::sigaction(signal, &earlier, nullptr);
    if (info->si_code <= 0) ::raise(signal);  // sent by somebody: it does not come again by itself
}

void install() {
    pageBytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    struct sigaction action {};
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGBUS, &action, &earlier);
}

}  // namespace

BusGuard::BusGuard(const std::byte* data, std::size_t bytes) {
    static std::once_flag once;
    std::call_once(once, install);
    for (std::size_t i = 0; i < kSlots; ++i) {
        Slot& slot = slots[i];
        if (slot.taken.load(std::memory_order_relaxed) || slot.taken.exchange(true, std::memory_order_acquire)) continue;
        const auto begin = reinterpret_cast<std::uintptr_t>(data);
        slot.hit.store(false, std::memory_order_relaxed);
        slot.end.store((begin + bytes + pageBytes - 1) / pageBytes * pageBytes, std::memory_order_release);
        slot.begin.store(begin, std::memory_order_release);
        m_slot = static_cast<int>(i);
        return;
    }
}

BusGuard::BusGuard(BusGuard&& other) noexcept : m_slot(std::exchange(other.m_slot, -1)) {}

BusGuard& BusGuard::operator=(BusGuard&& other) noexcept {
    std::swap(m_slot, other.m_slot);
    return *this;
}

BusGuard::~BusGuard() {
    if (m_slot < 0) return;
    Slot& slot = slots[static_cast<std::size_t>(m_slot)];
    slot.begin.store(0, std::memory_order_release);
    slot.taken.store(false, std::memory_order_release);
}

bool BusGuard::hit() const { return m_slot >= 0 && slots[static_cast<std::size_t>(m_slot)].hit.load(std::memory_order_acquire); }

}  // namespace lw
