// How well a tokenizer and its model know the script of a text: a small English model reads Chinese, or code, byte by byte.
// Pure; used for the hint that offers a larger model.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/text/tokenizer.h"
#include "core/trace/trace.h"

namespace lw {

struct ScriptKnowledge {
    int tokens = 0;                     // of the text, without what is put in front
    int byteTokens = 0;                 // that stand for single bytes: byte fallback, or part of a character
    std::optional<double> bitsPerByte;  // the model's surprise on the text, if it was run

    /// The text is worth a hint: a quarter of its tokens are single bytes, or the model finds every byte very surprising.
    bool poor() const;
};

/// bitsPerByte counts the tokens after the first, as the loss does.
ScriptKnowledge scriptKnowledge(const Tokenizer& tokenizer, std::span<const TokenId> ids, const Trace* trace);

}  // namespace lw
