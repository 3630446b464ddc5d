// y = x Wᵀ for one to four rows of x, on the stored weights themselves: what a decoding step does, bound by memory.
#pragma once

#include <cstdint>

#include "core/tensor/storage_type.h"

namespace lw::kernels {

constexpr std::int64_t fewTokensLimit = 4;

/// Columns are read in chunks of 32; x is padded to that.
constexpr std::int64_t paddedCols(std::int64_t cols) { return (cols + 31) / 32 * 32; }

struct FewTokens {
    StorageType type;
    const void* weights;  // rows × cols as stored
    std::int64_t cols;
    const float* x;       // tokens × paddedCols(cols), zero beyond cols, aligned to 64 bytes
    std::int64_t tokens;  // 1 … fewTokensLimit
    float* y;             // y[t · yStride + row]
    std::int64_t yStride;
};

/// Computes y for weight rows [begin, end). A sum is the sum of 32 interleaved partial sums, folded in halves: the same bits
/// whatever the range, the number of tokens, or the width of the machine's vectors (as long as it has fused multiply-add).
void multiplyFewTokens(const FewTokens& job, std::int64_t begin, std::int64_t end);

}  // namespace lw::kernels
