// A written file is wholly there or not at all.
#include "core/formats/atomic_file.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>

#include "tests/catch.h"
#include "tests/core/formats/temporary_folder.h"

using namespace lw;
using namespace lw::test;

namespace {

// Files of this program cannot grow beyond `bytes` while this lives: what a full disk looks like.
class SizeLimit {
public:
    explicit SizeLimit(rlim_t bytes) {
        m_handler = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_old);
        const rlimit limited{bytes, m_old.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limited);
    }
    ~SizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &m_old);
        std::signal(SIGXFSZ, m_handler);
    }

private:
    rlimit m_old{};
    void (*m_handler)(int);
};

}  // namespace

TEST_CASE("A file appears under its name only when it is complete", "[atomic]") {
    const TemporaryFolder folder;
    const auto path = folder / "out.txt";
    {
        auto file = AtomicFile::create(path);
        REQUIRE(file);
        REQUIRE(file->append("half"));
        CHECK_FALSE(std::filesystem::exists(path));
        CHECK(folder.files() <= 1);  // 0 where files without a name exist
    }
    CHECK(folder.files() == 0);

    auto file = AtomicFile::create(path);
    REQUIRE(file);
    REQUIRE(file->append("one "));
    AtomicFile moved = std::move(*file);
    REQUIRE(moved.append("two"));
    REQUIRE(moved.commit());
    CHECK(contentOf(path) == "one two");
    CHECK(folder.files() == 1);
}

TEST_CASE("Pieces land at their places, small and large", "[atomic]") {
    const TemporaryFolder folder;
    auto file = AtomicFile::create(folder / "out");
    REQUIRE(file);
    const std::string large(3 << 20, 'l');
    const auto at = [&](std::int64_t offset, std::string_view text) {
        REQUIRE(file->writeAt(offset, std::as_bytes(std::span(text))));
    };
    at(0, "ab");
    at(2, "cd");
    at(10, large);
    at(4, "efghij");
    at(10 + static_cast<std::int64_t>(large.size()), "end");
    REQUIRE(file->commit());
    CHECK(contentOf(folder / "out") == "abcdefghij" + large + "end");
}

TEST_CASE("An existing file is replaced, keeps its permissions, and survives a failure", "[atomic]") {
    const TemporaryFolder folder;
    const auto path = folder.write("out.txt", "old");
    ::chmod(path.c_str(), 0640);
    {
        const SizeLimit limit(1000);
        const auto failed = writeFileAtomically(path, std::string(5000, 'x'));
        REQUIRE_FALSE(failed);
        CAPTURE(failed.error().message);
        CHECK(failed.error().kind == ErrorKind::NotWritable);
        CHECK(failed.error().message.find("out.txt") != std::string::npos);
    }
    CHECK(contentOf(path) == "old");
    CHECK(folder.files() == 1);

    REQUIRE(writeFileAtomically(path, "new"));
    CHECK(contentOf(path) == "new");
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0640);
}

TEST_CASE("A link stays a link to the new content", "[atomic]") {
    const TemporaryFolder folder;
    folder.write("real.txt", "old");
    std::filesystem::create_symlink("real.txt", folder / "link.txt");
    REQUIRE(writeFileAtomically(folder / "link.txt", "new"));
    CHECK(std::filesystem::is_symlink(folder / "link.txt"));
    CHECK(contentOf(folder / "real.txt") == "new");
}

TEST_CASE("What cannot be written is refused with its name", "[atomic]") {
    const TemporaryFolder folder;
    folder.write("plain", "x");
    const auto refused = [&](const std::filesystem::path& path, const std::string& word) {
        const auto done = writeFileAtomically(path, "text");
        CAPTURE(path);
        REQUIRE_FALSE(done);
        CAPTURE(done.error().message);
        CHECK(done.error().kind == ErrorKind::NotWritable);
        CHECK(done.error().message.find(path.string()) != std::string::npos);
        CHECK(done.error().message.find(word) != std::string::npos);
    };
    refused(folder / "no/where.txt", (folder / "no").string());
    refused(folder.path(), "folder");
    refused(folder.path() / "", "name");
    refused(folder / "plain/below.txt", "no folder");
    refused(folder / std::string(300, 'n'), "long");
    refused("/dev/null", "ordinary");
    CHECK(folder.files() == 1);

    std::filesystem::create_directory(folder / "locked");
    ::chmod((folder / "locked").c_str(), 0555);
    ::chmod((folder / "plain").c_str(), 0444);
    const OrdinaryRights rights;
    refused(folder / "locked/out.txt", "permission");
    refused(folder / "plain", "permission");
}
