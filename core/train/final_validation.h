// The last validation of a training: all of its validation data, as the record has it.
#pragma once

#include <span>

#include <nlohmann/json.hpp>

#include "core/base/job.h"
#include "core/models/model.h"
#include "core/train/train_data.h"

namespace lw::train {

/// {"validation_loss", "validation": [{"name", "tokens", "loss", …}], "bits_per_byte" for texts, "accuracy" for tasks}
/// Fails: as evaluate.
Result<nlohmann::json> validateAll(const Model& model, std::span<const ValidationSet> sets, const Job& job = {});

}  // namespace lw::train
