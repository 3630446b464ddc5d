// Writes NumPy's NPY format, version 1.0: one array in row-major order. Not a reader.
// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "core/base/result.h"

namespace lw {

/// The values fill `shape` (asserted); an empty shape is a single number. Written whole or not at all.
/// comment: what the numbers are, kept in the header behind '#', where NumPy does not look; other characters than printable
/// ASCII become '?', and it is cut to 4,000 characters (NumPy refuses headers above 10,000).
/// Fails: as AtomicFile.
Result<void> writeNpy(const std::filesystem::path& path, std::span<const std::int64_t> shape, std::span<const float> values,
                      std::string_view comment = {});
Result<void> writeNpy(const std::filesystem::path& path, std::span<const std::int64_t> shape, std::span<const double> values,
                      std::string_view comment = {});
Result<void> writeNpy(const std::filesystem::path& path, std::span<const std::int64_t> shape,
                      std::span<const std::int64_t> values, std::string_view comment = {});

}  // namespace lw
