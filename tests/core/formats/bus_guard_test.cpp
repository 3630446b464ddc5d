// The handler of lost pages: ranges come and go, other signals reach those whom they are for.
#include "core/formats/bus_guard.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <vector>

#include "tests/catch.h"
#include "tests/core/formats/temporary_folder.h"

using namespace lw;
using namespace lw::test;

namespace {

constexpr std::size_t kBytes = 1 << 20;

struct Mapping {
    explicit Mapping(const std::filesystem::path& path) {
        fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
        (void)!::ftruncate(fd, kBytes);
        data = static_cast<std::byte*>(::mmap(nullptr, kBytes, PROT_READ, MAP_PRIVATE, fd, 0));
    }
    ~Mapping() {
        ::munmap(data, kBytes);
        ::close(fd);
    }
    int fd;
    std::byte* data;
};

int sumOf(const std::byte* data) {
    int sum = 0;
    for (std::size_t i = 0; i < kBytes; i += 4096) sum += std::to_integer<int>(static_cast<const volatile std::byte*>(data)[i]);
    return sum;
}

}  // namespace

TEST_CASE("Several threads lose the pages of one range at once", "[bus]") {
    const TemporaryFolder folder;
    const Mapping mapping(folder / "a");
    const BusGuard guard(mapping.data, kBytes);
    REQUIRE(guard.guards());
    CHECK_FALSE(guard.hit());
    REQUIRE(::ftruncate(mapping.fd, 4096) == 0);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { sumOf(mapping.data); });
    for (std::thread& thread : threads) thread.join();
    CHECK(guard.hit());
}

TEST_CASE("Guards come and go, and a new one knows nothing of an old one", "[bus]") {
    const TemporaryFolder folder;
    for (int i = 0; i < 5000; ++i) {  // more than are guarded at once
        const BusGuard guard(reinterpret_cast<const std::byte*>(4096), 1);
        REQUIRE(guard.guards());
        REQUIRE_FALSE(guard.hit());
    }
    const Mapping mapping(folder / "a");
    REQUIRE(::ftruncate(mapping.fd, 0) == 0);
    {
        BusGuard first(mapping.data, kBytes);
        const BusGuard second = std::move(first);
        sumOf(mapping.data);
        CHECK(second.hit());
        CHECK_FALSE(first.guards());
    }
    CHECK_FALSE(BusGuard(mapping.data, kBytes).hit());
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they handle the signal themselves
TEST_CASE("A lost page outside every guarded range ends the program as before", "[bus]") {
    const TemporaryFolder folder;
    const Mapping guarded(folder / "a"), bare(folder / "b");
    const BusGuard guard(guarded.data, kBytes);
    REQUIRE(::ftruncate(bare.fd, 0) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        sumOf(bare.data);
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGBUS);
}
#endif
