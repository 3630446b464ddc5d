// POSIX mmap behind shared ownership.
#include "core/formats/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace lw {

namespace {

Unexpected cannotOpen(const std::string& name, int problem) {
    if (problem == ENOENT || problem == ENOTDIR) {
        return fail(ErrorKind::NotFound, fmt::format("There is no file {}.", name), name);
    }
    if (problem == EACCES || problem == EPERM) {
        return fail(ErrorKind::Unreadable, fmt::format("{} cannot be read: permission is missing.", name), name);
    }
    return fail(ErrorKind::Unreadable, fmt::format("{} cannot be read: {}.", name, std::strerror(problem)), name);
}

Unexpected changed(const std::string& name, std::string_view how) {
    return fail(ErrorKind::Unreadable, fmt::format("{} {} while it was open; open it again.", name, how), name);
}

}  // namespace

Result<OpenFile> OpenFile::open(const std::filesystem::path& path) {
    OpenFile file;
    file.name = path.string();
    // Without O_NONBLOCK the opening of a pipe would wait for a writer.
    file.fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file.fd < 0) return cannotOpen(file.name, errno);
    struct stat facts {};
    if (::fstat(file.fd, &facts) != 0) return cannotOpen(file.name, errno);
    if (S_ISDIR(facts.st_mode)) {
        return fail(ErrorKind::Unreadable, fmt::format("{} is a folder where a file was expected.", file.name), file.name);
    }
    if (!S_ISREG(facts.st_mode)) {
        return fail(ErrorKind::Unreadable, fmt::format("{} is no ordinary file.", file.name), file.name);
    }
    if (facts.st_size == 0) return fail(ErrorKind::BadFormat, fmt::format("{} is empty (0 bytes).", file.name), file.name);
    file.size = static_cast<std::size_t>(facts.st_size);
    file.modified = facts.st_mtim;
    return file;
}

Result<void> OpenFile::unchanged() const {
    struct stat facts {};
    if (::fstat(fd, &facts) != 0) return cannotOpen(name, errno);
    const auto now = static_cast<std::size_t>(facts.st_size);
    if (now < size) return changed(name, fmt::format("was shortened from {} to {} bytes", size, now));
    if (now != size || facts.st_mtim.tv_sec != modified.tv_sec || facts.st_mtim.tv_nsec != modified.tv_nsec)
        return changed(name, "was written to");
    return {};
}

OpenFile::OpenFile(OpenFile&& other) noexcept { *this = std::move(other); }

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
    std::swap(name, other.name);
    std::swap(fd, other.fd);
    std::swap(size, other.size);
    std::swap(modified, other.modified);
    return *this;
}

OpenFile::~OpenFile() {
    if (fd >= 0) ::close(fd);
}

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::filesystem::path& path) {
    auto file = OpenFile::open(path);
    if (!file) return Unexpected(file.error());
    void* data = ::mmap(nullptr, file->size, PROT_READ, MAP_PRIVATE, file->fd, 0);
    if (data == MAP_FAILED) return cannotOpen(file->name, errno);
    return std::shared_ptr<const MappedFile>(new MappedFile(*std::move(file), static_cast<const std::byte*>(data)));
}

MappedFile::MappedFile(OpenFile file, const std::byte* data)
    : m_file(std::move(file)), m_data(data), m_guard(m_data, m_file.size) {}

MappedFile::~MappedFile() {
    m_guard = BusGuard();
    ::munmap(const_cast<std::byte*>(m_data), m_file.size);
}

void MappedFile::willNeed(std::size_t offset, std::size_t length) const {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t begin = offset / page * page;
    ::madvise(const_cast<std::byte*>(m_data) + begin, offset - begin + length, MADV_WILLNEED);
}

Result<void> MappedFile::intact() const {
    if (auto same = m_file.unchanged(); !same) return same;
    if (!m_guard.hit()) return {};
    return fail(ErrorKind::Unreadable, fmt::format("{} cannot be read any more: its disk or network failed.", m_file.name),
                m_file.name);
}

Result<std::string> readFile(const std::filesystem::path& path, std::int64_t most) {
    const auto file = OpenFile::open(path);
    if (!file) return Unexpected(file.error());
    if (file->size > static_cast<std::size_t>(most)) {
        return fail(ErrorKind::BadFormat,
                    fmt::format("{} has {} bytes where at most {} are expected.", file->name, file->size, most), file->name);
    }
    std::string content(file->size, '\0');
    for (std::size_t at = 0; at < content.size();) {
        const auto got = ::pread(file->fd, content.data() + at, content.size() - at, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return cannotOpen(file->name, errno);
        if (got == 0) break;
        at += static_cast<std::size_t>(got);
    }
    if (auto same = file->unchanged(); !same) return Unexpected(same.error());
    return content;
}

}  // namespace lw
