// Making an n-gram model: one pass of counting over the same sequences that a training by gradients would read.
#pragma once

#include <filesystem>

#include "core/models/ngram_table.h"
#include "core/train/trainer.h"

namespace lw::train {

/// Is it an n-gram model (model_type ngram) that is to be made?
bool isNgramTraining(const TrainConfig& config);

/// As train(): counts `steps` · `batch` · `accumulation` sequences, measures the validation loss and writes the model's folder
/// with its record. There is nothing to resume: a cancelled counting leaves nothing behind and begins anew. Fields of "model":
/// order; least_counts, a list by order from the second (rarer runs are not stored); discounts, 3 or 1.
Result<TrainSummary> trainNgram(const TrainConfig& config, const std::filesystem::path& folder, const TrainOptions& options,
                                const TrainHooks& hooks, const Job& job = {});

/// The table as model.safetensors (models/ngram_table.h says how). Fails: NotWritable.
Result<void> writeNgramTable(const std::filesystem::path& path, const NgramTable& table);

}  // namespace lw::train
