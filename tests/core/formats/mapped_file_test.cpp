// Mapping a file: what is seen, who keeps it alive, and what cannot be mapped.
#include "core/formats/mapped_file.h"

#include <sys/stat.h>
#include <unistd.h>

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
