// Views of stored tensors, and copies where a view cannot be.
#include "core/formats/stored_tensor.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/formats/in_quotes.h"

namespace lw {

namespace {

constexpr std::array kTypes{StorageType::F32,  StorageType::F16,  StorageType::BF16, StorageType::Q8_0,  StorageType::Q4_0,
                            StorageType::Q4_1, StorageType::Q5_0, StorageType::Q5_1, StorageType::IQ4_NL};

std::optional<StorageType> storageTypeNamed(std::string_view name) {
    const auto found = std::find_if(kTypes.begin(), kTypes.end(), [&](StorageType type) { return layoutOf(type).name == name; });
    return found == kTypes.end() ? std::nullopt : std::optional(*found);
}

// What the kernels read as one unit: a float, or the half-precision scale of a block.
std::size_t alignmentOf(StorageType type) { return type == StorageType::F32 ? 4 : 2; }

std::shared_ptr<std::byte[]> allocate(std::int64_t bytes) {
    return std::make_shared_for_overwrite<std::byte[]>(static_cast<std::size_t>(bytes));
}

}  // namespace

std::optional<std::int64_t> valueCount(std::span<const std::int64_t> shape) {
    std::int64_t count = 1;
    for (const std::int64_t length : shape) {
        if (length < 0 || __builtin_mul_overflow(count, length, &count)) return std::nullopt;
    }
    return count;
}

std::string shapeText(std::span<const std::int64_t> shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

Result<Weight> makeWeight(const TensorEntry& entry, const std::byte* data, std::shared_ptr<const void> owner,
                          std::string_view where) {
    const std::string file(where);
    const std::int64_t count = valueCount(entry.shape).value_or(0);
    if (count == 0) {
        return fail(ErrorKind::BadFormat,
                    fmt::format("The tensor {} of {} has the shape {}: it holds no values.", inQuotes(entry.name), where,
                                shapeText(entry.shape)),
                    file);
    }
    const std::int64_t cols = entry.shape.empty() ? 1 : entry.shape.back();
    const std::int64_t rows = count / cols;

    try {
        if (entry.type == "F64") {
            const auto copy = allocate(count * static_cast<std::int64_t>(sizeof(float)));
            for (std::int64_t i = 0; i < count; ++i) {
                double value;
                std::memcpy(&value, data + i * static_cast<std::int64_t>(sizeof value), sizeof value);
                const auto narrowed = static_cast<float>(value);
                std::memcpy(copy.get() + i * static_cast<std::int64_t>(sizeof narrowed), &narrowed, sizeof narrowed);
            }
            return Weight(StorageType::F32, rows, cols, copy.get(), copy);
        }
        const auto type = storageTypeNamed(entry.type);
        if (!type || cols % layoutOf(*type).blockValues != 0) {
            std::vector<std::string_view> names;
            for (const StorageType known : kTypes) names.push_back(layoutOf(known).name);
            return fail(
                ErrorKind::Unsupported,
                fmt::format("The tensor {} of {} is stored as {} with the shape {}, which the program cannot compute with; "
                            "it computes with {} and F64.",
                            inQuotes(entry.name), where, entry.type, shapeText(entry.shape), fmt::join(names, ", ")),
                file);
        }
        if (reinterpret_cast<std::uintptr_t>(data) % alignmentOf(*type) == 0) {
            return Weight(*type, rows, cols, data, std::move(owner));
        }
        const auto copy = allocate(entry.bytes);
        std::memcpy(copy.get(), data, static_cast<std::size_t>(entry.bytes));
        return Weight(*type, rows, cols, copy.get(), copy);
    } catch (const std::bad_alloc&) {
        return fail(ErrorKind::OverBudget,
                    fmt::format("The tensor {} of {} needs a copy of its {} values, for which the memory is missing.",
                                inQuotes(entry.name), where, count),
                    file);
    }
}

}  // namespace lw
