#include "app/export/export_data.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/formats/atomic_file.h"
#include "core/formats/csv.h"
#include "core/formats/npy.h"

namespace lw {

namespace {

// plot.csv, plot.values_L3.csv, …
std::filesystem::path pathOf(const std::filesystem::path& file, const DataTable& table, std::size_t index) {
    if (index == 0) return file;
    std::string name;
    for (const char c : table.name)
        name += (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ? c : '_';
    if (name.empty()) name = std::to_string(index + 1);
    std::filesystem::path result = file;
    result.replace_filename(file.stem().string() + "." + name + file.extension().string());
    return result;
}

Result<void> writeTableAsNpy(const DataTable& table, const ExportNote& note, const std::filesystem::path& path) {
    std::size_t columns = 0;
    for (const auto& row : table.rows) columns = std::max(columns, row.size());
    std::vector<double> values;
    values.reserve(table.rows.size() * columns);
    for (const auto& row : table.rows) {
        values.insert(values.end(), row.begin(), row.end());
        values.insert(values.end(), columns - row.size(), std::numeric_limits<double>::quiet_NaN());
    }
    const std::int64_t shape[] = {static_cast<std::int64_t>(table.rows.size()), static_cast<std::int64_t>(columns)};
    return writeNpy(path, shape, std::span<const double>(values), "table: " + table.name + "; " + note.oneLine());
}

}  // namespace

std::string csvOf(const DataTable& table, const ExportNote& note) {
    std::string head = "# table: " + table.name + "\r\n";
    for (const auto& [name, value] : note.lines()) {
        std::string line = value;
        std::replace_if(
            line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
        head += "# " + name + ": " + line + "\r\n";
    }
    const bool words = !table.textRows.empty(), named = !table.rowNames.empty();
    const std::size_t count = words ? table.textRows.size() : table.rows.size();
    std::size_t width = table.columns.size();
    for (std::size_t r = 0; r < count; ++r) width = std::max(width, words ? table.textRows[r].size() : table.rows[r].size());
    std::vector<std::string> columns = table.columns;
    columns.resize(width);
    if (named) columns.insert(columns.begin(), "");
    CsvTable csv(columns);
    for (std::size_t r = 0; r < count; ++r) {
        std::vector<CsvCell> cells;
        if (named) cells.emplace_back(r < table.rowNames.size() ? table.rowNames[r] : std::string());
        const std::size_t present = words ? table.textRows[r].size() : table.rows[r].size();
        for (std::size_t c = 0; c < width; ++c) {
            if (c >= present || (!words && std::isnan(table.rows[r][c]))) {
                cells.emplace_back(std::string());  // an empty cell
            } else if (words) {
                cells.emplace_back(table.textRows[r][c]);
            } else {
                cells.emplace_back(table.rows[r][c]);
            }
        }
        csv.addRow(cells);
    }
    return head + csv.text();
}

Result<std::vector<std::filesystem::path>> exportData(const std::vector<DataTable>& tables, const ExportNote& note,
                                                      const std::filesystem::path& file) {
    const std::string ending = file.extension().string();
    if (ending != ".csv" && ending != ".npy") {
        return fail(ErrorKind::BadInput, fmt::format("Data are written as .csv or .npy, not as “{}”.", ending), file.string());
    }
    if (tables.empty()) return fail(ErrorKind::BadInput, "There are no numbers behind this picture to export.");
    std::vector<std::filesystem::path> written;
    for (const DataTable& table : tables) {
        if (ending == ".npy" && table.rows.empty()) continue;  // words do not go into an array of numbers
        const std::filesystem::path path = pathOf(file, table, written.size());
        const auto done = ending == ".npy" ? writeTableAsNpy(table, note, path) : writeFileAtomically(path, csvOf(table, note));
        if (!done) return tl::unexpected(done.error());
        written.push_back(path);
    }
    if (written.empty())
        return fail(ErrorKind::BadInput, "The table behind this picture holds words, not numbers: export it as CSV.");
    return written;
}

}  // namespace lw
