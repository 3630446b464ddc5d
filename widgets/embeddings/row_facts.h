// One token's row of a table: the rows around it, and the rows of the whole table that lie nearest to it. Qt-free.
#pragma once

#include <string>
#include <vector>

#include "core/analysis/neighbours.h"
#include "core/base/job.h"
#include "widgets/embeddings/token_table.h"

namespace lw {

struct TableRow {
    TokenId id = -1;
    std::string piece;
    RowVector values;  // [D]
};

struct NearToken {
    NearRow near;
    std::string piece;
};

struct RowFacts {
    TokenTable table;
    TableRow row;
    double norm = 0;
    std::vector<TableRow> around;        // the chosen row among those above and below it in the table
    std::vector<NearToken> cosine, dot;  // nearest first, the row itself left out
    double seconds = 0;                  // both searches through the whole table, measured
};

/// Fails: BadInput (the token is outside the table); a model's file that changed; Cancelled.
Result<RowFacts> rowFacts(const TokenTable& table, TokenId id, int neighbours, const Job& job = {});

}  // namespace lw
