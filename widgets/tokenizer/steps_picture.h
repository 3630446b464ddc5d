// One moment of a text on its way to tokens: every word's pieces, the rule that fired and what would have been next; of a
// Unigram model the lattice of the chosen word. Qt-free.
#pragma once

#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"
#include "widgets/tokenizer/token_steps.h"

namespace lw {

struct StepsInput {
    const TokenSteps* steps = nullptr;  // never null
    int step = 0;                       // 0 … steps->count()
    int word = -1;                      // whose lattice is shown; −1: the longest
    Locus place = {};
};

/// Spots of pieces that are tokens already have the action "word:<i>".
Picture stepsPicture(const StepsInput& input, double width, const Say& say);

}  // namespace lw
