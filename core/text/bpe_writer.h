// What the trainer has learned, as a tokenizer.json that this program and the `tokenizers` library read.
#pragma once

#include <string>
#include <vector>

#include "core/text/bpe_trainer.h"

namespace lw {

/// Byte-level BPE with GPT-2's words, nothing normalized, nothing put in front or behind.
std::string tokenizerJsonOf(const TrainedBpe& learned);

/// A tokenizer.json of byte-level BPE. entries: by id, spelled as the file has them; the first `specials` are special tokens.
/// merges: "left right", first learned first. cutsWords: by GPT-2's pattern, else a text is one word.
std::string byteLevelBpeJson(const std::vector<std::string>& entries, const std::vector<std::string>& merges, int specials,
                             bool cutsWords);

}  // namespace lw
