// Generation without a tree, for scripts and measurements: nothing is captured.
#pragma once

#include <functional>
#include <vector>

#include "core/base/job.h"
#include "core/generate/sampler.h"
#include "core/models/model.h"

namespace lw {

struct GenerateRequest {
    int count = 0;  // tokens at most
    SamplingSettings settings = {};
    bool ignoreEnd = false;
    std::vector<TokenId> ends = {};
    bool beyondContext = false;
    std::function<void(const Choice&)> each = {};  // called after every choice, from the worker
};

enum class StopReason { Count, End, Context };

struct Generated {
    std::vector<Choice> steps;  // an end token is the last of them
    StopReason reason = StopReason::Count;
    double seconds = 0;  // of choosing and running the new tokens, without the prompt
    int ran = 0;         // new tokens run through the model (the last one chosen is not): speed = ran / seconds
};

/// The error of logits that choose() cannot use.
Unexpected notADistribution(const ModelInfo& model, int position);

/// Prompt and new tokens together never exceed the model's context (unless beyondContext, where the architecture can): there it
/// stops with StopReason::Context.
/// Fails: as run(); settings out of range; logits that are no distribution.
Result<Generated> generate(const Model& model, const std::vector<TokenId>& prompt, const GenerateRequest& request,
                           const Job& job = {});

}  // namespace lw
