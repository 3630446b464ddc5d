// Products of few tokens with stored weights.
#include "core/tensor/kernels/few_tokens.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "core/tensor/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/kernels/few_tokens.cpp"
#include "hwy/foreach_target.h"
// after foreach_target
#include "core/tensor/kernels/unpack-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lw::kernels::HWY_NAMESPACE {
namespace {
#if HWY_TARGET == HWY_SCALAR

/// One row after the other, in plain loops; the same order of sums.
void multiply(const FewTokens& job, std::int64_t begin, std::int64_t end) {
    const std::int64_t stride = rowBytes(job.type, job.cols);
    for (std::int64_t row = begin; row < end; ++row) {
        const std::uint8_t* stored = static_cast<const std::uint8_t*>(job.weights) + row * stride;
        float sums[maxFewTokens][kChunk] = {};
        for (std::int64_t first = 0; first < job.cols; first += kChunk) {
            float w[kChunk];
            const std::int64_t count = std::min(kChunk, job.cols - first);
            dequantizeRow(job.type, stored + rowBytes(job.type, first), count, w);
            for (std::int64_t t = 0; t < job.tokens; ++t) {
                for (std::int64_t i = 0; i < count; ++i) sums[t][i] += w[i] * job.x[t * paddedCols(job.cols) + first + i];
            }
        }
        for (std::int64_t t = 0; t < job.tokens; ++t) {
            job.y[t * job.yStride + row] = foldArray(sums[t], kChunk);
        }
    }
}

#else

/// Adds one chunk of columns of R rows to the sums.
template <class F, int R, int T>
HWY_INLINE void addChunk(const std::uint8_t* HWY_RESTRICT at, std::int64_t stride, const float* HWY_RESTRICT x,
                         std::int64_t xStride, FloatVec (&sums)[R][T][kParts]) {
    HWY_UNROLL(8)
    for (int r = 0; r < R; ++r) {
        FloatVec w[kParts];
        F::read(at + r * stride, w);
        HWY_UNROLL(8)
        for (int t = 0; t < T; ++t) {
            HWY_UNROLL(8)
            for (int i = 0; i < kParts; ++i) {
                sums[r][t][i] = hn::MulAdd(w[i], hn::Load(FloatTag(), x + t * xStride + i * kLanes), sums[r][t][i]);
            }
        }
    }
}

/// R rows of weights with T tokens.
template <class F, int R, int T>
HWY_INLINE void multiplyRows(const FewTokens& job, std::int64_t firstToken, const std::uint8_t* HWY_RESTRICT rows,
                             std::int64_t stride, std::int64_t row) {
    FloatVec sums[R][T][kParts];
    HWY_UNROLL(8)
    for (int r = 0; r < R; ++r) {
        HWY_UNROLL(8)
        for (int t = 0; t < T; ++t) {
            HWY_UNROLL(8)
            for (int i = 0; i < kParts; ++i) sums[r][t][i] = hn::Zero(FloatTag());
        }
    }
    const std::int64_t chunks = stride / F::chunkBytes;
    const std::int64_t xStride = paddedCols(job.cols);
    const float* x = job.x + firstToken * xStride;
    for (std::int64_t c = 0; c < chunks; ++c) {
        prefetch<R * F::chunkBytes>(rows + c * R * F::chunkBytes + prefetchDistance);
        addChunk<F>(rows + c * F::chunkBytes, stride, x + c * kChunk, xStride, sums);
    }
    if constexpr (F::anyCols) {
        if (const std::int64_t rest = stride - chunks * F::chunkBytes; rest > 0) {
            alignas(64) std::uint8_t last[R * F::chunkBytes] = {};
            for (int r = 0; r < R; ++r) {
                std::memcpy(last + r * F::chunkBytes, rows + r * stride + chunks * F::chunkBytes, static_cast<std::size_t>(rest));
            }
            addChunk<F>(last, F::chunkBytes, x + chunks * kChunk, xStride, sums);
        }
    }
    HWY_UNROLL(8)
    for (int t = 0; t < T; ++t) {
        HWY_UNROLL(8)
        for (int r = 0; r < R; ++r) job.y[(firstToken + t) * job.yStride + row + r] = fold(FloatTag(), sums[r][t]);
    }
}

/// Rows at once: as many sums as the registers hold beside the weights read.
template <int T>
constexpr int rowsAtOnce() {
    constexpr int room = HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON ? 24 : 12;
    return std::clamp(room / (kParts * T), 1, 4);
}

/// Tokens [firstToken, firstToken + T) with a range of rows.
template <class F, int T>
HWY_INLINE void multiplyRange(const FewTokens& job, std::int64_t firstToken, std::int64_t begin, std::int64_t end) {
    constexpr int R = rowsAtOnce<T>();
    const std::int64_t stride = rowBytes(job.type, job.cols);
    const std::uint8_t* weights = static_cast<const std::uint8_t*>(job.weights);
    std::int64_t row = begin;
    for (; row + R <= end; row += R) multiplyRows<F, R, T>(job, firstToken, weights + row * stride, stride, row);
    for (; row < end; ++row) multiplyRows<F, 1, T>(job, firstToken, weights + row * stride, stride, row);
}

void multiply(const FewTokens& job, std::int64_t begin, std::int64_t end) {
    withFormat(job.type, [&](auto format) HWY_ATTR {
        using F = decltype(format);
        // More tokens than sums fit into the registers pass one group after the other over a block of rows, which is then at
        // hand.
        const std::int64_t block = job.tokens > 4 ? 24 : end - begin;
        for (std::int64_t first = begin; first < end; first += block) {
            const std::int64_t last = std::min(end, first + block);
            std::int64_t t = 0;
            for (; t + 4 <= job.tokens; t += 4) multiplyRange<F, 4>(job, t, first, last);
            switch (job.tokens - t) {
                case 1:
                    multiplyRange<F, 1>(job, t, first, last);
                    break;
                case 2:
                    multiplyRange<F, 2>(job, t, first, last);
                    break;
                case 3:
                    multiplyRange<F, 3>(job, t, first, last);
                    break;
                default:
                    break;
            }
        }
    });
}

#endif
}  // namespace
}  // namespace lw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lw::kernels {
namespace {
HWY_EXPORT(multiply);
}

void multiplyFewTokens(const FewTokens& job, std::int64_t begin, std::int64_t end) {
    assert(job.tokens >= 1 && job.tokens <= maxFewTokens);
    HWY_DYNAMIC_DISPATCH(multiply)(job, begin, end);
}

}  // namespace lw::kernels
#endif
