// Reads tokenizer.ggml.* one by one, each with the type that the format gives it.
#include "core/formats/gguf_tokenizer.h"

#include <algorithm>
#include <limits>
#include <string>

#include <fmt/format.h>

namespace lw {

namespace {

// Fills fields as long as all goes well; the first problem stays.
class VocabularyReader {
public:
    explicit VocabularyReader(const GgufFile& file) : m_file(file), m_json(file.settings().json()) {}

    void text(const char* key, std::string& out) {
        const nlohmann::json* value = find(key);
        if (!value) return;
        if (!value->is_string()) return expected(key, "a text", *value);
        out = value->get<std::string>();
    }

    void id(const char* key, std::optional<std::int64_t>& out) {
        const nlohmann::json* value = find(key);
        if (!value) return;
        if (!value->is_number_integer()) return expected(key, "an id", *value);
        constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        if (value->is_number_unsigned() && value->get<std::uint64_t>() > kMost) return expected(key, "an id", *value);
        out = value->get<std::int64_t>();
    }

    void flag(const char* key, std::optional<bool>& out) {
        const nlohmann::json* value = find(key);
        if (!value) return;
        if (!value->is_boolean()) return expected(key, "true or false", *value);
        out = value->get<bool>();
    }

    void texts(const char* key, std::vector<std::string>& out) { list(key, out, &GgufSettings::texts); }
    void floats(const char* key, std::vector<float>& out) { list(key, out, &GgufSettings::floats); }
    void integers(const char* key, std::vector<std::int64_t>& out) { list(key, out, &GgufSettings::integers); }

    void require(const char* key) {
        if (m_error.message.empty() && !m_file.settings().contains(key)) {
            m_error = {ErrorKind::NotFound, fmt::format("{} has no setting \"{}\", so no tokenizer.", m_file.where(), key),
                       std::string(m_file.where())};
        }
    }

    const Error* error() const { return m_error.message.empty() ? nullptr : &m_error; }

    void expected(const char* key, const char* what, const nlohmann::json& found) {
        m_error = {ErrorKind::BadFormat,
                   fmt::format("The setting \"{}\" of {} is {} where {} was expected.", key, m_file.where(),
                               found.is_number() ? found.dump() : fmt::format("a {}", found.type_name()), what),
                   std::string(m_file.where())};
    }

private:
    const nlohmann::json* find(const char* key) const {
        const auto found = m_error.message.empty() ? m_json.find(key) : m_json.end();
        return found == m_json.end() ? nullptr : &*found;
    }

    template <class T>
    void list(const char* key, std::vector<T>& out, Result<std::vector<T>> (GgufSettings::*read)(std::string_view) const) {
        if (!find(key)) return;
        auto values = (m_file.settings().*read)(key);
        if (!values) {
            m_error = values.error();
        } else {
            out = std::move(*values);
        }
    }

    const GgufFile& m_file;
    const nlohmann::json& m_json;
    Error m_error;
};

}  // namespace

Result<GgufVocabulary> readGgufVocabulary(const GgufFile& file) {
    GgufVocabulary vocabulary;
    std::vector<std::int64_t> types, charsMap;
    VocabularyReader read(file);
    read.require("tokenizer.ggml.model");
    read.require("tokenizer.ggml.tokens");
    read.text("tokenizer.ggml.model", vocabulary.model);
    read.text("tokenizer.ggml.pre", vocabulary.pre);
    read.texts("tokenizer.ggml.tokens", vocabulary.tokens);
    read.texts("tokenizer.ggml.merges", vocabulary.merges);
    read.floats("tokenizer.ggml.scores", vocabulary.scores);
    read.integers("tokenizer.ggml.token_type", types);
    read.id("tokenizer.ggml.bos_token_id", vocabulary.bos);
    read.id("tokenizer.ggml.eos_token_id", vocabulary.eos);
    read.id("tokenizer.ggml.eot_token_id", vocabulary.eot);
    read.id("tokenizer.ggml.unknown_token_id", vocabulary.unknown);
    read.id("tokenizer.ggml.seperator_token_id", vocabulary.separator);
    read.id("tokenizer.ggml.cls_token_id", vocabulary.classifier);
    read.flag("tokenizer.ggml.remove_extra_whitespaces", vocabulary.removeExtraSpaces);
    read.integers("tokenizer.ggml.precompiled_charsmap", charsMap);
    read.flag("tokenizer.ggml.add_bos_token", vocabulary.addBos);
    read.flag("tokenizer.ggml.add_eos_token", vocabulary.addEos);
    read.flag("tokenizer.ggml.add_space_prefix", vocabulary.addSpacePrefix);
    const auto odd = std::find_if(types.begin(), types.end(), [](std::int64_t type) { return type < 0 || type > 255; });
    if (odd != types.end()) read.expected("tokenizer.ggml.token_type", "a list of small numbers", nlohmann::json(*odd));
    for (const std::int64_t byte : charsMap) {  // written as signed or unsigned bytes
        if (byte < -128 || byte > 255)
            read.expected("tokenizer.ggml.precompiled_charsmap", "a list of bytes", nlohmann::json(byte));
        vocabulary.charsMap.push_back(static_cast<char>(byte));
    }
    if (const Error* problem = read.error()) return Unexpected(*problem);
    vocabulary.types.assign(types.begin(), types.end());
    return vocabulary;
}

}  // namespace lw
