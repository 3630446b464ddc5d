// Reading JSON that may hold anything: every access says what it expects, the first disappointment is kept with the field's path,
// and reading goes on with harmless defaults so that the reader needs no ladder of checks.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/text/json_text.h"

namespace lw {

struct JsonProblems {
    std::string where;
    std::optional<Error> first;
    void add(ErrorKind kind, std::string message);
    void add(Error error);
};

class JsonField {
public:
    JsonField(const nlohmann::json& value, std::string path, JsonProblems& problems)
        : m_value(&value), m_path(std::move(path)), m_problems(&problems) {}

    bool absent() const { return !m_value || m_value->is_null(); }  // not there, or null
    bool isText() const { return m_value && m_value->is_string(); }
    bool isObject() const { return m_value && m_value->is_object(); }
    bool isList() const { return m_value && m_value->is_array(); }
    const std::string& path() const { return m_path; }
    JsonProblems& problems() const { return *m_problems; }

    JsonField operator[](const char* key) const;     // absent if this is absent; a problem if this is no object
    JsonField item(std::size_t i) const;             // i < size()
    std::size_t size() const;                        // of a list; 0 and a problem if it is none, 0 if absent
    const nlohmann::json::object_t& object() const;  // empty and a problem if it is none

    std::string text() const;                       // "" and a problem if it is none
    std::string text(std::string otherwise) const;  // absent gives `otherwise`
    bool flag(bool otherwise) const;
    std::int64_t integer() const;  // 0 and a problem if it is none
    std::int64_t integer(std::int64_t otherwise) const;
    double number() const;  // 0 and a problem if it is none
    double number(double otherwise) const;

    void problem(ErrorKind kind, const std::string& what) const;  // "<path> of <file> <what>."

private:
    JsonField(const nlohmann::json* value, std::string path, JsonProblems* problems)
        : m_value(value), m_path(std::move(path)), m_problems(problems) {}
    void wrong(std::string_view expected) const;

    const nlohmann::json* m_value;
    std::string m_path;
    JsonProblems* m_problems;
};

}  // namespace lw
