// Reading a JSON file: config.json, an index of shards, settings.
#pragma once

#include <filesystem>

#include "core/text/json_text.h"

namespace lw {

/// Fails: as readFile and parseJson.
Result<nlohmann::json> readJsonFile(const std::filesystem::path& path, const JsonLimits& limits = {});

}  // namespace lw
