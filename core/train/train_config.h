// A training's configuration: the JSON that `layerwalk-cli train` takes, read and checked (docs/training.md describes every
// field).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/result.h"

namespace lw::train {

struct TextFile {
    std::filesystem::path path;
    std::string separator;         // cuts the file into documents; empty: the file is one document
    std::optional<double> weight;  // its share of the sequences; without weights the texts are one long text
};

struct TaskSettings {
    std::string name;  // "copy", "reverse", "selective_copy", "associative_recall", "induction", "addition", "parity"
    int length = 16, minLength = 16;
    int symbols = 16, items = 8, queries = 4, digits = 3;
    bool reversed = false;
    bool steps = false;    // parity: the running parity after every bit instead of the last one alone
    int validation = 256;  // examples
};

struct DataSettings {
    std::vector<TextFile> texts, validation;
    double validationFraction = 0;  // of the training texts' documents, from the end, if there are no validation texts
    std::optional<TaskSettings> task;
};

struct OptimizerSettings {
    double learningRate = 1e-3, floor = 0.1;  // floor: share of the peak
    std::int64_t warmup = 0;
    double beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8;
    double weightDecay = 0.1, clip = 1.0;
    bool decayEmbeddings = true;
    std::vector<std::string> noDecay{"A_log"};  // endings of names
};

struct TrainConfig {
    nlohmann::json json;              // as it was written
    std::string where;                // its file, for errors
    std::string name;                 // what the model is called
    nlohmann::json model;             // config.json's fields
    std::filesystem::path tokenizer;  // empty: ids only
    DataSettings data;
    std::int64_t steps = 0;
    int batch = 16, accumulation = 1, context = 0;  // sequences; batches a step; tokens
    int lanes = 0;                                  // 0: one for every thread
    double dropout = 0;
    OptimizerSettings optimizer;
    std::uint64_t seed = 0;
    std::int64_t reportEvery = 10, validateEvery = 0, checkpointEvery = 0;
    std::int64_t validationTokens = 32768;  // read at validations on the way; the last one reads all
    int patience = 0;                       // > 0: stops after so many validations without a better one
    std::vector<std::int64_t> snapshots;    // steps whose weights are kept as model folders
    bool bfloat16 = false;                  // how the weights are written

    std::int64_t sequencesPerStep() const { return std::int64_t{1} * batch * accumulation; }
};

/// Paths are taken from `folder`, the tokenizer's also from `where`'s own folder. Fails: a field that is missing, outside its
/// range or not known; every sentence names it.
Result<TrainConfig> readTrainConfig(const nlohmann::json& json, const std::string& where,
                                    const std::filesystem::path& dataFolder);

/// Whether a training of `now` goes on from one of `then`: all that decides the numbers is the same. The name of the first field
/// that differs, or empty.
std::string differingField(const nlohmann::json& then, const nlohmann::json& now);

}  // namespace lw::train
