// What the model gave each token of a text, before it saw it. Positions shared with an earlier trace are not computed again.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/base/job.h"
#include "core/trace/trace.h"

namespace lw {

// By position: ln p of the token given those before it; nullopt for the first token and for those not yet computed.
struct TokenSurprise {
    std::shared_ptr<const Trace> trace;
    std::vector<std::optional<double>> logProbability;
};

/// The values of `before` for the blocks both traces share; the rest not yet computed.
TokenSurprise reuse(std::shared_ptr<const Trace> trace, const TokenSurprise& before);
/// Logits still to be read: what completing costs.
std::int64_t missingWork(const TokenSurprise& surprise);
/// Fails: Cancelled.
Result<TokenSurprise> complete(TokenSurprise surprise, const Job& job);

}  // namespace lw
