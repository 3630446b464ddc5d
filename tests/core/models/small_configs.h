// Configurations of small models, one for each kind of mixer, with weights large enough that what they compute is not near 0.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace lw::test {

/// linear_attention, retnet, gla, delta_net, gated_delta_net.
inline nlohmann::json memoryConfig(const std::string& type) {
    return {{"model_type", type}, {"vocab_size", 11}, {"hidden_size", 8},        {"num_hidden_layers", 2},
            {"num_heads", 2},     {"head_dim", 4},    {"intermediate_size", 10}, {"initializer_range", 0.4}};
}

inline nlohmann::json mambaConfig() {
    return {{"model_type", "mamba"}, {"vocab_size", 11},    {"hidden_size", 6},        {"num_hidden_layers", 2},
            {"state_size", 4},       {"time_step_rank", 2}, {"initializer_range", 0.4}};
}

inline nlohmann::json mamba2Config() {
    return {{"model_type", "mamba2"}, {"vocab_size", 11}, {"hidden_size", 6}, {"num_hidden_layers", 2},  {"num_heads", 4},
            {"head_dim", 3},          {"n_groups", 2},    {"state_size", 4},  {"initializer_range", 0.4}};
}

inline nlohmann::json s4dConfig(bool complex) {
    return {{"model_type", "s4d"}, {"vocab_size", 11},   {"hidden_size", 6},        {"num_hidden_layers", 2},
            {"state_size", 8},     {"complex", complex}, {"initializer_range", 0.4}};
}

/// rnn, lstm, gru.
inline nlohmann::json cellConfig(const std::string& type) {
    return {{"model_type", type}, {"vocab_size", 11}, {"hidden_size", 8}, {"num_hidden_layers", 2}, {"initializer_range", 0.4}};
}

inline nlohmann::json rwkv7Config() {
    return {{"model_type", "rwkv7"}, {"vocab_size", 11},        {"hidden_size", 8},        {"num_hidden_layers", 2},
            {"head_size", 4},        {"intermediate_size", 12}, {"initializer_range", 0.4}};
}

inline nlohmann::json nplmConfig() {
    return {{"model_type", "nplm"},   {"vocab_size", 11}, {"hidden_size", 6},        {"window", 3},
            {"intermediate_size", 8}, {"direct", true},   {"initializer_range", 0.4}};
}

/// The same with one field set otherwise.
inline nlohmann::json with(nlohmann::json config, const char* field, const nlohmann::json& value) {
    config[field] = value;
    return config;
}

}  // namespace lw::test
