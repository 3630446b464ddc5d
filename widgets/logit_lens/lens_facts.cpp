#include "widgets/logit_lens/lens_facts.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lw {

std::vector<LensRow> lensRowsShown(const ModelInfo& model, bool withMid) {
    std::vector<LensRow> rows = lensRows(model);
    if (!withMid) std::erase_if(rows, [](const LensRow& row) { return row.site == SiteId::ResidMid; });
    return rows;
}

int lensRowOf(std::span<const LensRow> rows, const Locus& place) {
    const int output = static_cast<int>(rows.size()) - 1;
    if (!place.layer || place.site == SiteId::Logits) return output;
    const auto find = [&](SiteId site, int layer) {
        const auto at =
            std::find_if(rows.begin(), rows.end(), [&](const LensRow& r) { return r.site == site && r.layer.value == layer; });
        return at == rows.end() ? -1 : static_cast<int>(at - rows.begin());
    };
    const int layer = place.layer->value;
    int row = -1;
    if (place.site == SiteId::ResidPre || place.site == SiteId::ResidMid) row = find(*place.site, layer);
    if (row < 0 && place.site == SiteId::ResidMid) row = find(SiteId::ResidPre, layer);
    if (row < 0) row = find(SiteId::ResidPre, layer + 1);
    return row < 0 ? output : row;
}

Locus lensPlace(const LensRow& row, int position, TokenId token) {
    Locus place;
    place.layer = row.layer;
    place.position = Position(position);
    place.site = row.site;
    if (token >= 0) place.unit2 = Unit(token);
    return place;
}

namespace {

FollowedColumn pathOf(const LensTable& table, TokenId token, int position) {
    FollowedColumn column;
    column.position = position;
    column.token = token;
    for (const auto& row : table.cells) {
        column.probability.push_back(row.front().probability);
        column.rank.push_back(row.front().rank);
    }
    return column;
}

}  // namespace

Result<LensColumn> lensColumn(const Trace& trace, const Model& model, int position, bool withMid, const Job& job) {
    const ConstRow output = trace.logits(Position(position));
    LensRequest request;
    request.positions = {position};
    request.topK = lensTop;
    request.withMid = withMid;
    request.follow = topTokens({output.data(), static_cast<std::size_t>(output.size())}, 1).front().id;
    auto table = logitLens(trace, model, request, job);
    if (!table) return Unexpected(table.error());
    LensColumn column;
    column.position = position;
    column.firstStable = table->firstStable(0);
    column.output = pathOf(*table, *request.follow, position);
    for (auto& row : table->cells) column.cells.push_back(std::move(row.front()));
    return column;
}

Result<FollowedColumn> followToken(const Trace& trace, const Model& model, TokenId token, int position, bool withMid,
                                   const Job& job) {
    LensRequest request;
    request.positions = {position};
    request.topK = 1;
    request.follow = token;
    request.withMid = withMid;
    auto table = logitLens(trace, model, request, job);
    if (!table) return Unexpected(table.error());
    return pathOf(*table, token, position);
}

Result<LensDifference> lensDifference(const Trace& a, const Model& modelOfA, std::span<const LensRow> rowsOfB,
                                      const LensColumn& columnOfB, const Job& job) {
    const std::vector<LensRow> rowsOfA = lensRows(modelOfA.info());
    LensDifference difference{columnOfB.position, std::vector<double>(rowsOfB.size(), std::numeric_limits<double>::quiet_NaN())};
    if (columnOfB.position >= a.length()) return difference;
    if (job.cancelled()) return cancelledError();
    std::vector<std::pair<std::size_t, const LensRow*>> shared;  // row of B, row of A
    for (std::size_t r = 0; r < rowsOfB.size(); ++r) {
        const auto same =
            std::find_if(rowsOfA.begin(), rowsOfA.end(), [&](const LensRow& row) { return row.name == rowsOfB[r].name; });
        if (same != rowsOfA.end()) shared.emplace_back(r, &*same);
    }
    Matrix streams(static_cast<Eigen::Index>(shared.size()), modelOfA.info().width);
    for (std::size_t i = 0; i < shared.size(); ++i) {
        const LensRow& row = *shared[i].second;
        if (!a.has(row.site, row.layer)) {
            return fail(ErrorKind::NotFound, siteName(row.site, row.layer) + " was not captured in A's run.",
                        siteName(row.site, row.layer));
        }
        streams.row(static_cast<Eigen::Index>(i)) = a.row(row.site, row.layer, Position(columnOfB.position));
    }
    const Matrix logits = modelOfA.readOut(streams);
    if (auto same = modelOfA.intact(); !same) return tl::unexpected(same.error());
    for (std::size_t i = 0; i < shared.size(); ++i) {
        const LensCell& cell = columnOfB.cells[shared[i].first];
        if (cell.top.empty()) continue;
        const TokenId id = cell.top.front().id;
        if (id < 0 || id >= logits.cols()) {
            return fail(ErrorKind::Mismatch, "A's vocabulary has " + std::to_string(logits.cols()) + " tokens, so token " +
                                                 std::to_string(id) + " of B cannot be compared.");
        }
        const auto row = static_cast<Eigen::Index>(i);
        const double there = std::exp(-surprisal({logits.row(row).data(), static_cast<std::size_t>(logits.cols())}, id));
        difference.values[shared[i].first] = cell.top.front().probability - there;
    }
    return difference;
}

double lensCost(const ModelInfo& model, bool withMid) {
    return static_cast<double>(model.vocabulary) * model.width * ((withMid ? 2 : 1) * model.layers() + 1);
}

}  // namespace lw
