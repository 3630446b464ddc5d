// Reads an architecture's configuration: each field asked for by name with its range; the first error is kept; a field that
// nobody asked for becomes a warning, so that nothing a file asks for is dropped in silence.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/tensor/activation.h"

namespace lw {

class ConfigReader {
public:
    ConfigReader(const nlohmann::json& config, std::string where);

    bool has(std::string_view name) const;  // there and not null
    /// A whole number in [least, most]; without a fallback it must be there.
    int integer(std::string_view name, std::optional<int> fallback = {}, int least = 1, int most = 1 << 30);
    double number(std::string_view name, std::optional<double> fallback, double least, double most);
    bool flag(std::string_view name, bool fallback);
    std::string text(std::string_view name, std::optional<std::string> fallback = {});
    /// An object or nullptr if it is not there (or null).
    const nlohmann::json* object(std::string_view name);
    const nlohmann::json* any(std::string_view name);

    /// An activation by its name; an unknown one is refused with the names of those that are known.
    Activation activation(std::string_view name, std::string fallback);

    /// The field must be absent, null, or `allowed`: it asks for something that is not done here.
    void onlyIf(std::string_view name, const nlohmann::json& allowed, std::string_view what);
    /// These fields change nothing that is computed here.
    void harmless(std::span<const std::string_view> names);
    void refuse(ErrorKind kind, std::string message, std::string_view field);

    const Error* error() const { return m_failed ? &m_error : nullptr; }
    const std::string& where() const { return m_where; }
    /// One sentence a field that nobody asked for.
    std::vector<std::string> warnings() const;

private:
    const nlohmann::json* find(std::string_view name);
    const nlohmann::json& m_config;
    std::string m_where;
    std::set<std::string, std::less<>> m_known;
    bool m_failed = false;
    Error m_error;
};

/// Fields of every Hugging Face configuration that say nothing about the computation (names, dtypes, generation defaults).
std::span<const std::string_view> harmlessEverywhere();

}  // namespace lw
