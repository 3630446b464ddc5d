// How much of a text a model can take: which of its tokens are kept, which are left out at the front or at the end.
// Pure; nothing is run here and no text is lost.
#pragma once

#include <span>
#include <vector>

#include "core/base/index.h"

namespace lw {

// What to do with a text longer than the model's context.
enum class ContextChoice { CutEnd, CutFront, Beyond };

struct PromptFit {
    int context = 0;                // tokens the model can take; 0 = no limit
    std::vector<TokenId> kept;      // what is run, in order
    std::vector<TokenId> cutFront;  // left out between what is put in front (BOS) and `kept`
    std::vector<TokenId> cutEnd;    // left out after `kept`
    bool beyond = false;            // more than `context` tokens are kept, as asked

    /// Tokens of the whole text.
    int total() const { return static_cast<int>(kept.size() + cutFront.size() + cutEnd.size()); }
    bool over() const { return context > 0 && total() > context; }
};

/// Cuts `ids` to `context` tokens as `choice` says; `inFront` tokens (BOS) stay in any case.
/// Beyond keeps everything where `canGoBeyond`, else it is CutEnd.
PromptFit fitPrompt(std::span<const TokenId> ids, int inFront, int context, bool canGoBeyond, ContextChoice choice);

}  // namespace lw
