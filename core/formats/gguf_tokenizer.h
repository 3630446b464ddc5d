// The vocabulary in a GGUF file's settings as the plain struct that core/text makes a tokenizer of.
#pragma once

#include "core/base/result.h"
#include "core/formats/gguf.h"
#include "core/text/gguf_vocabulary.h"

namespace lw {

/// Ids are handed on as they are written; whether they lie inside the vocabulary is tokenizerFromGguf's business.
/// Fails: NotFound (no tokenizer.ggml.model or tokens), BadFormat (a setting of another type than expected: both named).
Result<GgufVocabulary> readGgufVocabulary(const GgufFile& file);

}  // namespace lw
