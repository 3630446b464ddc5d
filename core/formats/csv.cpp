// Quoting and number forms of CSV.
#include "core/formats/csv.h"

#include <cassert>
#include <cmath>
#include <type_traits>

#include <fmt/format.h>

#include "core/formats/atomic_file.h"

namespace lw {

namespace {

std::string quotedIfNeeded(const std::string& text) {
    const bool blankEnds = !text.empty() && (text.front() == ' ' || text.back() == ' ');
    if (!blankEnds && text.find_first_of(",\"\r\n\t") == std::string::npos) return text;
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"') result += '"';
        result += c;
    }
    return result + '"';
}

}  // namespace

std::string csvText(const CsvCell& cell) {
    return std::visit(
        [](const auto& value) {
            using Value = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Value, std::string>) {
                return quotedIfNeeded(value);
            } else {
                if constexpr (std::is_floating_point_v<Value>) {
                    if (std::isnan(value)) return std::string("nan");  // without a sign
                }
                return fmt::format("{}", value);
            }
        },
        cell);
}

CsvTable::CsvTable(std::span<const std::string> columns) : m_columns(columns.size()) {
    const std::vector<CsvCell> cells(columns.begin(), columns.end());
    addRow(cells);
}

void CsvTable::addRow(std::span<const CsvCell> cells) {
    assert(cells.size() == m_columns);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) m_text += ',';
        m_text += csvText(cells[i]);
    }
    m_text += "\r\n";
}

Result<void> CsvTable::write(const std::filesystem::path& path) const { return writeFileAtomically(path, m_text); }

}  // namespace lw
