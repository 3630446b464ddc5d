// The models that come with the program, and those in the person's models folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lw {

/// How a model was made that this program trained itself (docs/training.md).
struct BundledTraining {
    std::int64_t parameters = 0;
    double validationLoss = 0;  // nats per token, of the weights as they are shipped
    double bitsPerByte = 0;     // the same loss; 0: of a task, not of a text
    double accuracy = 0;        // of a task: the share of tokens that were right
    std::int64_t tokens = 0;    // read while it learned
    int seconds = 0;
    std::string_view command = {};
};

struct BundledModel {
    std::string_view name;  // what --model takes
    std::string_view what;  // one sentence for people
    std::string_view licence;
    std::string_view source;
    std::string_view path;    // below the resources folder
    std::string_view sample;  // a text that shows it at its best
    std::optional<BundledTraining> trained = {};
    /// It has learned a task, not to go on with texts.
    bool task() const { return trained && trained->bitsPerByte == 0; }
};
std::span<const BundledModel> bundledModels();  // the first is the default
/// Null if there is none of that name.
const BundledModel* bundledModel(std::string_view name);

/// The folder with models/, samples/ …: LAYERWALK_RESOURCES, beside the program, the build's source tree, or the install prefix.
std::filesystem::path resourcesFolder();

/// Where the person's own models are looked for: LAYERWALK_MODELS, else $XDG_DATA_HOME/layerwalk/models (may not exist).
std::filesystem::path modelsFolder();
/// Paths below modelsFolder() that look like models, sorted.
std::vector<std::filesystem::path> foundModels();

}  // namespace lw
