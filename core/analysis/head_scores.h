// What a head does, as stated scores of its pattern on one text. All in [0, 1] but the entropy.
// Source: maths sheet 3.8. induction and same-token on repeated random tokens: repeatedRandomTokens().
#pragma once

#include <vector>

#include "core/base/job.h"
#include "core/models/model.h"
#include "core/trace/trace.h"

namespace lw {

struct HeadScores {
    Layer layer;
    Head head;
    double previousToken = 0;  // mean over q >= 1 of pattern[q, q-1]
    double firstToken = 0;     // mean over q >= 1 of pattern[q, 0]
    double sameToken = 0;      // mean over q with an earlier equal token of the weight on earlier equal tokens
    double induction = 0;      // mean over the same q of the weight on the keys just after those
    double entropy = 0;        // mean over q >= 1 of the row's entropy, nats
    double selfToken = 0;      // mean over q >= 1 of pattern[q, q]
};

/// By layer, then head. A mean over no query is 0. Fails: Cancelled; q or k not captured.
Result<std::vector<HeadScores>> headScores(const Trace& trace, const Job& job = {});

/// A text of `period` different random ids said twice, BOS in front if given: where induction heads show themselves. The period
/// is cut to what the model's context and vocabulary hold.
std::vector<TokenId> repeatedRandomTokens(const ModelInfo& model, int period, std::uint64_t seed, TokenId bos = -1);

}  // namespace lw
