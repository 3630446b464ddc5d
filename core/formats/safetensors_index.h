// Opening safetensors weights, in one file or in shards that a model.safetensors.index.json lists.
#pragma once

#include <filesystem>
#include <memory>

#include "core/tensor/weight_source.h"

namespace lw {

/// `path` is a .safetensors file or an index (….json). Of an index, the shards lie in the same folder and every tensor must be
/// in the shard that the index names.
/// Fails: as SafetensorsFile::open and readJsonFile; BadFormat for an index without a "weight_map" of file names; Mismatch.
Result<std::shared_ptr<const WeightSource>> openSafetensors(const std::filesystem::path& path);

}  // namespace lw
