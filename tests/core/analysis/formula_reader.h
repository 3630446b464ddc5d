// Reads a formula's line with figures as a person would who types it into a calculator: numbers with a real minus sign,
// + − · /, parentheses, √( ), exp( ) and the activations' names.
#pragma once

#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/analysis/explain.h"

namespace lw::test {

class FormulaReader {
public:
    /// nullopt: not arithmetic.
    static std::optional<double> read(std::string text) {
        for (const auto& [from, to] : {std::pair<std::string, std::string>{"−", "-"}, {"·", "*"}, {"√", "sqrt"}, {"∞", "inf"}}) {
            for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
                text.replace(at, from.size(), to);
        }
        FormulaReader reader(text);
        const double value = reader.sum();
        reader.space();
        if (reader.m_bad || reader.m_at != text.size()) return std::nullopt;
        return value;
    }

    static std::string joined(const FormulaLine& line) {
        std::string text;
        for (const FormulaPart& part : line) text += part.text;
        return text;
    }

    /// Values of the lines that begin with "= ", in order.
    static std::vector<double> figures(const Explanation& e) {
        std::vector<double> values;
        for (const FormulaLine& line : e.formula) {
            const std::string text = joined(line);
            if (text.rfind("= ", 0) != 0) continue;
            const auto value = read(text.substr(2));
            values.push_back(value.value_or(NAN));
        }
        return values;
    }

private:
    explicit FormulaReader(const std::string& text) : m_text(text) {}
    void space() {
        while (m_at < m_text.size() && m_text[m_at] == ' ') ++m_at;
    }
    bool take(char c) {
        space();
        if (m_at >= m_text.size() || m_text[m_at] != c) return false;
        ++m_at;
        return true;
    }
    double sum() {
        double value = product();
        while (true) {
            if (take('+'))
                value += product();
            else if (take('-'))
                value -= product();
            else
                return value;
        }
    }
    double product() {
        double value = factor();
        while (true) {
            if (take('*'))
                value *= factor();
            else if (take('/'))
                value /= factor();
            else
                return value;
        }
    }
    double factor() {
        if (take('-')) return -factor();
        if (take('(')) {
            const double value = sum();
            m_bad = m_bad || !take(')');
            return value;
        }
        space();
        std::string name;
        while (m_at < m_text.size() && (std::isalpha(static_cast<unsigned char>(m_text[m_at])) || m_text[m_at] == '_' ||
                                        (!name.empty() && std::isdigit(static_cast<unsigned char>(m_text[m_at])))))
            name += m_text[m_at++];
        if (name == "inf") return INFINITY;
        if (!name.empty()) {
            static const std::map<std::string, std::function<double(double)>> functions{
                {"exp", [](double x) { return std::exp(x); }},
                {"sqrt", [](double x) { return std::sqrt(x); }},
                {"gelu_new", [](double x) { return x / (1 + std::exp(-2 * 0.7978845608028654 * (x + 0.044715 * x * x * x))); }},
                {"gelu", [](double x) { return x / 2 + x / 2 * std::erf(x * 0.7071067811865476); }},
                {"relu", [](double x) { return std::max(0.0, x); }},
                {"relu2", [](double x) { return x > 0 ? x * x : 0; }},
                {"silu", [](double x) { return x / 2 + x / 2 * std::tanh(x / 2); }},
                {"sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
                {"tanh", [](double x) { return std::tanh(x); }},
                {"softplus", [](double x) { return x > 20 ? x : std::log1p(std::exp(x)); }},
                {"logsigmoid", [](double x) { return -std::log1p(std::exp(-x)); }},
                {"ln", [](double x) { return std::log(x); }},
                {"quick_gelu", [](double x) { return x / (1 + std::exp(-1.702 * x)); }}};
            const auto found = functions.find(name);
            if (found == functions.end() || !take('(')) return fail();
            const double value = found->second(sum());
            m_bad = m_bad || !take(')');
            return value;
        }
        char* end = nullptr;
        const double value = std::strtod(m_text.c_str() + m_at, &end);
        if (end == m_text.c_str() + m_at) return fail();
        m_at = static_cast<std::size_t>(end - m_text.c_str());
        return value;
    }
    double fail() {
        m_bad = true;
        return NAN;
    }

    const std::string& m_text;
    std::size_t m_at = 0;
    bool m_bad = false;
};

}  // namespace lw::test
