// One token in two texts as a picture: both texts, the cosine by layers, both ways through the layers on one map. Qt-free.
#pragma once

#include <string>
#include <vector>

#include "widgets/embeddings/context_facts.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

struct ContextInput {
    const ContextFacts* facts = nullptr;  // null: only the texts
    std::vector<std::string> piecesA = {}, piecesB = {};
    int a = -1, b = -1;     // chosen tokens
    std::string note = {};  // a sentence under the texts
    double width = 640;
    Say say = sayEnglish;
};

/// Tokens of the first text are places, those of the second have the action "second:I"; numbers of the first run are places.
Picture contextPicture(const ContextInput& input);

}  // namespace lw
