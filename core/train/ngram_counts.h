// Counting n-grams: from sequences of ids to the table of an n-gram model (models/ngram_table.h).
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "core/base/job.h"
#include "core/models/ngram_table.h"
#include "core/train/sequence.h"

namespace lw::train {

struct NgramSettings {
    int vocabulary = 0;
    int order = 3;               // of the longest runs
    std::vector<int> least;      // by order from the second: rarer runs are left out of the table. Missing ones: 1, all are kept
    bool threeDiscounts = true;  // modified Kneser–Ney: for counts of 1, 2, 3 and more; else one for all
};

/// Every token that a sequence counts is counted after the tokens before it, back to the sequence's beginning. Below the highest
/// order the count is that of different tokens before the run, the beginning of a sequence being one of them.
/// Discounts follow from how many runs have counts of 1 to 4, before rare ones are left out (Chen and Goodman 1998, eq. 17):
/// Y = n₁ / (n₁ + 2 n₂), Dᵢ = i − (i + 1) Y nᵢ₊₁ / nᵢ; one discount Y where that cannot be computed, ½ where nothing was seen
/// once. `note`: one sentence an order. Fails: Cancelled; BadInput if nothing is counted, or more than 2³² − 1 tokens.
Result<NgramTable> countNgrams(const std::vector<Sequence>& sequences, const NgramSettings& settings,
                               const std::function<void(std::string_view)>& note = {}, const Job& job = {});

}  // namespace lw::train
