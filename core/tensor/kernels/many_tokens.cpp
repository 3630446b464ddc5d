// Products of many tokens with weights as float32.
#include "core/tensor/kernels/many_tokens.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "core/tensor/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/kernels/many_tokens.cpp"
#include "hwy/foreach_target.h"
// after foreach_target
#include "core/tensor/kernels/unpack-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lw::kernels::HWY_NAMESPACE {
namespace {

constexpr std::int64_t colsAtOnce = 512;  // a panel's columns that stay in the nearer caches while all rows pass

#if HWY_TARGET == HWY_SCALAR

constexpr std::int64_t kPanelWidth = 8;

void unpack(StorageType type, const void* stored, std::int64_t rows, std::int64_t cols, float* out, std::int64_t outStride) {
    const std::int64_t stride = rowBytes(type, cols);
    for (std::int64_t r = 0; r < rows; ++r) {
        dequantizeRow(type, static_cast<const std::uint8_t*>(stored) + r * stride, cols, out + r * outStride);
    }
}

std::int64_t panelWidth(std::int64_t /*tokens*/) { return kPanelWidth; }

void multiply(const float* packed, std::int64_t width, const float* w, std::int64_t wStride, std::int64_t rows, std::int64_t cols,
              float* sumsAt) {
    assert(width == kPanelWidth);
    for (std::int64_t r = 0; r < rows; ++r) {
        float sums[kPanelWidth] = {};
        for (std::int64_t k = 0; k < cols; ++k) {
            for (std::int64_t t = 0; t < kPanelWidth; ++t) sums[t] += w[r * wStride + k] * packed[k * width + t];
        }
        std::copy(sums, sums + kPanelWidth, sumsAt + r * width);
    }
}

void transpose4(const float* in, std::int64_t inStride, std::int64_t cols, float* out, std::int64_t outStride) {
    for (std::int64_t c = 0; c < cols; ++c) {
        for (std::int64_t r = 0; r < 4; ++r) out[c * outStride + r] = in[r * inStride + c];
    }
}

#else

template <class F>
HWY_INLINE void unpackRow(const std::uint8_t* HWY_RESTRICT stored, std::int64_t cols, float* HWY_RESTRICT out) {
    FloatVec w[kParts];
    std::int64_t c = 0;
    for (; c + kChunk <= cols; c += kChunk) {
        const std::uint8_t* at = stored + c / kChunk * F::chunkBytes;
        prefetch<F::chunkBytes>(at + prefetchDistance);
        F::read(at, w);
        HWY_UNROLL(8)
        for (int i = 0; i < kParts; ++i) hn::StoreU(w[i], FloatTag(), out + c + i * kLanes);
    }
    if constexpr (F::anyCols) {
        if (c < cols) {
            alignas(64) std::uint8_t last[F::chunkBytes] = {};
            alignas(64) float values[kChunk];
            std::memcpy(last, stored + c / kChunk * F::chunkBytes, static_cast<std::size_t>((cols - c) * F::chunkBytes / kChunk));
            F::read(last, w);
            for (int i = 0; i < kParts; ++i) hn::Store(w[i], FloatTag(), values + i * kLanes);
            std::copy(values, values + (cols - c), out + c);
        }
    }
}

void unpack(StorageType type, const void* stored, std::int64_t rows, std::int64_t cols, float* out, std::int64_t outStride) {
    const std::int64_t stride = rowBytes(type, cols);
    withFormat(type, [&](auto format) HWY_ATTR {
        for (std::int64_t r = 0; r < rows; ++r) {
            unpackRow<decltype(format)>(static_cast<const std::uint8_t*>(stored) + r * stride, cols, out + r * outStride);
        }
    });
}

constexpr int kVectors = 3;  // of tokens in the widest panel
static_assert(kVectors * kLanes <= maxPanelWidth);

/// Rows at once: as many sums as the registers hold beside a weight and the tokens.
constexpr int rowsAtOnce(int vectors) {
    constexpr int sums = HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON ? 24 : 12;
    return std::min(8, sums / vectors);
}

std::int64_t panelWidth(std::int64_t tokens) {
    const std::int64_t vectors = std::min<std::int64_t>(tokens / kLanes, kVectors), rest = tokens - vectors * kLanes;
    if (vectors == kVectors || rest == 0) return vectors * kLanes;
    // A rest that fits into half of the widest vectors gets a panel of its own: half the work.
    if (kLanes == 16 && rest <= kLanes / 2) return vectors > 0 ? vectors * kLanes : kLanes / 2;
    return (vectors + 1) * kLanes;
}

/// Adds columns [0, cols) of R rows to sums [R, width], width being V vectors.
template <class D, int V, int R>
HWY_INLINE void addProducts(D d, const float* HWY_RESTRICT packed, const float* HWY_RESTRICT w, std::int64_t wStride,
                            std::int64_t cols, float* HWY_RESTRICT sumsAt) {
    constexpr int N = static_cast<int>(hn::MaxLanes(D()));
    hn::Vec<D> sums[R][V];
    HWY_UNROLL(8)
    for (int r = 0; r < R; ++r) {
        HWY_UNROLL(8)
        for (int v = 0; v < V; ++v) sums[r][v] = hn::Load(d, sumsAt + (r * V + v) * N);
    }
    for (std::int64_t k = 0; k < cols; ++k) {
        hn::Vec<D> x[V];
        HWY_UNROLL(8)
        for (int v = 0; v < V; ++v) x[v] = hn::Load(d, packed + (k * V + v) * N);
        HWY_UNROLL(8)
        for (int r = 0; r < R; ++r) {
            const hn::Vec<D> weight = hn::Set(d, w[r * wStride + k]);
            HWY_UNROLL(8)
            for (int v = 0; v < V; ++v) sums[r][v] = hn::MulAdd(weight, x[v], sums[r][v]);
        }
    }
    HWY_UNROLL(8)
    for (int r = 0; r < R; ++r) {
        HWY_UNROLL(8)
        for (int v = 0; v < V; ++v) hn::Store(sums[r][v], d, sumsAt + (r * V + v) * N);
    }
}

template <class D, int V>
HWY_INLINE void multiplyRows(D d, const float* packed, const float* w, std::int64_t wStride, std::int64_t rows, std::int64_t cols,
                             float* sums) {
    constexpr std::int64_t width = V * static_cast<std::int64_t>(hn::MaxLanes(D())), R = rowsAtOnce(V);
    for (std::int64_t first = 0; first < cols; first += colsAtOnce) {
        const std::int64_t count = std::min(colsAtOnce, cols - first);
        std::int64_t r = 0;
        for (; r + R <= rows; r += R) {
            addProducts<D, V, R>(d, packed + first * width, w + r * wStride + first, wStride, count, sums + r * width);
        }
        for (; r < rows; ++r)
            addProducts<D, V, 1>(d, packed + first * width, w + r * wStride + first, wStride, count, sums + r * width);
    }
}

void multiply(const float* packed, std::int64_t width, const float* w, std::int64_t wStride, std::int64_t rows, std::int64_t cols,
              float* sums) {
    const FloatTag d;
    if constexpr (kLanes == 16) {
        if (width < kLanes) return multiplyRows<hn::Half<FloatTag>, 1>({}, packed, w, wStride, rows, cols, sums);
    }
    switch (width / kLanes) {
        case 1:
            return multiplyRows<FloatTag, 1>(d, packed, w, wStride, rows, cols, sums);
        case 2:
            return multiplyRows<FloatTag, 2>(d, packed, w, wStride, rows, cols, sums);
        case 3:
            return multiplyRows<FloatTag, 3>(d, packed, w, wStride, rows, cols, sums);
        default:
            assert(false);
    }
}

/// out[c · outStride + r] = in[r · inStride + c] for 4 rows and `cols` columns.
HWY_INLINE void transpose4(const float* HWY_RESTRICT in, std::int64_t inStride, std::int64_t cols, float* HWY_RESTRICT out,
                           std::int64_t outStride) {
    const hn::FixedTag<float, 4> d;
    std::int64_t c = 0;
    for (; c + 4 <= cols; c += 4) {
        const auto r0 = hn::LoadU(d, in + c), r1 = hn::LoadU(d, in + inStride + c);
        const auto r2 = hn::LoadU(d, in + 2 * inStride + c), r3 = hn::LoadU(d, in + 3 * inStride + c);
        const auto low02 = hn::InterleaveLower(d, r0, r2), high02 = hn::InterleaveUpper(d, r0, r2);
        const auto low13 = hn::InterleaveLower(d, r1, r3), high13 = hn::InterleaveUpper(d, r1, r3);
        hn::StoreU(hn::InterleaveLower(d, low02, low13), d, out + c * outStride);
        hn::StoreU(hn::InterleaveUpper(d, low02, low13), d, out + (c + 1) * outStride);
        hn::StoreU(hn::InterleaveLower(d, high02, high13), d, out + (c + 2) * outStride);
        hn::StoreU(hn::InterleaveUpper(d, high02, high13), d, out + (c + 3) * outStride);
    }
    for (; c < cols; ++c) {
        for (std::int64_t r = 0; r < 4; ++r) out[c * outStride + r] = in[r * inStride + c];
    }
}

#endif

/// out[c · outStride + r] = in[r · inStride + c]. In blocks, so that the lines written stay in the cache until they are full.
void transpose(const float* in, std::int64_t inStride, std::int64_t rows, std::int64_t cols, float* out, std::int64_t outStride) {
    constexpr std::int64_t block = 64;
    for (std::int64_t first = 0; first < cols; first += block) {
        const std::int64_t count = std::min(block, cols - first);
        std::int64_t r = 0;
        for (; r + 4 <= rows; r += 4)
            transpose4(in + r * inStride + first, inStride, count, out + first * outStride + r, outStride);
        for (; r < rows; ++r) {
            for (std::int64_t c = first; c < first + count; ++c) out[c * outStride + r] = in[r * inStride + c];
        }
    }
}

}  // namespace
}  // namespace lw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lw::kernels {
namespace {
HWY_EXPORT(unpack);
HWY_EXPORT(panelWidth);
HWY_EXPORT(multiply);
HWY_EXPORT(transpose);
}  // namespace

void unpackRows(StorageType type, const void* stored, std::int64_t rows, std::int64_t cols, float* out, std::int64_t outStride) {
    HWY_DYNAMIC_DISPATCH(unpack)(type, stored, rows, cols, out, outStride);
}

Panel panelAt(std::int64_t firstToken, std::int64_t tokens) {
    const std::int64_t width = HWY_DYNAMIC_DISPATCH(panelWidth)(tokens - firstToken);
    return {firstToken, std::min(width, tokens - firstToken), width};
}

void packPanel(const float* x, std::int64_t xStride, std::int64_t cols, const Panel& panel, float* out) {
    HWY_DYNAMIC_DISPATCH(transpose)(x, xStride, panel.tokens, cols, out, panel.width);
    for (std::int64_t c = 0; panel.tokens < panel.width && c < cols; ++c) {
        std::fill(out + c * panel.width + panel.tokens, out + (c + 1) * panel.width, 0.0f);
    }
}

void multiplyPanel(const float* packed, const Panel& panel, const float* w, std::int64_t wStride, std::int64_t rows,
                   std::int64_t cols, float* y, std::int64_t yStride) {
    assert(rows <= maxTileRows && panel.width <= maxPanelWidth);
    alignas(64) float sums[maxTileRows * maxPanelWidth];
    std::fill(sums, sums + rows * panel.width, 0.0f);
    HWY_DYNAMIC_DISPATCH(multiply)(packed, panel.width, w, wStride, rows, cols, sums);
    HWY_DYNAMIC_DISPATCH(transpose)(sums, panel.width, rows, panel.tokens, y, yStride);
}

}  // namespace lw::kernels
#endif
