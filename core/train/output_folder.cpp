#include "core/train/output_folder.h"

#include <fmt/format.h>

#include "core/train/checkpoint.h"

namespace lw::train {

namespace fs = std::filesystem;

Result<FolderLock> prepareOutputFolder(const fs::path& folder, bool restart) {
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem || !fs::is_directory(folder, problem))
        return fail(ErrorKind::NotWritable, fmt::format("{}: the folder cannot be made.", folder.string()), folder.string());
    auto lock = FolderLock::take(folder);
    if (!lock) return lock;
    removeHalfWritten(folder);
    const bool record = fs::exists(folder / "training.json", problem);
    if (restart && (record || !checkpointsIn(folder).empty())) {
        for (const fs::path& old : checkpointsIn(folder)) fs::remove(old, problem);
        fs::remove(folder / "training.json", problem);
    } else if (!record && checkpointsIn(folder).empty() && fs::exists(folder / "config.json", problem)) {
        return fail(ErrorKind::BadInput,
                    fmt::format("{}: the folder holds a model that no training here has made; it will not be overwritten.",
                                folder.string()),
                    folder.string(), "Give another folder.");
    }
    return lock;
}

}  // namespace lw::train
