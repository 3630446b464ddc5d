// A trained model as a folder in Hugging Face layout, which every command opens.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "core/base/result.h"
#include "core/models/model.h"
#include "core/tensor/weight_source.h"

namespace lw::train {

/// bfloat16 nearest to x, ties to even; a NaN stays one.
std::uint16_t toBfloat16(float x);
/// What x is after having been stored as bfloat16.
float throughBfloat16(float x);

/// model.safetensors: the tensors under the names and in the shapes given, taken from the model's parameters.
/// Fails: NotWritable; Mismatch if a tensor is no parameter of the model.
Result<void> writeWeights(const std::filesystem::path& path, std::span<const TensorEntry> tensors, const Model& model,
                          bool bfloat16);

/// config.json and, if there is one, tokenizer.json. Fails: NotWritable.
Result<void> writeModelFiles(const std::filesystem::path& folder, const nlohmann::json& config, const std::string& tokenizerJson);

}  // namespace lw::train
