// A folder that one training has for itself.
#pragma once

#include <filesystem>

#include "core/base/result.h"

namespace lw::train {

class FolderLock {
public:
    /// Held until the object or its process is gone, however that ends.
    /// Fails: NotWritable if another process holds it, or if the folder cannot be opened.
    static Result<FolderLock> take(const std::filesystem::path& folder);

    FolderLock(FolderLock&& other) noexcept;
    FolderLock& operator=(FolderLock&& other) noexcept;
    ~FolderLock();

private:
    FolderLock() = default;
    int m_descriptor = -1;
};

/// Removes what a killed process has left half written. Only under the lock.
void removeHalfWritten(const std::filesystem::path& folder);

}  // namespace lw::train
