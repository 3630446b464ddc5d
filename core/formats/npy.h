// Writes NumPy's NPY format, version 1.0: one array in row-major order. Not a reader.
// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "core/base/result.h"

namespace lw {

/// The values fill `shape` (asserted); an empty shape is a single number. Written whole or not at all.
/// Fails: as AtomicFile.
Result<void> writeNpy(const std::filesystem::path& path, std::span<const std::int64_t> shape, std::span<const float> values);
Result<void> writeNpy(const std::filesystem::path& path, std::span<const std::int64_t> shape, std::span<const double> values);
Result<void> writeNpy(const std::filesystem::path& path, std::span<const std::int64_t> shape,
                      std::span<const std::int64_t> values);

}  // namespace lw
