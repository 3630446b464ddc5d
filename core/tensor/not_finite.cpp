#include "core/tensor/not_finite.h"

#include <atomic>
#include <cstring>

#include "core/base/parallel.h"

namespace lw {

namespace {

constexpr std::uint32_t exponent32 = 0x7f800000u;
constexpr std::uint16_t exponent16 = 0x7c00u, exponentB16 = 0x7f80u;

template <class T>
T load(const std::byte* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

template <class T>
bool anyOf(const std::byte* values, std::int64_t count, T exponent) {
    bool found = false;  // without a way out of the loop, so that it is done many at a time
    for (std::int64_t i = 0; i < count; ++i)
        found |= (load<T>(values + i * static_cast<std::int64_t>(sizeof(T))) & exponent) == exponent;
    return found;
}

int halvesOf(StorageType type) { return type == StorageType::Q4_1 || type == StorageType::Q5_1 ? 2 : 1; }

bool badBlock(StorageType type, const std::byte* block) {
    switch (type) {
        case StorageType::F32:
            return (load<std::uint32_t>(block) & exponent32) == exponent32;
        case StorageType::BF16:
            return (load<std::uint16_t>(block) & exponentB16) == exponentB16;
        case StorageType::F16:
            return (load<std::uint16_t>(block) & exponent16) == exponent16;
        default: {
            bool bad = false;
            for (int i = 0; i < halvesOf(type); ++i) bad |= (load<std::uint16_t>(block + 2 * i) & exponent16) == exponent16;
            return bad;
        }
    }
}

bool badRow(const Weight& weight, std::int64_t row) {
    const auto* stored = static_cast<const std::byte*>(weight.rowData(row));
    switch (weight.type()) {
        case StorageType::F32:
            return anyOf<std::uint32_t>(stored, weight.cols(), exponent32);
        case StorageType::F16:
            return anyOf<std::uint16_t>(stored, weight.cols(), exponent16);
        case StorageType::BF16:
            return anyOf<std::uint16_t>(stored, weight.cols(), exponentB16);
        default: {
            const StorageLayout& layout = layoutOf(weight.type());
            bool bad = false;
            for (std::int64_t b = 0; b < weight.cols() / layout.blockValues; ++b)
                bad |= badBlock(weight.type(), stored + b * layout.blockBytes);
            return bad;
        }
    }
}

}  // namespace

std::optional<WeightPlace> firstNotFinite(const Weight& weight) {
    std::atomic<std::int64_t> first = weight.rows();
    parallelFor(weight.rows(), 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end && row < first; ++row) {
            if (!badRow(weight, row)) continue;
            std::int64_t known = first;
            while (row < known && !first.compare_exchange_weak(known, row)) {
            }
            return;
        }
    });
    if (first == weight.rows()) return std::nullopt;
    const StorageLayout& layout = layoutOf(weight.type());
    const auto* stored = static_cast<const std::byte*>(weight.rowData(first));
    std::int64_t block = 0;
    while (!badBlock(weight.type(), stored + block * layout.blockBytes)) ++block;
    return WeightPlace{first, block * layout.blockValues};
}

}  // namespace lw
