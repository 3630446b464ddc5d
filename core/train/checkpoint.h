// Checkpoints: everything that a training needs to go on to the same numbers, in one safetensors file that is there wholly or not
// at all. The arrays are weights and moments ("weight/NAME", "moment1/NAME", "moment2/NAME", and "best/NAME" if the best weights
// are kept); the rest is JSON in the file's metadata under "training".
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/result.h"
#include "core/train/learner.h"

namespace lw::train {

/// "checkpoint-000040.safetensors" files of a folder, the newest first.
std::vector<std::filesystem::path> checkpointsIn(const std::filesystem::path& folder);

/// Writes the checkpoint of a step, then removes all but the newest two. `best`: one matrix a part, or empty.
/// Fails: NotWritable; older checkpoints are then untouched.
Result<void> writeCheckpoint(const std::filesystem::path& folder, std::int64_t step, const Learner& learner,
                             const std::vector<Matrix>& best, const nlohmann::json& training);

/// Only the JSON. Fails: as SafetensorsFile::open; BadFormat for a file that is no checkpoint.
Result<nlohmann::json> readCheckpointJson(const std::filesystem::path& path);

/// Puts weights and moments back; `best` is filled if the file has it.
/// Fails: Mismatch if its arrays are not those of this model (the first is named); nothing is changed then.
Result<void> readCheckpoint(const std::filesystem::path& path, Learner& learner, std::vector<Matrix>& best);

}  // namespace lw::train
