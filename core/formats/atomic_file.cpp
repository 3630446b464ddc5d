// A file without a name where the system has such (nothing is left behind even if the program is ended), else under a temporary
// name; then rename.
#include "core/formats/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace lw {

namespace {

constexpr std::size_t kBufferBytes = 1 << 20;

Unexpected notWritable(const std::string& name, std::string_view why) {
    return fail(ErrorKind::NotWritable, fmt::format("{} cannot be written: {}.", name, why), name);
}

std::string reason(int code) {
    switch (code) {
        case ENOSPC:
        case EDQUOT:
            return "the disk is full";
        case EFBIG:
            return "the file would be larger than allowed here";
        case EACCES:
        case EPERM:
            return "permission is missing";
        case EROFS:
            return "the disk is read-only";
        case ENAMETOOLONG:
            return "the name is too long";
        default:
            return std::strerror(code);
    }
}

}  // namespace

namespace {

std::string ownName(int fd) { return fmt::format("/proc/self/fd/{}", fd); }

// A file in the folder that nobody sees; -1 where the system or its file system has none, or where it could get no name later.
int openUnnamed(const std::filesystem::path& folder) {
    const int fd = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    if (fd >= 0 && ::access(ownName(fd).c_str(), F_OK) == 0) return fd;
    if (fd >= 0) ::close(fd);
    return -1;
}

}  // namespace

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& target) {
    AtomicFile file;
    file.m_name = target.string();
    std::error_code code;
    std::filesystem::path real = target;
    if (std::filesystem::is_symlink(target, code)) {  // the link stays, what it points to is replaced
        const auto resolved = std::filesystem::weakly_canonical(target, code);
        if (!code) real = resolved;
    }
    if (!real.has_filename()) return notWritable(file.m_name, "a file's name is missing at the end of the path");
    const std::filesystem::path folder = real.has_parent_path() ? real.parent_path() : std::filesystem::path(".");
    if (!std::filesystem::exists(folder, code)) {
        return notWritable(file.m_name,
                           code ? reason(code.value()) : fmt::format("the folder {} does not exist", folder.string()));
    }
    if (!std::filesystem::is_directory(folder, code))
        return notWritable(file.m_name, fmt::format("{} is no folder", folder.string()));

    struct stat old {};
    const bool replaces = ::stat(real.c_str(), &old) == 0;
    if (replaces && S_ISDIR(old.st_mode)) return notWritable(file.m_name, "it is a folder");
    if (replaces && !S_ISREG(old.st_mode)) return notWritable(file.m_name, "it is no ordinary file");
    if (replaces && ::faccessat(AT_FDCWD, real.c_str(), W_OK, AT_EACCESS) != 0) return file.problem(errno);

    static std::atomic<unsigned> counter = 0;  // two writers of one program never share a temporary name
    file.m_target = real.string();
    file.m_temporary = (folder / fmt::format(".layerwalk-{}-{}.part", ::getpid(), counter++)).string();
    file.m_fd = openUnnamed(folder);
    file.m_named = file.m_fd < 0;
    if (file.m_named) file.m_fd = ::open(file.m_temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file.m_fd < 0) return file.problem(errno);
    if (replaces) (void)!::fchmod(file.m_fd, old.st_mode & 0777);
    return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept { *this = std::move(other); }

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
    if (this == &other) return *this;
    discard();
    m_name = std::move(other.m_name);
    m_target = std::move(other.m_target);
    m_temporary = std::move(other.m_temporary);
    m_fd = std::exchange(other.m_fd, -1);
    m_named = other.m_named;
    m_buffer = std::move(other.m_buffer);
    m_bufferAt = other.m_bufferAt;
    return *this;
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() noexcept {
    if (m_fd < 0) return;
    ::close(m_fd);
    if (m_named) ::unlink(m_temporary.c_str());
    m_fd = -1;
}

Unexpected AtomicFile::problem(int code) const { return notWritable(m_name, reason(code)); }

Result<void> AtomicFile::writeAt(std::int64_t offset, std::span<const std::byte> bytes) {
    const bool continues = offset == m_bufferAt + static_cast<std::int64_t>(m_buffer.size());
    if (!continues || m_buffer.size() + bytes.size() > kBufferBytes) {
        if (const auto done = flush(); !done) return done;
        m_bufferAt = offset;
    }
    if (bytes.size() > kBufferBytes) {  // too large to be worth a copy
        const auto done = writeNow(bytes);
        m_bufferAt += static_cast<std::int64_t>(bytes.size());
        return done;
    }
    m_buffer.insert(m_buffer.end(), bytes.begin(), bytes.end());
    return {};
}

Result<void> AtomicFile::append(std::span<const std::byte> bytes) {
    return writeAt(m_bufferAt + static_cast<std::int64_t>(m_buffer.size()), bytes);
}

Result<void> AtomicFile::append(std::string_view text) { return append(std::as_bytes(std::span(text))); }

Result<void> AtomicFile::flush() {
    const auto done = writeNow(m_buffer);
    m_bufferAt += static_cast<std::int64_t>(m_buffer.size());
    m_buffer.clear();
    return done;
}

Result<void> AtomicFile::writeNow(std::span<const std::byte> bytes) {
    auto at = static_cast<off_t>(m_bufferAt);
    while (!bytes.empty()) {
        const auto written = ::pwrite(m_fd, bytes.data(), bytes.size(), at);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return problem(errno);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        at += written;
    }
    return {};
}

Result<void> AtomicFile::commit() {
    if (const auto done = flush(); !done) return done;
    if (!m_named) {
        ::unlink(m_temporary.c_str());  // left by a program of the same number that had no unnamed files
        if (::linkat(AT_FDCWD, ownName(m_fd).c_str(), AT_FDCWD, m_temporary.c_str(), AT_SYMLINK_FOLLOW) != 0)
            return problem(errno);
        m_named = true;
    }
    const int closed = ::close(std::exchange(m_fd, -1));
    const int code = closed != 0 ? errno : ::rename(m_temporary.c_str(), m_target.c_str()) != 0 ? errno : 0;
    if (code == 0) return {};
    ::unlink(m_temporary.c_str());
    return problem(code);
}

Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view content) {
    auto file = AtomicFile::create(path);
    if (!file) return Unexpected(file.error());
    if (const auto done = file->append(content); !done) return done;
    return file->commit();
}

}  // namespace lw
