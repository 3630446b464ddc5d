// The rows of a table that lie nearest to a vector: which tokens' embeddings (or unembeddings) are alike.
#pragma once

#include <vector>

#include "core/base/index.h"
#include "core/base/job.h"
#include "core/base/result.h"
#include "core/tensor/matrix.h"
#include "core/tensor/weight.h"

namespace lw {

enum class Nearness { Cosine, Dot };

struct NearRow {
    TokenId id = -1;
    double cosine = 0;  // in [-1, 1]; 0 if one of the two is the zero vector
    double dot = 0;
};

/// The `count` rows of `table` [V, D] with the largest cosine or dot product with `vector` [D], the largest first, ties to the
/// lower id. Rows named in `without` are left out. The rows are chosen in float32; the numbers of those chosen are computed in
/// double. The vector has as many entries as the table columns, count >= 0 (asserted). Fails: Cancelled.
Result<std::vector<NearRow>> nearestRows(const Weight& table, const RowVector& vector, int count, Nearness by,
                                           const std::vector<TokenId>& without = {}, const Job& job = {});

/// Those of row `token`, itself left out. Fails: BadInput (the token is outside the table), Cancelled.
Result<std::vector<NearRow>> neighboursOf(const Weight& table, TokenId token, int count, Nearness by, const Job& job = {});

}  // namespace lw
