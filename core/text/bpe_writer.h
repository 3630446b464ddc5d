// What the trainer has learned, as a tokenizer.json that this program and the `tokenizers` library read.
#pragma once

#include <string>

#include "core/text/bpe_trainer.h"

namespace lw {

/// Byte-level BPE with GPT-2's words, nothing normalized, nothing put in front or behind.
std::string tokenizerJsonOf(const TrainedBpe& learned);

}  // namespace lw
