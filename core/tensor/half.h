// The two 16-bit floating point formats, widened to float32 exactly. Not for arithmetic in 16 bits: nothing here rounds.
#pragma once

#include <bit>
#include <cstdint>

namespace lw {

/// IEEE 754 binary16; subnormals, infinities and NaN included.
inline float halfToFloat(std::uint16_t half) {
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
    const std::uint32_t magnitude = half & 0x7fffu;
    if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
    // Moving the fields into place leaves the exponent too small by 127 − 15; multiplying by 2^112 is exact, subnormals included.
    const float scaled = std::bit_cast<float>(magnitude << 13) * std::bit_cast<float>((127u + 112u) << 23);
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(scaled));
}

/// bfloat16: the upper half of a float32.
inline float bfloat16ToFloat(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

}  // namespace lw
