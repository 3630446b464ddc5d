#include "core/models/config_reader.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace lw {

namespace {

std::string shortly(const nlohmann::json& value) {
    std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (text.size() > 60) text = text.substr(0, 57) + "...";
    return text;
}

}  // namespace

ConfigReader::ConfigReader(const nlohmann::json& config, std::string where) : m_config(config), m_where(std::move(where)) {
    if (!config.is_object())
        refuse(ErrorKind::BadFormat, fmt::format("{}: the configuration is {}, expected an object.", m_where, config.type_name()),
               "");
}

void ConfigReader::refuse(ErrorKind kind, std::string message, std::string_view field) {
    if (m_failed) return;
    m_failed = true;
    m_error = Error{kind, std::move(message), std::string(field)};
}

const nlohmann::json* ConfigReader::find(std::string_view name) {
    m_known.emplace(name);
    if (!m_config.is_object()) return nullptr;
    const auto it = m_config.find(name);
    return it == m_config.end() || it->is_null() ? nullptr : &*it;
}

bool ConfigReader::has(std::string_view name) const {
    if (!m_config.is_object()) return false;
    const auto it = m_config.find(name);
    return it != m_config.end() && !it->is_null();
}

int ConfigReader::integer(std::string_view name, std::optional<int> fallback, int least, int most) {
    const nlohmann::json* value = find(name);
    if (!value) {
        if (!fallback)
            refuse(ErrorKind::NotFound, fmt::format("{}: the field {} is missing; expected a whole number.", m_where, name),
                   name);
        return fallback.value_or(least);
    }
    const bool whole =
        value->is_number_integer() || (value->is_number_float() && std::floor(value->get<double>()) == value->get<double>());
    const double number = whole ? value->get<double>() : 0;
    if (!whole || number < least || number > most) {
        refuse(ErrorKind::BadInput,
               fmt::format("{}: the field {} is {}; expected a whole number from {} to {}.", m_where, name, shortly(*value),
                           least, most),
               name);
        return least;
    }
    return static_cast<int>(number);
}

double ConfigReader::number(std::string_view name, std::optional<double> fallback, double least, double most) {
    const nlohmann::json* value = find(name);
    if (!value) {
        if (!fallback)
            refuse(ErrorKind::NotFound, fmt::format("{}: the field {} is missing; expected a number.", m_where, name), name);
        return fallback.value_or(least);
    }
    const double number = value->is_number() ? value->get<double>() : NAN;
    if (!(number >= least && number <= most)) {
        refuse(
            ErrorKind::BadInput,
            fmt::format("{}: the field {} is {}; expected a number from {} to {}.", m_where, name, shortly(*value), least, most),
            name);
        return least;
    }
    return number;
}

bool ConfigReader::flag(std::string_view name, bool fallback) {
    const nlohmann::json* value = find(name);
    if (!value) return fallback;
    if (!value->is_boolean()) {
        refuse(ErrorKind::BadInput,
               fmt::format("{}: the field {} is {}; expected true or false.", m_where, name, shortly(*value)), name);
        return fallback;
    }
    return value->get<bool>();
}

std::string ConfigReader::text(std::string_view name, std::optional<std::string> fallback) {
    const nlohmann::json* value = find(name);
    if (!value) {
        if (!fallback)
            refuse(ErrorKind::NotFound, fmt::format("{}: the field {} is missing; expected a word.", m_where, name), name);
        return fallback.value_or("");
    }
    if (!value->is_string()) {
        refuse(ErrorKind::BadInput, fmt::format("{}: the field {} is {}; expected a word.", m_where, name, shortly(*value)),
               name);
        return fallback.value_or("");
    }
    return value->get<std::string>();
}

const nlohmann::json* ConfigReader::object(std::string_view name) {
    const nlohmann::json* value = find(name);
    if (value && !value->is_object()) {
        refuse(ErrorKind::BadInput, fmt::format("{}: the field {} is {}; expected an object.", m_where, name, shortly(*value)),
               name);
        return nullptr;
    }
    return value;
}

const nlohmann::json* ConfigReader::any(std::string_view name) { return find(name); }

Activation ConfigReader::activation(std::string_view name, std::string fallback) {
    const std::string asked = text(name, std::move(fallback));
    const auto known = parseActivation(asked);
    if (!known) {
        refuse(ErrorKind::Unsupported,
               fmt::format("{}: the activation “{}” is not supported; silu, gelu, gelu_new, relu and quick_gelu are.", m_where,
                           asked),
               name);
    }
    return known.value_or(Activation::Silu);
}

void ConfigReader::onlyIf(std::string_view name, const nlohmann::json& allowed, std::string_view what) {
    const nlohmann::json* value = find(name);
    if (value && *value != allowed) {
        refuse(ErrorKind::Unsupported,
               fmt::format("{}: the field {} is {}, which asks for {}; that is not supported (expected {}).", m_where, name,
                           shortly(*value), what, shortly(allowed)),
               name);
    }
}

void ConfigReader::harmless(std::span<const std::string_view> names) {
    for (const std::string_view name : names) m_known.emplace(name);
}

std::vector<std::string> ConfigReader::warnings() const {
    std::vector<std::string> list;
    if (!m_config.is_object()) return list;
    for (const auto& [name, value] : m_config.items()) {
        if (!m_known.contains(name))
            list.push_back(fmt::format("{}: the field {} ({}) is not known for this architecture and was ignored.", m_where, name,
                                       shortly(value)));
    }
    return list;
}

std::span<const std::string_view> harmlessEverywhere() {
    static constexpr std::array<std::string_view, 62> names{"_name_or_path",
                                                            "_attn_implementation",
                                                            "_attn_implementation_autoset",
                                                            "_commit_hash",
                                                            "_experts_implementation",
                                                            "architectures",
                                                            "attn_implementation",
                                                            "auto_map",
                                                            "bad_words_ids",
                                                            "begin_suppress_tokens",
                                                            "bos_token_id",
                                                            "chunk_size_feed_forward",
                                                            "decoder_start_token_id",
                                                            "diversity_penalty",
                                                            "do_sample",
                                                            "dtype",
                                                            "early_stopping",
                                                            "encoder_no_repeat_ngram_size",
                                                            "eos_token_id",
                                                            "exponential_decay_length_penalty",
                                                            "finetuning_task",
                                                            "forced_bos_token_id",
                                                            "forced_eos_token_id",
                                                            "gradient_checkpointing",
                                                            "id2label",
                                                            "initializer_range",
                                                            "is_decoder",
                                                            "label2id",
                                                            "length_penalty",
                                                            "max_length",
                                                            "min_length",
                                                            "model_type",
                                                            "no_repeat_ngram_size",
                                                            "num_beam_groups",
                                                            "num_beams",
                                                            "num_labels",
                                                            "num_return_sequences",
                                                            "output_attentions",
                                                            "output_hidden_states",
                                                            "output_scores",
                                                            "pad_token_id",
                                                            "prefix",
                                                            "problem_type",
                                                            "remove_invalid_values",
                                                            "repetition_penalty",
                                                            "return_dict",
                                                            "return_dict_in_generate",
                                                            "sep_token_id",
                                                            "suppress_tokens",
                                                            "task_specific_params",
                                                            "temperature",
                                                            "tf_legacy_loss",
                                                            "tokenizer_class",
                                                            "top_k",
                                                            "top_p",
                                                            "torch_dtype",
                                                            "torchscript",
                                                            "transformers_version",
                                                            "transformers.js_config",
                                                            "typical_p",
                                                            "use_bfloat16",
                                                            "use_cache"};
    return names;
}

}  // namespace lw
