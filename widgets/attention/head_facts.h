// Everything that the pictures of one head are drawn from, made in one background job. Qt-free.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "widgets/attention/attention_controls.h"
#include "widgets/attention/attention_facts.h"

namespace lw {

struct HeadFactsRequest {
    std::shared_ptr<const Trace> trace;
    TileRequest tile;                      // its place is the head
    std::shared_ptr<const HeadTile> kept;  // the tile, where it is already known
    int query = 0;
    std::optional<int> key;
    std::optional<Subtrahend> minus;  // A, for the row and the text (the tile has its own)
    int minusQuery = -1;              // A's row
    AttentionForm form = AttentionForm::Cells;
    bool values = false;  // the weighted sum too
};

struct HeadFacts {
    std::shared_ptr<const Trace> trace;
    HeadPlace place;
    std::shared_ptr<const HeadTile> tile;
    RowArithmetic row;
    std::optional<ValueSum> values;
    AttentionForm form = AttentionForm::Cells;
    std::vector<double> shade;  // by position, in the forms that shade the text
    int shadedBy = 0;           // the query that reads, or the key that is read
};
/// Fails: Cancelled; what headTile says.
Result<HeadFacts> headFacts(const HeadFactsRequest& request, const Job& job = {});

/// The two ask for the same numbers.
bool sameTile(const TileRequest& a, const TileRequest& b);

}  // namespace lw
