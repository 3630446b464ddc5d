// Scaled dot-product attention of all heads over cached keys and values.
#pragma once

#include <span>

#include "core/tensor/tensor.h"

namespace lw::nn {

// Consecutive rows of keys and values, [rows, Hkv·Dh] each, row-major without gaps.
struct KeyValueRows {
    const float* keys = nullptr;
    const float* values = nullptr;
    int rows = 0;
};

struct AttentionShape {
    int heads = 0, kvHeads = 0, headWidth = 0;
    float scale = 1;
    int window = 0;  // > 0: query i sees keys j with i − window < j <= i
};

/// q [T, H·Dh]; past: S rows of keys and values in order, the last T of them this chunk's k and v [T, Hkv·Dh].
/// Query t stands at position S − T + t and sees keys j <= its position (and inside the window).
/// result z [T, H·Dh]: per head softmax(scale · q·k) v. Masked weights are exactly 0.
/// Gradients reach q and this chunk's k and v; earlier rows are constants.
/// The rows in `past` must stay valid until the call returns; for gradients they are copied.
/// Source: Vaswani et al. 2017, eq. 1; grouped queries: Ainslie et al. 2023. Golden: tests/data/zoo.
Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const KeyValueRows> past, const AttentionShape& shape);

}  // namespace lw::nn
