// One whole captured tensor as CSV, NPY or safetensors: what the inspector's Copy offers for the place it shows.
#pragma once

#include <filesystem>

#include "app/export/export_note.h"
#include "core/base/job.h"
#include "core/base/result.h"

namespace lw {

/// By the file's ending: .csv (rows of the last axis, the other indices in front), .npy, .safetensors (under its name).
/// Fails: another ending; the site is not in this trace; NotWritable; Cancelled.
Result<void> exportTensor(const Shown& shown, SiteRef site, const ExportNote& note, const std::filesystem::path& file,
                          const Job& job = {});

}  // namespace lw
