// Which order of an n-gram model answered: how much of a token's probability came from each length of context.
#pragma once

#include <vector>

#include "core/base/result.h"
#include "core/models/model.h"
#include "core/trace/trace.h"

namespace lw {

struct OrderShare {
    int order = 0;           // 0: every token alike; 1: the token by itself; k: after the k − 1 tokens before
    bool times = false;      // the model's longest runs: counts say how often; else after how many different tokens
    std::int64_t count = 0;  // of the run that ends in the token …
    std::int64_t total = 0;  // … among all that followed the same context; 0: the context was never seen
    double discount = 0;     // taken off the count
    double passedOn = 1;     // what this order's context hands on to the one below
    double share = 0;        // of the probability: (count − discount) / total · what all higher orders handed on
};

/// Orders 0 upwards; the shares add up to the probability of `token` after `position`.
/// Fails: the model is no n-gram model; position or token are outside.
Result<std::vector<OrderShare>> ngramOrders(const Trace& trace, const Model& model, Position position, TokenId token);

/// The order with the largest share.
int answeringOrder(const std::vector<OrderShare>& shares);

}  // namespace lw
