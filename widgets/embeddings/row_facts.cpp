#include "widgets/embeddings/row_facts.h"

#include <algorithm>
#include <chrono>

namespace lw {

namespace {

constexpr TokenId rowsBeside = 3;  // above and below

}  // namespace

Result<RowFacts> rowFacts(const TokenTable& table, TokenId id, int neighbours, const Job& job) {
    RowFacts facts;
    facts.table = table;
    const auto begin = std::chrono::steady_clock::now();
    const auto cosine = neighboursOf(table.rows, id, neighbours, Nearness::Cosine, job);
    if (!cosine) return tl::unexpected(cosine.error());
    const auto dot = neighboursOf(table.rows, id, neighbours, Nearness::Dot, job);
    if (!dot) return tl::unexpected(dot.error());
    facts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const auto rowOf = [&](TokenId row) { return TableRow{row, table.piece(row), table.rows.row(row)}; };
    facts.row = rowOf(id);
    facts.norm = facts.row.values.cast<double>().norm();
    const auto last = static_cast<TokenId>(table.rows.rows() - 1);
    for (TokenId row = std::max(0, id - rowsBeside); row <= std::min(last, id + rowsBeside); ++row)
        facts.around.push_back(rowOf(row));
    for (const NearRow& near : *cosine) facts.cosine.push_back({near, table.piece(near.id)});
    for (const NearRow& near : *dot) facts.dot.push_back({near, table.piece(near.id)});
    if (table.model) {
        if (auto same = table.model->intact(); !same) return tl::unexpected(same.error());
    }
    return facts;
}

}  // namespace lw
