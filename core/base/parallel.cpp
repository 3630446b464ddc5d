// The pool behind parallelFor. Workers are started once, claim ranges from one atomic ticket, spin for a moment between calls
// (a decoding step makes hundreds of calls a few microseconds apart) and then sleep, so that an idle program uses no CPU.
#include "core/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

namespace lw {
namespace {

constexpr int maxThreads = 256;
// More ranges than threads, so that a thread which the system takes away for a while doesn't hold up the others.
constexpr std::int64_t rangesPerThread = 4;
// Longer than the serial stretches between the products of a decoding step, shorter than anything a person notices.
constexpr auto workerSpin = std::chrono::microseconds(150);
constexpr auto callerSpin = std::chrono::microseconds(50);

/// Physical cores that this process may use: two threads of one core share its multipliers and gain nothing here.
int usableCores() {
    const int logical = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
#ifdef __linux__
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        std::set<std::pair<int, int>> cores;
        int cpus = 0;
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (!CPU_ISSET(cpu, &allowed)) continue;
            ++cpus;
            const std::string topology = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
            int package = 0, core = 0;
            if (!(std::ifstream(topology + "physical_package_id") >> package))
                return std::max(1, std::min(logical, CPU_COUNT(&allowed)));
            if (!(std::ifstream(topology + "core_id") >> core)) return std::max(1, std::min(logical, CPU_COUNT(&allowed)));
            cores.emplace(package, core);
        }
        if (cpus > 0) return static_cast<int>(cores.size());
    }
#endif
    return logical;
}

int wantedThreads() {
    if (const char* text = std::getenv("LAYERWALK_THREADS")) {
        const int asked = std::atoi(text);
        if (asked > 0) return std::min(asked, maxThreads);
    }
    return std::min(usableCores(), maxThreads);
}

void pauseThread() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#else
    std::this_thread::yield();
#endif
}

/// Spins until `ready` or until `limit` has passed; tells which.
template <class Ready>
bool spinUntil(Ready ready, std::chrono::microseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    do {
        for (int i = 0; i < 32; ++i) {
            if (ready()) return true;
            pauseThread();
        }
    } while (std::chrono::steady_clock::now() < end);
    return ready();
}

using Body = std::function<void(std::int64_t, std::int64_t)>;

struct Ranges {
    std::int64_t count, length, number;

    void run(const Body& body, std::int64_t range) const {
        const std::int64_t begin = range * length;
        body(begin, std::min(count, begin + length));
    }
};

Ranges cut(std::int64_t count, std::int64_t grain) {
    const std::int64_t most = threadCount() == 1 ? 1 : threadCount() * rangesPerThread;
    const std::int64_t length = std::max({std::int64_t{1}, grain, (count + most - 1) / most});
    return {count, length, (count + length - 1) / length};
}

thread_local bool insideBody = false;

class Pool {
public:
    explicit Pool(int workers) {
        m_workers.reserve(static_cast<std::size_t>(workers));
        for (int i = 0; i < workers; ++i) m_workers.emplace_back([this] { work(); });
    }

    ~Pool() {
        {
            const std::lock_guard lock(m_mutex);
            m_stop.store(true);
        }
        m_wake.notify_all();
        for (std::thread& worker : m_workers) worker.join();
    }

    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// False if another thread is using the pool at this moment.
    bool run(const Ranges& ranges, const Body& body) {
        const std::unique_lock user(m_user, std::try_to_lock);
        if (!user.owns_lock()) return false;
        m_body = &body;
        m_ranges = ranges;
        m_unfinished.store(ranges.number, std::memory_order_relaxed);
        m_ticket.store((++m_job << 32) | static_cast<std::uint64_t>(ranges.number));
        wake(ranges.number - 1);
        while (takeOne()) {
        }
        const auto finished = [this] { return m_unfinished.load(std::memory_order_acquire) == 0; };
        if (!spinUntil(finished, callerSpin)) {
            std::unique_lock lock(m_mutex);
            m_callerSleeps.store(true);
            m_done.wait(lock, [this] { return m_unfinished.load() == 0; });
            m_callerSleeps.store(false);
        }
        return true;
    }

private:
    // The ticket holds the number of the job (upper half) and how many of its ranges nobody has taken yet (lower half).
    // The job's fields may be read after a successful claim only: from then on the job cannot end without the claimer.
    static bool hasWork(std::uint64_t ticket) { return (ticket & 0xffffffffu) != 0; }

    bool takeOne() {
        std::uint64_t ticket = m_ticket.load(std::memory_order_acquire);
        do {
            if (!hasWork(ticket)) return false;
        } while (!m_ticket.compare_exchange_weak(ticket, ticket - 1, std::memory_order_acq_rel, std::memory_order_acquire));
        const std::int64_t left = static_cast<std::int64_t>(ticket & 0xffffffffu);
        insideBody = true;
        m_ranges.run(*m_body, m_ranges.number - left);
        insideBody = false;
        if (m_unfinished.fetch_sub(1) == 1 && m_callerSleeps.load()) {
            { const std::lock_guard lock(m_mutex); }
            m_done.notify_one();
        }
        return true;
    }

    void wake(std::int64_t wanted) {
        const std::int64_t asleep = m_asleep.load();
        if (asleep == 0 || wanted <= 0) return;
        { const std::lock_guard lock(m_mutex); }
        if (wanted >= asleep) {
            m_wake.notify_all();
        } else {
            for (std::int64_t i = 0; i < wanted; ++i) m_wake.notify_one();
        }
    }

    void work() {
        const auto ready = [this] {
            return hasWork(m_ticket.load(std::memory_order_acquire)) || m_stop.load(std::memory_order_relaxed);
        };
        for (;;) {
            while (takeOne()) {
            }
            if (!spinUntil(ready, workerSpin)) {
                std::unique_lock lock(m_mutex);
                m_asleep.fetch_add(1);
                m_wake.wait(lock, [this] { return hasWork(m_ticket.load()) || m_stop.load(); });
                m_asleep.fetch_sub(1);
            }
            if (m_stop.load()) return;
        }
    }

    std::mutex m_user;  // held by the thread whose loop is running
    const Body* m_body = nullptr;
    Ranges m_ranges = {};
    std::uint64_t m_job = 0;
    alignas(64) std::atomic<std::uint64_t> m_ticket{0};
    alignas(64) std::atomic<std::int64_t> m_unfinished{0};
    std::atomic<bool> m_callerSleeps{false};
    alignas(64) std::atomic<std::int64_t> m_asleep{0};
    std::atomic<bool> m_stop{false};
    std::mutex m_mutex;  // for the two conditions
    std::condition_variable m_wake, m_done;
    std::vector<std::thread> m_workers;
};

}  // namespace

int threadCount() {
    static const int threads = wantedThreads();
    return threads;
}

void parallelFor(std::int64_t count, std::int64_t grain, const Body& body) {
    if (count <= 0) return;
    const Ranges ranges = cut(count, grain);
    if (ranges.number > 1 && !insideBody) {
        static Pool pool(threadCount() - 1);
        if (pool.run(ranges, body)) return;
    }
    for (std::int64_t range = 0; range < ranges.number; ++range) ranges.run(body, range);
}

}  // namespace lw
