// y = x Wᵀ for more rows of x than few_tokens.h takes: a prompt. x is rearranged once (packPanel) so that the lanes of a vector
// are tokens; weights are unpacked a tile of rows at a time, and each weight is multiplied with all tokens of a panel.
#pragma once

#include <cstdint>

#include "core/tensor/storage_type.h"

namespace lw::kernels {

constexpr std::int64_t maxTileRows = 48;
constexpr std::int64_t maxPanelWidth = 48;

/// Stored rows as float32, `outStride` floats apart: exactly the values of dequantizeRow.
void unpackRows(StorageType type, const void* stored, std::int64_t rows, std::int64_t cols, float* out, std::int64_t outStride);

/// Rows of x go into panels of `width` tokens: panel[col · width + token]. The machine's vectors decide the widths.
struct Panel {
    std::int64_t firstToken, tokens, width;  // width >= tokens, a multiple of 4; what is beyond tokens is zero
};

/// The panel that starts at `firstToken` when there are `tokens` in all.
Panel panelAt(std::int64_t firstToken, std::int64_t tokens);

/// x: the first row of the panel. out: [cols, panel.width] floats, aligned to 64 bytes.
void packPanel(const float* x, std::int64_t xStride, std::int64_t cols, const Panel& panel, float* out);

/// y[t · yStride + r] for the panel's tokens and `rows` (<= maxTileRows) float rows of w. Each y is one sum over the columns in
/// their order: the same bits whatever the panels, the tiles or the width of the machine's vectors (as long as it has fused
/// multiply-add).
void multiplyPanel(const float* packed, const Panel& panel, const float* w, std::int64_t wStride, std::int64_t rows,
                   std::int64_t cols, float* y, std::int64_t yStride);

}  // namespace lw::kernels
