// The folder that a training writes to, whatever it trains.
#pragma once

#include <filesystem>

#include "core/train/folder_lock.h"

namespace lw::train {

/// Makes the folder and takes it for this process. `restart` removes what an earlier training left in it.
/// Fails: NotWritable; BadInput if it holds a model that no training here has made.
Result<FolderLock> prepareOutputFolder(const std::filesystem::path& folder, bool restart);

}  // namespace lw::train
