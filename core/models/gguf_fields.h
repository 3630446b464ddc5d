// A GGUF file's settings of one architecture, read into the spelling of a Hugging Face configuration.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include "core/tensor/weight_source.h"

namespace lw {

class GgufFields {
public:
    /// `prefix`: the architecture's name, as in "llama.block_count".
    GgufFields(const nlohmann::json& settings, const WeightSource& tensors, std::string prefix)
        : m_settings(settings), m_tensors(tensors), m_prefix(std::move(prefix)) {}

    /// "block_count" → the setting "llama.block_count", or nullptr.
    const nlohmann::json* find(std::string_view key) const {
        const auto it = m_settings.find(m_prefix + "." + std::string(key));
        return it == m_settings.end() ? nullptr : &*it;
    }
    /// config[field] = the setting, if it is there.
    void copy(nlohmann::json& config, const char* field, std::string_view key) const {
        if (const nlohmann::json* value = find(key)) config[field] = *value;
    }
    /// Outermost dimension of a tensor; null if it is not there.
    nlohmann::json rowsOf(std::string_view tensor) const {
        const TensorEntry* entry = m_tensors.find(tensor);
        return entry && !entry->shape.empty() ? nlohmann::json(entry->shape.front()) : nlohmann::json();
    }

private:
    const nlohmann::json& m_settings;
    const WeightSource& m_tensors;
    std::string m_prefix;
};

}  // namespace lw
