// From a text to the root of a run tree: tokenise, fit to the context, run and capture. Pure work for a background job.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "app/run/branches.h"
#include "app/run/script_knowledge.h"
#include "core/base/job.h"

namespace lw {

struct TracedPrompt {
    BranchesPtr branches;
    ScriptKnowledge script;
    double seconds = 0;  // tokenising and running
};

/// The sites of a choice.
CaptureSpec captureSpec(CaptureChoice choice, const ModelInfo& model);

/// Ids written as numbers, apart by anything but digits. Fails: none; one outside [0, vocabulary).
Result<std::vector<TokenId>> idsFromText(const std::string& text, int vocabulary);

/// Fails: BadInput for an empty text ("There is nothing to run …"); as Tokenizer::encode and root().
/// budget: bytes, 0 = the default.
Result<TracedPrompt> tracePrompt(const Origin& origin, std::int64_t budget, const Job& job = {});

}  // namespace lw
