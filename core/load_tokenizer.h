// Joining the formats that hold a vocabulary with the tokenizers made from it.
#pragma once

#include <memory>

#include "core/formats/folder.h"
#include "core/formats/gguf.h"
#include "core/text/tokenizer.h"

namespace lw {

/// null if the files hold no tokenizer at all.
Result<std::shared_ptr<const Tokenizer>> tokenizerOf(const TokenizerFiles& files);
Result<std::shared_ptr<const Tokenizer>> tokenizerOf(const GgufFile& file);

}  // namespace lw
