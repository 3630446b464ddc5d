// Tables as comma-separated values: RFC 4180, lines end in CR LF, a header row first. Not a reader.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"

namespace lw {

/// A number is written in the shortest form that reads back to the same number; infinities as inf and -inf, NaN as nan.
using CsvCell = std::variant<std::string, std::int64_t, float, double>;

/// The cell as it stands in the file: quoted if it holds a comma, a quote, a line break or a blank at an end.
std::string csvText(const CsvCell& cell);

/// Builds a table row by row; rows may differ in length only by the caller's mistake (asserted).
class CsvTable {
public:
    explicit CsvTable(std::span<const std::string> columns);

    void addRow(std::span<const CsvCell> cells);
    const std::string& text() const { return m_text; }

    /// Whole or not at all. Fails: as AtomicFile.
    Result<void> write(const std::filesystem::path& path) const;

private:
    std::size_t m_columns;
    std::string m_text;
};

}  // namespace lw
