// Tokens whose rows of the embedding table point the same way: a token's nearest neighbours.
#pragma once

#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/models/model.h"

namespace lw {

struct Neighbour {
    TokenId id = -1;
    double cosine = 0;  // −1 … 1
};

/// The `count` tokens nearest to `id` by the cosine of their embedding rows, falling, ties to the lower id; `id` itself is none.
/// Rows of length zero have no direction and are left out.
/// Fails: Cancelled; an id outside the vocabulary.
Result<std::vector<Neighbour>> nearestTokens(const Model& model, TokenId id, int count, const Job& job = {});

}  // namespace lw
