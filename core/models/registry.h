// Every architecture the program knows: one row each.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/models/model.h"
#include "core/tensor/weight_source.h"

namespace lw {

struct BuildRequest {
    const nlohmann::json& config;  // Hugging Face's spelling
    const WeightSource& source;
    std::string name;              // shown to people
    std::string configWhere;       // the file the configuration came from, for errors
    bool fromGguf = false;         // tensor names and row order as llama.cpp stores them
    bool trainable = false;
};

struct Built {
    std::shared_ptr<Model> model;
    std::vector<std::string> warnings;
};

struct Architecture {
    std::string_view name;                        // "llama"
    std::span<const std::string_view> modelTypes; // config.json's model_type
    std::span<const std::string_view> ggufNames;  // general.architecture
    std::string_view what;                        // for people: "Llama family (Llama 2 and 3, Mistral, SmolLM, TinyLlama)"
    Result<Built> (*build)(const BuildRequest&);
    /// config.json's fields from a GGUF file's settings. `tensors`: to see what the settings leave open (a head of its own, biases).
    Result<nlohmann::json> (*configFromGguf)(const nlohmann::json& settings, const WeightSource& tensors);
};

std::span<const Architecture> architectures();
const Architecture* findByModelType(std::string_view modelType);
const Architecture* findByGgufName(std::string_view ggufName);
/// "gpt2, llama (llama, mistral)": for errors about an unknown one.
std::string supportedArchitectures();

}  // namespace lw
