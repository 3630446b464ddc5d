// What the running state (the key/value cache) saves and what it changes: the last token of a text run once from the state after
// the tokens before it, and once with everything computed anew. The numbers must be the same, only the work is not.
#pragma once

#include <vector>

#include "core/base/job.h"
#include "core/models/model.h"

namespace lw {

struct CacheCheck {
    int length = 0;                        // T: tokens, the new one included
    int withRows = 0, withoutRows = 0;     // rows that the pass computed: the new one, or all T
    double logitDifference = 0;            // the largest |with − without| over the logits after the new token
    double largestLogit = 0;               // the largest |logit|, for comparison
    std::vector<double> streamDifference;  // by layer: the same over the stream after it, at the new token
    std::vector<double> largestStream;     // by layer
    bool sameToken = true;                 // the most probable next token is the same
    double withSeconds = 0;                // the new token from the state, the median of `repeats`
    double withoutSeconds = 0;             // the whole text from nothing, the median of `repeats`
    int repeats = 0;
    std::int64_t stateBytes = 0;  // what is kept between two steps

    /// Cells of one head's attention that were computed: the new row, or the whole triangle.
    std::int64_t newCells() const { return cells(withRows); }
    std::int64_t allCells() const { return cells(withoutRows); }

private:
    // Of the last `rows` rows: query q sees q + 1 keys.
    std::int64_t cells(std::int64_t rows) const { return rows * length - rows * (rows - 1) / 2; }
};

/// ids: the text, at least two tokens. Fails: as run(); fewer than two tokens; repeats < 1.
Result<CacheCheck> cacheCheck(const Model& model, const std::vector<TokenId>& ids, int repeats = 5, bool beyondContext = false,
                              const Job& job = {});

}  // namespace lw
