// How the numbers of a weight are stored. Blocks of 32 values along a row for the q formats, little-endian, as in GGUF.
#pragma once

#include <cstdint>
#include <string_view>

namespace lw {

enum class StorageType { F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, IQ4_NL };

struct StorageLayout {
    StorageType type;
    std::string_view name;   // as GGUF and safetensors spell it: "F32", "Q8_0"
    int blockValues;         // values per block: 1 or 32
    int blockBytes;          // bytes per block
};

const StorageLayout& layoutOf(StorageType type);

/// Bytes of `cols` consecutive values of one row; cols must be a multiple of blockValues (asserted).
std::int64_t rowBytes(StorageType type, std::int64_t cols);

/// Reads `cols` values of one stored row as float. cols is a multiple of blockValues; `out` has room for cols floats.
/// Source: the block layouts documented in GGUF's ggml-quants. Golden: ops/quantised_blocks.safetensors.
void dequantizeRow(StorageType type, const void* stored, std::int64_t cols, float* out);

}  // namespace lw
