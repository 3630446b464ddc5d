// The training itself: batches, steps, validation, checkpoints, and going on after an interruption.
//
// The output folder holds checkpoint-NNNNNN.safetensors (the last two), config.json, model.safetensors and tokenizer.json (a
// model that every command opens) and training.json, the record. Stopping at any moment, by a signal or by losing power to the
// process, costs at most what came after the last checkpoint, and the same call then goes on to the same numbers.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/train/train_config.h"

namespace lw::train {

struct TrainReport {
    std::int64_t step = 0, steps = 0;
    std::int64_t tokens = 0;                         // read so far
    double loss = 0;                                 // mean over the steps since the last report, nats per counted token
    std::optional<double> validationLoss, accuracy;  // accuracy only for tasks
    double rate = 0, gradientNorm = 0;               // of this step
    double tokensPerSecond = 0;                      // since the last report, validation and saving apart
    double secondsLeft = 0;
};

struct TrainHooks {
    std::function<void(const TrainReport&)> report;
    std::function<void(std::string_view)> note;  // one sentence: what was resumed, what could not be saved
};

struct TrainOptions {
    bool restart = false;  // removes what an earlier training left in the folder
    std::string command;   // for the record
    std::string program;   // name and version, for the record
};

struct TrainSummary {
    bool complete = false;      // false: cancelled, to be gone on with
    bool stoppedEarly = false;  // no better validation for `patience` times
    std::int64_t step = 0;
    nlohmann::json record;  // training.json
};

/// Calls the hooks from the calling thread. job.stop ends the training at the next layer, after a checkpoint has been written.
/// Fails: the configuration, the data or the folder (see readTrainConfig, readTrainData); Mismatch if the folder's checkpoint is
/// of another training; BadInput when loss or gradient are no finite numbers (the first tensor is named, the checkpoint stays as
/// it was); NotWritable if the finished model or the last checkpoint cannot be written (a checkpoint on the way is only noted,
/// and tried again).
Result<TrainSummary> train(const TrainConfig& config, const std::filesystem::path& folder, const TrainOptions& options,
                           const TrainHooks& hooks, const Job& job = {});

}  // namespace lw::train
