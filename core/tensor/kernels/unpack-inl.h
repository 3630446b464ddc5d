// Reading stored values into vector registers, 32 columns at a time: one struct for each storage type. Included by kernels, once
// for each instruction set. The values are exactly those of dequantizeRow, which is the reference for the layouts.

#if defined(LAYERWALK_UNPACK_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LAYERWALK_UNPACK_INL_H
#undef LAYERWALK_UNPACK_INL_H
#else
#define LAYERWALK_UNPACK_INL_H
#endif

#include <cstddef>
#include <cstdint>

#include "core/tensor/kernels/lanes-inl.h"
#include "core/tensor/storage_type.h"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lw::kernels::HWY_NAMESPACE {
#if HWY_TARGET != HWY_SCALAR

// Rows are shorter than what the processor's own prefetcher needs to get going, so weights are asked for ahead of time, in the
// order in which they lie in memory. Far enough for a busy memory, near enough for the first cache.
constexpr std::int64_t prefetchDistance = 8192;

template <std::int64_t bytes>
HWY_INLINE void prefetch(const std::uint8_t* at) {
    HWY_UNROLL(8)
    for (std::int64_t line = 0; line < bytes; line += 64) hwy::Prefetch(at + line);
}

using ByteTag = hn::FixedTag<std::uint8_t, 16>;
using ByteVec = hn::Vec<ByteTag>;

/// Two adjacent halves as floats in lanes 0 and 1.
HWY_INLINE hn::Vec<hn::CappedTag<float, 2>> twoHalves(const std::uint8_t* at) {
    const hn::CappedTag<float, 2> floats;
    const hn::Rebind<hwy::float16_t, decltype(floats)> halves;
    const hn::Repartition<std::uint8_t, decltype(halves)> bytes;
    return hn::PromoteTo(floats, hn::BitCast(halves, hn::LoadU(bytes, at)));
}

template <class V>
HWY_INLINE FloatVec spreadLane0(V v) {
    return hn::Set(FloatTag(), hn::GetLane(v));
}
template <class V>
HWY_INLINE FloatVec spreadLane1(V v) {
    return hn::Set(FloatTag(), hn::ExtractLane(v, 1));
}

/// 16 signed bytes as 16 / kLanes vectors of floats.
template <class V>
HWY_INLINE void toFloats(V bytes, FloatVec* HWY_RESTRICT out) {
    const hn::Rebind<std::int32_t, FloatTag> ints;
    const auto convert = [&](auto part) HWY_ATTR { return hn::ConvertTo(FloatTag(), hn::PromoteTo(ints, part)); };
    if constexpr (kLanes == 16) {
        out[0] = convert(bytes);
    } else if constexpr (kLanes == 8) {
        const hn::Half<hn::DFromV<V>> half;
        out[0] = convert(hn::LowerHalf(half, bytes));
        out[1] = convert(hn::UpperHalf(half, bytes));
    } else {
        const hn::DFromV<V> whole;
        const hn::Half<hn::DFromV<V>> half;
        const hn::Half<decltype(half)> quarter;
        out[0] = convert(hn::LowerHalf(quarter, hn::LowerHalf(half, bytes)));
        out[1] = convert(hn::LowerHalf(quarter, hn::LowerHalf(half, hn::ShiftRightBytes<4>(whole, bytes))));
        out[2] = convert(hn::LowerHalf(quarter, hn::UpperHalf(half, bytes)));
        out[3] = convert(hn::LowerHalf(quarter, hn::LowerHalf(half, hn::ShiftRightBytes<12>(whole, bytes))));
    }
}

HWY_INLINE auto asSigned(ByteVec v) { return hn::BitCast(hn::FixedTag<std::int8_t, 16>(), v); }

/// The lower and upper halves of 16 bytes: values 0 … 15 and 16 … 31 of a block.
struct Nibbles {
    ByteVec low, high;
    HWY_INLINE explicit Nibbles(const std::uint8_t* at) {
        const ByteTag d;
        const ByteVec packed = hn::LoadU(d, at);
        low = hn::And(packed, hn::Set(d, std::uint8_t{15}));
        const hn::Repartition<std::uint16_t, ByteTag> wide;
        high = hn::And(hn::BitCast(d, hn::ShiftRight<4>(hn::BitCast(wide, packed))), hn::Set(d, std::uint8_t{15}));
    }
};

HWY_INLINE void scale(FloatVec* HWY_RESTRICT w, FloatVec by) {
    for (int i = 0; i < kParts; ++i) w[i] = hn::Mul(w[i], by);
}
/// A half times a small integer is exact in float32, so a fused multiply-add rounds as dequantizeRow does.
HWY_INLINE void scaleAndShift(FloatVec* HWY_RESTRICT w, FloatVec by, FloatVec shift) {
    for (int i = 0; i < kParts; ++i) w[i] = hn::MulAdd(w[i], by, shift);
}

#if HWY_TARGET <= HWY_AVX3
/// 16 packed bytes as the levels that their lower and upper four bits select: the whole table is one register.
HWY_INLINE void lookUpNibbles(const std::uint8_t* at, FloatVec table, FloatVec* HWY_RESTRICT w) {
    const hn::FixedTag<std::int32_t, 16> ints;
    const auto packed = hn::PromoteTo(ints, hn::LoadU(ByteTag(), at));
    w[0] = hn::TableLookupLanes(table, hn::IndicesFromVec(FloatTag(), hn::And(packed, hn::Set(ints, 15))));
    w[1] = hn::TableLookupLanes(table, hn::IndicesFromVec(FloatTag(), hn::ShiftRight<4>(packed)));
}
#endif

alignas(64) inline constexpr float kCountTo15[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
alignas(64) inline constexpr float kMinus8To7[16] = {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7};
alignas(16) inline constexpr std::int8_t kIq4Levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                                           1,    13,   25,  38,  53,  69,  89,  113};
alignas(64) inline constexpr float kIq4FloatLevels[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                                          1,    13,   25,  38,  53,  69,  89,  113};

template <StorageType type>
struct Format;

template <>
struct Format<StorageType::F32> {
    static constexpr std::int64_t chunkBytes = 128;
    static constexpr bool anyCols = true;  // a row may end within a chunk
    static HWY_INLINE void read(const std::uint8_t* at, FloatVec* HWY_RESTRICT w) {
        for (int i = 0; i < kParts; ++i) w[i] = hn::LoadU(FloatTag(), reinterpret_cast<const float*>(at) + i * kLanes);
    }
};

template <>
struct Format<StorageType::F16> {
    static constexpr std::int64_t chunkBytes = 64;
    static constexpr bool anyCols = true;
    static HWY_INLINE void read(const std::uint8_t* at, FloatVec* HWY_RESTRICT w) {
        const hn::Rebind<hwy::float16_t, FloatTag> halves;
        const hn::Repartition<std::uint8_t, decltype(halves)> bytes;
        for (int i = 0; i < kParts; ++i) {
            w[i] = hn::PromoteTo(FloatTag(), hn::BitCast(halves, hn::LoadU(bytes, at + i * kLanes * 2)));
        }
    }
};

template <>
struct Format<StorageType::BF16> {
    static constexpr std::int64_t chunkBytes = 64;
    static constexpr bool anyCols = true;
    static HWY_INLINE void read(const std::uint8_t* at, FloatVec* HWY_RESTRICT w) {
        const hn::Rebind<hwy::bfloat16_t, FloatTag> halves;
        const hn::Repartition<std::uint8_t, decltype(halves)> bytes;
        for (int i = 0; i < kParts; ++i) {
            w[i] = hn::PromoteTo(FloatTag(), hn::BitCast(halves, hn::LoadU(bytes, at + i * kLanes * 2)));
        }
    }
};

template <>
struct Format<StorageType::Q8_0> {
    static constexpr std::int64_t chunkBytes = 34;
    static constexpr bool anyCols = false;
    static HWY_INLINE void read(const std::uint8_t* at, FloatVec* HWY_RESTRICT w) {
        toFloats(asSigned(hn::LoadU(ByteTag(), at + 2)), w);
        toFloats(asSigned(hn::LoadU(ByteTag(), at + 18)), w + kParts / 2);
        scale(w, spreadLane0(twoHalves(at)));
    }
};

template <>
struct Format<StorageType::Q4_0> {
    static constexpr std::int64_t chunkBytes = 18;
    static constexpr bool anyCols = false;
    static HWY_INLINE void read(const std::uint8_t* at, FloatVec* HWY_RESTRICT w) {
#if HWY_TARGET <= HWY_AVX3
        lookUpNibbles(at + 2, hn::Mul(hn::Load(FloatTag(), kMinus8To7), spreadLane0(twoHalves(at))), w);
#else
        const Nibbles q(at + 2);
        const ByteVec eight = hn::Set(ByteTag(), std::uint8_t{8});
        toFloats(asSigned(hn::Sub(q.low, eight)), w);
        toFloats(asSigned(hn::Sub(q.high, eight)), w + kParts / 2);
        scale(w, spreadLane0(twoHalves(at)));
#endif
    }
};

template <>
struct Format<StorageType::Q4_1> {
    static constexpr std::int64_t chunkBytes = 20;
    static constexpr bool anyCols = false;
    static HWY_INLINE void read(const std::uint8_t* at, FloatVec* HWY_RESTRICT w) {
        const auto factors = twoHalves(at);
#if HWY_TARGET <= HWY_AVX3
        lookUpNibbles(at + 4, hn::MulAdd(hn::Load(FloatTag(), kCountTo15), spreadLane0(factors), spreadLane1(factors)), w);
#else
        const Nibbles q(at + 4);
        toFloats(asSigned(q.low), w);
        toFloats(asSigned(q.high), w + kParts / 2);
        scaleAndShift(w, spreadLane0(factors), spreadLane1(factors));
#endif
    }
};

template <>
struct Format<StorageType::IQ4_NL> {
    static constexpr std::int64_t chunkBytes = 18;
    static constexpr bool anyCols = false;
    static HWY_INLINE void read(const std::uint8_t* at, FloatVec* HWY_RESTRICT w) {
#if HWY_TARGET <= HWY_AVX3
        lookUpNibbles(at + 2, hn::Mul(hn::Load(FloatTag(), kIq4FloatLevels), spreadLane0(twoHalves(at))), w);
#else
        const auto levels = hn::Load(hn::FixedTag<std::int8_t, 16>(), kIq4Levels);
        const Nibbles q(at + 2);
        toFloats(hn::TableLookupBytes(levels, asSigned(q.low)), w);
        toFloats(hn::TableLookupBytes(levels, asSigned(q.high)), w + kParts / 2);
        scale(w, spreadLane0(twoHalves(at)));
#endif
    }
};

template <>
struct Format<StorageType::Q5_0> {
    static constexpr std::int64_t chunkBytes = 22;
    static constexpr bool anyCols = false;
    static HWY_INLINE void read(const std::uint8_t* at, FloatVec* HWY_RESTRICT w) {
        const ByteTag d;
        const Nibbles q(at + 6);
        // A fifth bit that is not set takes 16 off: as a byte, -16 is 0xf0.
        const ByteVec minus16 = hn::Set(d, std::uint8_t{0xf0});
        toFloats(asSigned(hn::Or(q.low, hn::IfThenZeroElse(hn::LoadMaskBits(d, at + 2), minus16))), w);
        toFloats(asSigned(hn::Or(q.high, hn::IfThenZeroElse(hn::LoadMaskBits(d, at + 4), minus16))), w + kParts / 2);
        scale(w, spreadLane0(twoHalves(at)));
    }
};

template <>
struct Format<StorageType::Q5_1> {
    static constexpr std::int64_t chunkBytes = 24;
    static constexpr bool anyCols = false;
    static HWY_INLINE void read(const std::uint8_t* at, FloatVec* HWY_RESTRICT w) {
        const ByteTag d;
        const Nibbles q(at + 8);
        const ByteVec sixteen = hn::Set(d, std::uint8_t{16});
        toFloats(asSigned(hn::Or(q.low, hn::IfThenElseZero(hn::LoadMaskBits(d, at + 4), sixteen))), w);
        toFloats(asSigned(hn::Or(q.high, hn::IfThenElseZero(hn::LoadMaskBits(d, at + 6), sixteen))), w + kParts / 2);
        const auto factors = twoHalves(at);
        scaleAndShift(w, spreadLane0(factors), spreadLane1(factors));
    }
};

/// Calls action(Format<type>()).
template <class Action>
HWY_INLINE void withFormat(StorageType type, const Action& action) {
    switch (type) {
        case StorageType::F32:
            return action(Format<StorageType::F32>());
        case StorageType::F16:
            return action(Format<StorageType::F16>());
        case StorageType::BF16:
            return action(Format<StorageType::BF16>());
        case StorageType::Q8_0:
            return action(Format<StorageType::Q8_0>());
        case StorageType::Q4_0:
            return action(Format<StorageType::Q4_0>());
        case StorageType::Q4_1:
            return action(Format<StorageType::Q4_1>());
        case StorageType::Q5_0:
            return action(Format<StorageType::Q5_0>());
        case StorageType::Q5_1:
            return action(Format<StorageType::Q5_1>());
        case StorageType::IQ4_NL:
            return action(Format<StorageType::IQ4_NL>());
    }
}

#endif  // not HWY_SCALAR
}  // namespace lw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
