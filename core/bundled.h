// The models that come with the program, and those in the person's models folder.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lw {

struct BundledModel {
    std::string_view name;     // what --model takes
    std::string_view what;     // one sentence for people
    std::string_view licence;
    std::string_view source;
    std::string_view path;     // below the resources folder
    std::string_view sample;   // a text that shows it at its best
};
std::span<const BundledModel> bundledModels();  // the first is the default

/// The folder with models/, samples/ …: LAYERWALK_RESOURCES, beside the program, the build's source tree, or the install prefix.
std::filesystem::path resourcesFolder();

/// Where the person's own models are looked for: LAYERWALK_MODELS, else $XDG_DATA_HOME/layerwalk/models (may not exist).
std::filesystem::path modelsFolder();
/// Paths below modelsFolder() that look like models, sorted.
std::vector<std::filesystem::path> foundModels();

}  // namespace lw
