#include "core/analysis/logit_lens.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "core/base/parallel.h"

namespace lw {

namespace {

std::span<const float> spanOf(const float* row, Eigen::Index n) { return {row, static_cast<std::size_t>(n)}; }

LensCell cellOf(std::span<const float> logits, std::span<const float> final, const LensRequest& request) {
    LensCell cell;
    cell.top = topTokens(logits, std::max(1, request.topK));
    cell.entropy = entropy(logits);
    cell.klToFinal = klDivergence(final, logits);
    if (request.follow) {
        cell.probability = std::exp(-surprisal(logits, *request.follow));
        cell.rank = rankOf(logits, *request.follow);
    }
    return cell;
}

}  // namespace

std::vector<LensRow> lensRows(const ModelInfo& model) {
    std::vector<LensRow> rows;
    for (int l = 0; l < model.layers(); ++l) {
        rows.push_back({fmt::format("{}_pre", l), SiteId::ResidPre, Layer(l)});
        if (model.has(SiteId::ResidMid, Layer(l))) rows.push_back({fmt::format("{}_mid", l), SiteId::ResidMid, Layer(l)});
    }
    rows.push_back({"final_post", SiteId::ResidPost, Layer(model.layers() - 1)});
    return rows;
}

int LensTable::firstStable(int column) const {
    const auto c = static_cast<std::size_t>(column);
    const TokenId last = cells.back()[c].top.front().id;
    std::size_t row = cells.size() - 1;
    while (row > 0 && cells[row - 1][c].top.front().id == last) --row;
    return static_cast<int>(row);
}

Result<LensTable> logitLens(const Trace& trace, const Model& model, const LensRequest& request, const Job& job) {
    const ModelInfo& info = model.info();
    if (info.layers() == 0) return fail(ErrorKind::Unsupported, fmt::format("{} has no layers to look into.", info.name));
    if (request.follow && (*request.follow < 0 || *request.follow >= info.vocabulary)) {
        return fail(ErrorKind::BadInput,
                    fmt::format("The followed id {} is outside the vocabulary of {}, whose ids go from 0 to {}.", *request.follow,
                                info.name, info.vocabulary - 1));
    }
    if (!info.residualStream) {
        return fail(ErrorKind::Unsupported,
                    fmt::format("{} has no residual stream that its last layer could read out early.", info.name));
    }
    LensTable table;
    table.rows = lensRows(info);
    if (!request.withMid) std::erase_if(table.rows, [](const LensRow& row) { return row.site == SiteId::ResidMid; });
    for (const LensRow& row : table.rows) {
        if (!trace.has(row.site, row.layer)) {
            return fail(ErrorKind::NotFound,
                        fmt::format("The logit lens needs {}, which this run did not capture.", siteName(row.site, row.layer)),
                        siteName(row.site, row.layer));
        }
    }
    table.positions = request.positions;
    if (table.positions.empty()) {
        table.positions.resize(static_cast<std::size_t>(trace.length()));
        std::iota(table.positions.begin(), table.positions.end(), 0);
    }
    for (const int position : table.positions) {
        if (position < 0 || position >= trace.length()) {
            return fail(ErrorKind::BadInput,
                        fmt::format("Position {} is outside the text of {} tokens.", position, trace.length()));
        }
    }
    table.cells.assign(table.rows.size(), std::vector<LensCell>(table.positions.size()));

    // States are read out in batches: a wide enough product to be fast, at most 64 MB of logits. The last row needs none: it is
    // the model's own output.
    struct Cell {
        std::size_t row, column;
    };
    std::vector<Cell> all;
    for (std::size_t c = 0; c < table.positions.size(); ++c) {
        for (std::size_t r = 0; r < table.rows.size(); ++r) all.push_back({r, c});
    }
    const std::size_t batch = static_cast<std::size_t>(std::clamp(16'000'000 / std::max(1, info.vocabulary), 16, 1024));
    for (std::size_t first = 0; first < all.size(); first += batch) {
        if (job.cancelled()) return cancelledError();
        job.progress(static_cast<double>(first) / static_cast<double>(all.size()), "logit lens");
        const std::size_t count = std::min(batch, all.size() - first);
        Matrix streams(static_cast<Eigen::Index>(count), info.width);
        for (std::size_t i = 0; i < count; ++i) {
            const LensRow& row = table.rows[all[first + i].row];
            streams.row(static_cast<Eigen::Index>(i)) =
                trace.row(row.site, row.layer, Position(table.positions[all[first + i].column]));
        }
        const Matrix logits = model.readOut(streams);  // [count, V]
        parallelFor(static_cast<std::int64_t>(count), 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const Cell& at = all[first + static_cast<std::size_t>(i)];
                const ConstRow own = trace.logits(Position(table.positions[at.column]));
                const std::span<const float> final = spanOf(own.data(), own.size());
                const bool last = at.row + 1 == table.rows.size();
                table.cells[at.row][at.column] =
                    cellOf(last ? final : spanOf(logits.row(i).data(), logits.cols()), final, request);
            }
        });
    }
    if (auto same = model.intact(); !same) return Unexpected(same.error());
    job.progress(1, "logit lens");
    return table;
}

}  // namespace lw
