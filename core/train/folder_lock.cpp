#include "core/train/folder_lock.h"

#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

namespace lw::train {

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
    FolderLock lock;
    lock.m_descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock.m_descriptor < 0)
        return fail(ErrorKind::NotWritable, fmt::format("{}: the folder cannot be opened.", folder.string()), folder.string());
    if (::flock(lock.m_descriptor, LOCK_EX | LOCK_NB) != 0)
        return fail(ErrorKind::NotWritable, fmt::format("{}: another training is at work in this folder.", folder.string()),
                    folder.string());
    return lock;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

FolderLock::~FolderLock() {
    if (m_descriptor >= 0) ::close(m_descriptor);
}

void removeHalfWritten(const std::filesystem::path& folder) {
    std::error_code problem;
    for (std::filesystem::directory_iterator it(folder, problem), end; !problem && it != end; it.increment(problem)) {
        const std::string name = it->path().filename().string();
        std::error_code ignored;
        if (name.starts_with(".layerwalk-") && name.ends_with(".part")) std::filesystem::remove(it->path(), ignored);
    }
}

}  // namespace lw::train
