// The numbers behind a picture as CSV or NPY. Several tables become several files, named after the first. Each file says
// what it is: CSV in lines that begin with #, NPY in its header.
#pragma once

#include <filesystem>
#include <vector>

#include "app/export/export_note.h"
#include "core/base/result.h"
#include "widgets/shared/picture.h"

namespace lw {

/// By the file's ending: .csv or .npy. result: the files written.
/// Fails: another ending; no table, or for NPY none of numbers; NotWritable (files before it are written).
Result<std::vector<std::filesystem::path>> exportData(const std::vector<DataTable>& tables, const ExportNote& note,
                                                      const std::filesystem::path& file);

std::string csvOf(const DataTable& table, const ExportNote& note);

}  // namespace lw
