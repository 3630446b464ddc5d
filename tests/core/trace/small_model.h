// A description of a small Llama-like model, for tests that need no weights.
#pragma once

#include "core/trace/model_info.h"

namespace lw::test {

inline ModelInfo smallModel() {
    ModelInfo info;
    info.name = "small";
    info.width = 8;
    info.vocabulary = 11;
    info.context = 16;
    info.norm = NormKind::RmsNorm;
    BlockInfo block;
    block.attention = {4, 2, 2, 0.7f, 0, true};
    block.mlp = {12, true, Activation::Silu};
    info.blocks = {block, block};
    return info;
}

}  // namespace lw::test
