#include "core/analysis/memory_text.h"

#include <algorithm>

namespace lw {

MemoryText memoryText(const ModelInfo& model) {
    if (model.architecture == "ngram")
        return {"It counts runs of tokens: all that it carries on are the last few tokens.",
                "A click on a probability in “Next token” says which length of run answered."};
    if (std::any_of(model.blocks.begin(), model.blocks.end(), [](const BlockInfo& b) { return b.mixer.isCell(); }))
        return {"Its cells carry numbers from token to token, each new one made of the old one and the token.",
                "“State” shows what every step keeps and writes."};
    if (model.hasAttention())
        return {"Its layers keep the keys and values of every token.", "“Attention” shows how they are read."};
    if (model.hasMixer())
        return {"Its layers carry a memory of fixed size from token to token.",
                "“State” shows what every step keeps, erases and writes."};
    return {"It reads the last few tokens at once, by their embeddings.",
            "A click on a probability in “Next token” leads through the hidden layer down to them."};
}

}  // namespace lw
