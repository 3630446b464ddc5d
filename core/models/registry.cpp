#include "core/models/registry.h"

#include <algorithm>

#include "core/models/gpt2.h"
#include "core/models/jamba.h"
#include "core/models/llama.h"
#include "core/models/mamba.h"
#include "core/models/mamba2.h"
#include "core/models/matrix_memory.h"
#include "core/models/ngram.h"
#include "core/models/nplm.h"
#include "core/models/qwen3_next.h"
#include "core/models/recurrent.h"
#include "core/models/rwkv7.h"
#include "core/models/s4d.h"

namespace lw {

std::span<const Architecture> architectures() {
    static const std::vector<Architecture> rows = [] {
        std::vector<Architecture> all{gpt2Architecture(),  llamaArchitecture(),     mambaArchitecture(), mamba2Architecture(),
                                      jambaArchitecture(), qwen3NextArchitecture(), ngramArchitecture(), nplmArchitecture(),
                                      s4dArchitecture(),   rwkv7Architecture()};
        for (const Architecture& row : matrixMemoryArchitectures()) all.push_back(row);
        for (const Architecture& row : recurrentArchitectures()) all.push_back(row);
        return all;
    }();
    return rows;
}

const Architecture* findByModelType(std::string_view modelType) {
    for (const Architecture& row : architectures()) {
        if (std::ranges::find(row.modelTypes, modelType) != row.modelTypes.end()) return &row;
    }
    return nullptr;
}

const Architecture* findByGgufName(std::string_view ggufName) {
    for (const Architecture& row : architectures()) {
        if (std::ranges::find(row.ggufNames, ggufName) != row.ggufNames.end()) return &row;
    }
    return nullptr;
}

std::string supportedArchitectures() {
    std::string text;
    for (const Architecture& row : architectures()) {
        for (const std::string_view type : row.modelTypes) text += (text.empty() ? "" : ", ") + std::string(type);
    }
    return text;
}

}  // namespace lw
