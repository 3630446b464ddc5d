// The vectors that our kernels use, and sums in an order that doesn't depend on their width. Included once for each instruction
// set.
#if defined(LAYERWALK_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LAYERWALK_LANES_INL_H
#undef LAYERWALK_LANES_INL_H
#else
#define LAYERWALK_LANES_INL_H
#endif

#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lw::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::int64_t kChunk = 32;  // values taken at once, and partial sums: also a quantised block

using FloatTag = hn::CappedTag<float, 16>;
using FloatVec = hn::Vec<FloatTag>;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(FloatTag()));
constexpr int kParts = static_cast<int>(kChunk) / kLanes;  // vectors in a chunk

/// Folds partial sums, each half onto the other, to one.
template <class T>
inline T foldArray(T* sums, std::int64_t count) {
    for (std::int64_t n = count / 2; n > 0; n /= 2) {
        for (std::int64_t i = 0; i < n; ++i) sums[i] += sums[i + n];
    }
    return sums[0];
}

#if HWY_TARGET != HWY_SCALAR

/// The sum of all lanes, in the order of foldArray.
template <class D, class V>
HWY_INLINE hn::TFromD<D> foldLanes(D d, V v) {
    if constexpr (hn::MaxLanes(D()) * sizeof(hn::TFromD<D>) > 16) {
        const hn::Half<D> half;
        return foldLanes(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
    } else if constexpr (sizeof(hn::TFromD<D>) == 8) {
        return hn::GetLane(hn::Add(v, hn::Shuffle01(v)));
    } else {
        const auto two = hn::Add(v, hn::Shuffle1032(v));
        return hn::GetLane(hn::Add(two, hn::Shuffle2301(two)));
    }
}

/// The same for an array of vectors; a power of two of them.
template <class D, class V, int count>
HWY_INLINE hn::TFromD<D> fold(D d, V (&sums)[count]) {
    HWY_UNROLL(4)
    for (int n = count / 2; n > 0; n /= 2) {
        HWY_UNROLL(8)
        for (int i = 0; i < n; ++i) sums[i] = hn::Add(sums[i], sums[i + n]);
    }
    return foldLanes(d, sums[0]);
}

#endif  // not HWY_SCALAR
}  // namespace lw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
