// Reading stored numbers as float32, one block after the other: the plain definition that the fast kernels are tested against.
#include "core/tensor/storage_type.h"

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstring>

#include "core/tensor/half.h"

namespace lw {

static_assert(std::endian::native == std::endian::little, "Weights are read in place, as the little-endian files store them.");

namespace {

constexpr int kBlock = 32;

constexpr std::array<StorageLayout, 9> kLayouts{{
    {StorageType::F32, "F32", 1, 4},
    {StorageType::F16, "F16", 1, 2},
    {StorageType::BF16, "BF16", 1, 2},
    {StorageType::Q8_0, "Q8_0", kBlock, 34},      // scale, 32 × int8
    {StorageType::Q4_0, "Q4_0", kBlock, 18},      // scale, 16 bytes of two 4-bit values
    {StorageType::Q4_1, "Q4_1", kBlock, 20},      // scale, minimum, 16 bytes
    {StorageType::Q5_0, "Q5_0", kBlock, 22},      // scale, 32 fifth bits, 16 bytes
    {StorageType::Q5_1, "Q5_1", kBlock, 24},      // scale, minimum, 32 fifth bits, 16 bytes
    {StorageType::IQ4_NL, "IQ4_NL", kBlock, 18},  // scale, 16 bytes of two indices into kIq4Values
}};

// The 16 unevenly spaced levels that an IQ4_NL index stands for.
constexpr std::array<float, 16> kIq4Values{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

using Byte = unsigned char;

template <class T>
T load(const Byte* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

float half(const Byte* at) { return halfToFloat(load<std::uint16_t>(at)); }

// In the 4- and 5-bit formats byte j holds value j in its lower and value j + 16 in its upper four bits.

void readQ8_0(const Byte* block, float* out) {
    const float scale = half(block);
    for (int j = 0; j < kBlock; ++j) out[j] = static_cast<float>(static_cast<std::int8_t>(block[2 + j])) * scale;
}

void readQ4_0(const Byte* block, float* out) {
    const float scale = half(block);
    for (int j = 0; j < kBlock / 2; ++j) {
        out[j] = static_cast<float>((block[2 + j] & 15) - 8) * scale;
        out[j + kBlock / 2] = static_cast<float>((block[2 + j] >> 4) - 8) * scale;
    }
}

void readQ4_1(const Byte* block, float* out) {
    const float scale = half(block);
    const float minimum = half(block + 2);
    for (int j = 0; j < kBlock / 2; ++j) {
        out[j] = static_cast<float>(block[4 + j] & 15) * scale + minimum;
        out[j + kBlock / 2] = static_cast<float>(block[4 + j] >> 4) * scale + minimum;
    }
}

// The 5-bit value at index 0 … 31: four bits from `low`, the fifth from bit `index` of `high`.
int fiveBits(const Byte* low, std::uint32_t high, int index) {
    const int nibble = index < kBlock / 2 ? low[index] & 15 : low[index - kBlock / 2] >> 4;
    return nibble | static_cast<int>(high >> index & 1u) << 4;
}

void readQ5_0(const Byte* block, float* out) {
    const float scale = half(block);
    const auto high = load<std::uint32_t>(block + 2);
    for (int j = 0; j < kBlock; ++j) out[j] = static_cast<float>(fiveBits(block + 6, high, j) - 16) * scale;
}

void readQ5_1(const Byte* block, float* out) {
    const float scale = half(block);
    const float minimum = half(block + 2);
    const auto high = load<std::uint32_t>(block + 4);
    for (int j = 0; j < kBlock; ++j) out[j] = static_cast<float>(fiveBits(block + 8, high, j)) * scale + minimum;
}

void readIq4Nl(const Byte* block, float* out) {
    const float scale = half(block);
    for (int j = 0; j < kBlock / 2; ++j) {
        out[j] = kIq4Values[block[2 + j] & 15u] * scale;
        out[j + kBlock / 2] = kIq4Values[block[2 + j] >> 4] * scale;
    }
}

template <class ReadBlock>
void readBlocks(const Byte* stored, std::int64_t cols, int blockBytes, float* out, ReadBlock readBlock) {
    for (std::int64_t b = 0; b < cols / kBlock; ++b) readBlock(stored + b * blockBytes, out + b * kBlock);
}

}  // namespace

const StorageLayout& layoutOf(StorageType type) {
    const StorageLayout& layout = kLayouts[static_cast<std::size_t>(type)];
    assert(layout.type == type);
    return layout;
}

std::int64_t rowBytes(StorageType type, std::int64_t cols) {
    const StorageLayout& layout = layoutOf(type);
    assert(cols % layout.blockValues == 0);
    return cols / layout.blockValues * layout.blockBytes;
}

void dequantizeRow(StorageType type, const void* stored, std::int64_t cols, float* out) {
    const auto* bytes = static_cast<const Byte*>(stored);
    const int blockBytes = layoutOf(type).blockBytes;
    assert(cols % layoutOf(type).blockValues == 0);
    switch (type) {
        case StorageType::F32:
            std::memcpy(out, bytes, static_cast<std::size_t>(cols) * sizeof(float));
            return;
        case StorageType::F16:
            for (std::int64_t i = 0; i < cols; ++i) out[i] = half(bytes + 2 * i);
            return;
        case StorageType::BF16:
            for (std::int64_t i = 0; i < cols; ++i) out[i] = bfloat16ToFloat(load<std::uint16_t>(bytes + 2 * i));
            return;
        case StorageType::Q8_0:
            return readBlocks(bytes, cols, blockBytes, out, readQ8_0);
        case StorageType::Q4_0:
            return readBlocks(bytes, cols, blockBytes, out, readQ4_0);
        case StorageType::Q4_1:
            return readBlocks(bytes, cols, blockBytes, out, readQ4_1);
        case StorageType::Q5_0:
            return readBlocks(bytes, cols, blockBytes, out, readQ5_0);
        case StorageType::Q5_1:
            return readBlocks(bytes, cols, blockBytes, out, readQ5_1);
        case StorageType::IQ4_NL:
            return readBlocks(bytes, cols, blockBytes, out, readIq4Nl);
    }
    assert(false);
}

}  // namespace lw
