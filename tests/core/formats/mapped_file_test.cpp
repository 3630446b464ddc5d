// Mapping a file: what is seen, who keeps it alive, and what cannot be mapped.
#include "core/formats/mapped_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "tests/catch.h"
#include "tests/core/formats/temporary_folder.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("A mapped file shows its bytes, also after its name is gone", "[mapped]") {
    const TemporaryFolder folder;
    const auto path = folder.write("a.bin", std::string(10'000, 'x') + "end");
    const auto file = MappedFile::open(path);
    REQUIRE(file);
    CHECK((*file)->size() == 10'003);
    CHECK((*file)->name() == path.string());
    (*file)->willNeed(5000, 5003);
    std::filesystem::remove(path);
    CHECK((*file)->text().substr(10'000) == "end");
}

TEST_CASE("What is no readable file is refused with its name", "[mapped]") {
    const TemporaryFolder folder;
    const auto refused = [](const std::filesystem::path& path, ErrorKind kind, const char* word) {
        const auto file = MappedFile::open(path);
        REQUIRE_FALSE(file);
        CAPTURE(file.error().message);
        CHECK(file.error().kind == kind);
        CHECK(file.error().message.find(path.string()) != std::string::npos);
        CHECK(file.error().message.find(word) != std::string::npos);
    };
    refused(folder / "missing.bin", ErrorKind::NotFound, "no file");
    refused(folder.write("empty.bin", ""), ErrorKind::BadFormat, "empty");
    refused(folder / "empty.bin/below", ErrorKind::NotFound, "no file");
    refused(folder.path(), ErrorKind::Unreadable, "folder");
    refused("/dev/null", ErrorKind::Unreadable, "ordinary");
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    refused(folder / "pipe", ErrorKind::Unreadable, "ordinary");  // and does not wait for a writer

    const auto locked = folder.write("locked.bin", "x");
    ::chmod(locked.c_str(), 0);
    const OrdinaryRights rights;
    refused(locked, ErrorKind::Unreadable, "permission");
}

TEST_CASE("A file that is shortened while it is mapped reads as zeros and says so", "[mapped]") {
    const TemporaryFolder folder;
    const auto path = folder.write("a.bin", std::string(100'000, 'x'));
    const auto file = MappedFile::open(path), other = MappedFile::open(folder.write("b.bin", std::string(100'000, 'y')));
    REQUIRE(file);
    REQUIRE(other);
    CHECK((*file)->intact());
    REQUIRE(::truncate(path.c_str(), 10'000) == 0);
    // Without the guard the first of these reads would end this program.
    CHECK((*file)->text()[99'999] == '\0');
    CHECK((*file)->text()[50'000] == '\0');
    CHECK((*file)->text()[9'999] == 'x');
    const auto same = (*file)->intact();
    REQUIRE_FALSE(same);
    CHECK(same.error().kind == ErrorKind::Unreadable);
    CHECK(same.error().message == path.string() + " was shortened from 100000 to 10000 bytes while it was open; open it again.");
    CHECK((*other)->text()[99'999] == 'y');
    CHECK((*other)->intact());
}

TEST_CASE("A file that is written to while it is mapped is no longer trusted", "[mapped]") {
    const TemporaryFolder folder;
    const auto path = folder.write("a.bin", std::string(100, 'x'));
    const auto file = MappedFile::open(path);
    REQUIRE(file);
    std::filesystem::permissions(path, std::filesystem::perms::owner_read);  // only what is in it counts
    CHECK((*file)->intact());
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    SECTION("within one page, where no signal comes") { REQUIRE(::truncate(path.c_str(), 50) == 0); }
    SECTION("by as many bytes") {
        std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) - std::chrono::seconds(5));
    }
    SECTION("longer") { std::ofstream(path, std::ios::app) << "more"; }
    CHECK_FALSE((*file)->intact());
}

TEST_CASE("A small file is read whole, a large one refused", "[mapped]") {
    const TemporaryFolder folder;
    const auto path = folder.write("a.json", "{\"a\": 1}");
    CHECK(readFile(path, 8).value_or("") == "{\"a\": 1}");
    const auto refused = readFile(path, 7);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message == path.string() + " has 8 bytes where at most 7 are expected.");
    CHECK_FALSE(readFile(folder / "missing", 8));
}
