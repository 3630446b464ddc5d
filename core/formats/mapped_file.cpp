// POSIX mmap behind shared ownership.
#include "core/formats/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace lw {

namespace {

struct Descriptor {
    int fd = -1;
    ~Descriptor() {
        if (fd >= 0) ::close(fd);
    }
};

Unexpected cannotOpen(const std::string& name, int problem) {
    if (problem == ENOENT || problem == ENOTDIR) {
        return fail(ErrorKind::NotFound, fmt::format("There is no file {}.", name), name);
    }
    if (problem == EACCES || problem == EPERM) {
        return fail(ErrorKind::Unreadable, fmt::format("{} cannot be read: permission is missing.", name), name);
    }
    return fail(ErrorKind::Unreadable, fmt::format("{} cannot be read: {}.", name, std::strerror(problem)), name);
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::filesystem::path& path) {
    std::string name = path.string();
    // Without O_NONBLOCK the opening of a pipe would wait for a writer.
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.fd < 0) return cannotOpen(name, errno);
    struct stat facts {};
    if (::fstat(file.fd, &facts) != 0) return cannotOpen(name, errno);
    if (S_ISDIR(facts.st_mode)) {
        return fail(ErrorKind::Unreadable, fmt::format("{} is a folder where a file was expected.", name), name);
    }
    if (!S_ISREG(facts.st_mode)) {
        return fail(ErrorKind::Unreadable, fmt::format("{} is no ordinary file.", name), name);
    }
    if (facts.st_size == 0) return fail(ErrorKind::BadFormat, fmt::format("{} is empty (0 bytes).", name), name);

    const auto size = static_cast<std::size_t>(facts.st_size);
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
    if (data == MAP_FAILED) return cannotOpen(name, errno);
    return std::shared_ptr<const MappedFile>(new MappedFile(std::move(name), static_cast<const std::byte*>(data), size));
}

MappedFile::MappedFile(std::string name, const std::byte* data, std::size_t size)
    : m_name(std::move(name)), m_data(data), m_size(size) {}

MappedFile::~MappedFile() { ::munmap(const_cast<std::byte*>(m_data), m_size); }

void MappedFile::willNeed(std::size_t offset, std::size_t length) const {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t begin = offset / page * page;
    ::madvise(const_cast<std::byte*>(m_data) + begin, offset - begin + length, MADV_WILLNEED);
}

}  // namespace lw
