// y = x Wᵀ for few rows of x, on the stored weights themselves: what a decoding step does, bound by memory.
#pragma once

#include <cstdint>

#include "core/tensor/storage_type.h"

namespace lw::kernels {

constexpr std::int64_t maxFewTokens = 8;

/// Up to so many tokens this is faster than many_tokens.h; measured (tests/bench) between 576 × 576 and 576 × 1536 on AVX-512 and
/// AVX2. The cheaper a type is to read, the longer it pays to read it again for every four tokens.
constexpr std::int64_t fewTokensLimit(StorageType type, std::int64_t cols) {
    switch (type) {
        case StorageType::F16:
        case StorageType::BF16:
        case StorageType::Q8_0:
            return 8;
        case StorageType::Q4_0:
        case StorageType::Q4_1:
        case StorageType::IQ4_NL:
            return 6;
        case StorageType::F32:  // long rows of x and of weights push each other out of the nearest cache
            return cols <= 768 ? 5 : cols <= 2048 ? 2 : 1;
        default:
            return 5;
    }
}

/// Columns are read in chunks of 32; x is padded to that.
constexpr std::int64_t paddedCols(std::int64_t cols) { return (cols + 31) / 32 * 32; }

struct FewTokens {
    StorageType type;
    const void* weights;  // rows × cols as stored
    std::int64_t cols;
    const float* x;       // tokens × paddedCols(cols), zero beyond cols, aligned to 64 bytes
    std::int64_t tokens;  // 1 … maxFewTokens
    float* y;             // y[t · yStride + row]
    std::int64_t yStride;
};

/// Computes y for weight rows [begin, end). A sum is the sum of 32 interleaved partial sums, folded in halves: the same bits
/// whatever the range, the number of tokens, or the width of the machine's vectors (as long as it has fused multiply-add).
void multiplyFewTokens(const FewTokens& job, std::int64_t begin, std::int64_t end);

}  // namespace lw::kernels
