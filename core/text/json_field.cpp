#include "core/text/json_field.h"

#include <fmt/format.h>

namespace lw {

using nlohmann::json;

void JsonProblems::add(ErrorKind kind, std::string message) { add(Error{kind, std::move(message), where, {}}); }

void JsonProblems::add(Error error) {
    if (!first) first = std::move(error);
}

JsonField JsonField::operator[](const char* key) const {
    const json* found = nullptr;
    if (isObject()) {
        const auto it = m_value->find(key);
        if (it != m_value->end()) found = &*it;
    } else if (!absent()) {
        wrong("an object");
    }
    return JsonField(found, m_path.empty() ? std::string(key) : m_path + "." + key, m_problems);
}

JsonField JsonField::item(std::size_t i) const {
    return JsonField(isList() && i < m_value->size() ? &(*m_value)[i] : nullptr, fmt::format("{}[{}]", m_path, i), m_problems);
}

std::size_t JsonField::size() const {
    if (isList()) return m_value->size();
    if (!absent()) wrong("a list");
    return 0;
}

const json::object_t& JsonField::object() const {
    static const json::object_t none;
    if (isObject()) return m_value->get_ref<const json::object_t&>();
    wrong("an object");
    return none;
}

std::string JsonField::text() const {
    if (isText()) return m_value->get_ref<const std::string&>();
    wrong("text");
    return {};
}

std::string JsonField::text(std::string otherwise) const { return absent() ? std::move(otherwise) : text(); }

bool JsonField::flag(bool otherwise) const {
    if (absent()) return otherwise;
    if (m_value->is_boolean()) return m_value->get<bool>();
    wrong("true or false");
    return otherwise;
}

std::int64_t JsonField::integer() const {
    if (m_value && m_value->is_number_integer()) {
        if (m_value->is_number_unsigned() && m_value->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
            problem(ErrorKind::BadFormat, "is too large a number");
            return 0;
        }
        return m_value->get<std::int64_t>();
    }
    wrong("a whole number");
    return 0;
}

std::int64_t JsonField::integer(std::int64_t otherwise) const { return absent() ? otherwise : integer(); }

double JsonField::number() const {
    if (m_value && m_value->is_number()) return m_value->get<double>();
    wrong("a number");
    return 0;
}

double JsonField::number(double otherwise) const { return absent() ? otherwise : number(); }

void JsonField::problem(ErrorKind kind, const std::string& what) const {
    m_problems->add(kind, m_path.empty() ? fmt::format("{} {}.", m_problems->where, what)
                                         : fmt::format("{} of {} {}.", m_path, m_problems->where, what));
}

void JsonField::wrong(std::string_view expected) const {
    problem(ErrorKind::BadFormat, fmt::format("should be {} and is {}", expected, !m_value ? "missing" : m_value->type_name()));
}

}  // namespace lw
