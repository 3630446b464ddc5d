// What a model has of the tokens before the one it reads, in words; for those who look for something it does not have. English,
// as everything in the core; the window translates both sentences in the context "View".
#pragma once

#include "core/trace/model_info.h"

namespace lw {

struct MemoryText {
    const char* what;   // "Its cells carry numbers from token to token."
    const char* where;  // which view of the window shows it
};
MemoryText memoryText(const ModelInfo& model);

}  // namespace lw
