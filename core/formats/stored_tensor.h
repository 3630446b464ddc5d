// From the bytes of one tensor in a file to a Weight: shared by all formats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/tensor/weight_source.h"

namespace lw {

/// The product of a shape's lengths (1 for a single number); nothing if a length is negative or the product exceeds int64.
std::optional<std::int64_t> valueCount(std::span<const std::int64_t> shape);

/// "[2, 3]"
std::string shapeText(std::span<const std::int64_t> shape);

/// The tensor as [rows, cols] (see WeightSource::weight). `data` holds entry.bytes bytes and lives as long as `owner`.
/// A view where the stored form can be computed with; F64 and data at an odd address become a copy.
/// Fails: Unsupported for other types (names the tensor, its type and the types that work), BadFormat for an empty tensor.
Result<Weight> makeWeight(const TensorEntry& entry, const std::byte* data, std::shared_ptr<const void> owner,
                          std::string_view where);

}  // namespace lw
