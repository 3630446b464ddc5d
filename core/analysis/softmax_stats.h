// Small statistics of a distribution given by logits, in double precision.
// Source: maths sheet 3.3 (entropy, KL, rank, surprisal), natural logarithms (nats).
#pragma once

#include <span>
#include <vector>

#include "core/base/index.h"

namespace lw {

struct TokenProbability {
    TokenId id = -1;
    float logit = 0;
    double probability = 0;
};

/// log Σ exp(logit).
double logSumExp(std::span<const float> logits);
std::vector<double> softmax(std::span<const float> logits);
/// The k most probable tokens, falling, ties to the lower id.
std::vector<TokenProbability> topTokens(std::span<const float> logits, int k);
/// −log p of a token, in nats.
double surprisal(std::span<const float> logits, TokenId id);
/// −Σ p ln p.
double entropy(std::span<const float> logits);
/// Σ p ln(p/q), p from `p`, q from `q` (logits).
double klDivergence(std::span<const float> p, std::span<const float> q);
/// 1 + number of tokens with a larger logit.
int rankOf(std::span<const float> logits, TokenId id);

}  // namespace lw
