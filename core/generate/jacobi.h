// Jacobi decoding: guess all positions at once, take the most probable token at every one of them in one pass, and again, until
// nothing changes. The fixed point is the greedy text, because a position is right as soon as all before it are: after round r at
// least r tokens are. Shown as the contrast to step by step: what is right at first sight, and where a guess made without its
// neighbours goes wrong. Source: Santilli et al. 2023, "Accelerating Transformer Inference for Translation via Parallel
// Decoding".
#pragma once

#include <vector>

#include "core/base/job.h"
#include "core/generate/generate.h"
#include "core/models/model.h"

namespace lw {

struct JacobiRound {
    std::vector<TokenId> ids;  // what every position holds after this round
    int settled = 0;           // so many from the front are those of the fixed point
};

struct JacobiRequest {
    int count = 0;       // tokens, at least 1
    TokenId guess = -1;  // what stands everywhere at first; −1: the prompt's last token
    bool beyondContext = false;
};

struct Jacobi {
    std::vector<JacobiRound> rounds;  // the guesses first; the last round changed nothing
    StopReason reason = StopReason::Count;
    double seconds = 0;      // of the passes over the guesses
    double stepSeconds = 0;  // of the same tokens one after the other

    const std::vector<TokenId>& ids() const { return rounds.back().ids; }
    int passes() const { return static_cast<int>(rounds.size()) - 1; }
};

/// Where the context ends it stops with StopReason::Context. Fails: as generate(); count < 1; a guess outside the vocabulary.
Result<Jacobi> jacobi(const Model& model, const std::vector<TokenId>& prompt, const JacobiRequest& request, const Job& job = {});

}  // namespace lw
