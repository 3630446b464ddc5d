// parallelFor covers every index once, whatever the count, the grain and the number of threads.
#include "core/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/catch.h"

using lw::parallelFor;

namespace {

using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;

Ranges rangesOf(std::int64_t count, std::int64_t grain) {
    Ranges ranges;
    std::mutex mutex;
    parallelFor(count, grain, [&](std::int64_t begin, std::int64_t end) {
        const std::lock_guard lock(mutex);
        ranges.emplace_back(begin, end);
    });
    std::sort(ranges.begin(), ranges.end());
    return ranges;
}

}  // namespace

TEST_CASE("Ranges cover everything once and are as long as asked") {
    for (const std::int64_t count : {0, 1, 2, 3, 7, 8, 9, 64, 1000, 1001}) {
        for (const std::int64_t grain : {-1, 0, 1, 2, 5, 64, 5000}) {
            CAPTURE(count, grain);
            const Ranges ranges = rangesOf(count, grain);
            std::int64_t next = 0;
            for (const auto& [begin, end] : ranges) {
                REQUIRE(begin == next);
                REQUIRE(end > begin);
                if (end < count) REQUIRE(end - begin >= std::max<std::int64_t>(1, grain));
                next = end;
            }
            REQUIRE(next == std::max<std::int64_t>(0, count));
            REQUIRE(rangesOf(count, grain) == ranges);
        }
    }
}

TEST_CASE("Many small loops, one after the other") {
    std::vector<int> touched(97, 0);
    for (int loop = 0; loop < 20000; ++loop) {
        parallelFor(97, 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) ++touched[static_cast<std::size_t>(i)];
        });
    }
    REQUIRE(std::all_of(touched.begin(), touched.end(), [](int n) { return n == 20000; }));
}

TEST_CASE("Loops still run after the workers have gone to sleep") {
    for (int round = 0; round < 5; ++round) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        std::atomic<int> sum = 0;
        parallelFor(64, 1, [&](std::int64_t begin, std::int64_t end) { sum += static_cast<int>(end - begin); });
        REQUIRE(sum == 64);
    }
}

TEST_CASE("A loop inside a loop runs on the thread it is in") {
    std::atomic<int> sum = 0, elsewhere = 0;
    parallelFor(16, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const auto here = std::this_thread::get_id();
            parallelFor(10, 1, [&](std::int64_t first, std::int64_t last) {
                sum += static_cast<int>(last - first);
                if (std::this_thread::get_id() != here) ++elsewhere;
            });
        }
    });
    REQUIRE(sum == 160);
    REQUIRE(elsewhere == 0);
}

TEST_CASE("Two threads may ask at the same time") {
    std::atomic<std::int64_t> sum = 0;
    const auto loops = [&] {
        for (int loop = 0; loop < 2000; ++loop) {
            parallelFor(50, 1, [&](std::int64_t begin, std::int64_t end) { sum += end - begin; });
        }
    };
    std::thread other(loops);
    loops();
    other.join();
    REQUIRE(sum == 2 * 2000 * 50);
}

// Runs in a process of its own (below), because the number of threads is read once.
TEST_CASE("child: number of threads", "[.child]") { std::printf("threads=%d\n", lw::threadCount()); }

TEST_CASE("LAYERWALK_THREADS sets the number of threads") {
    const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
    for (const auto& [setting, expected] : {std::pair{"1", "threads=1\n"}, {"3", "threads=3\n"}}) {
        std::FILE* child = popen(("LAYERWALK_THREADS=" + std::string(setting) + " '" + self + "' '[.child]'").c_str(), "r");
        REQUIRE(child != nullptr);
        std::string output;
        for (int c = std::fgetc(child); c != EOF; c = std::fgetc(child)) output.push_back(static_cast<char>(c));
        CHECK(pclose(child) == 0);
        CAPTURE(output);
        CHECK(output.find(expected) != std::string::npos);
    }
}
