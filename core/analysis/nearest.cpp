#include "core/analysis/nearest.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/base/parallel.h"

namespace lw {

Result<std::vector<Neighbour>> nearestTokens(const Model& model, TokenId id, int count, const Job& job) {
    const Weight& table = model.weight(WeightId::Embed);
    if (id < 0 || id >= table.rows()) {
        return fail(ErrorKind::BadInput, fmt::format("The id {} is outside the vocabulary of {}, whose ids go from 0 to {}.", id,
                                                     model.info().name, table.rows() - 1));
    }
    const RowVectorD row = table.row(id).cast<double>();
    const double length = row.norm();
    constexpr double none = -std::numeric_limits<double>::infinity();
    std::vector<Neighbour> all(static_cast<std::size_t>(table.rows()));
    parallelFor(table.rows(), 256, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t first = begin; first < end && !job.cancelled(); first += 256) {  // the double copy stays small
            const std::int64_t rows = std::min<std::int64_t>(256, end - first);
            const MatrixD some = table.slice(first, rows).toMatrix().cast<double>();
            for (std::int64_t i = 0; i < rows; ++i) {
                const double other = some.row(i).norm();
                const bool counts = first + i != id && other > 0 && length > 0;
                all[static_cast<std::size_t>(first + i)] = {static_cast<TokenId>(first + i),
                                                            counts ? some.row(i).dot(row) / (other * length) : none};
            }
        }
    });
    if (job.cancelled()) return cancelledError();
    const auto kept = static_cast<std::ptrdiff_t>(std::clamp<std::int64_t>(count, 0, table.rows()));
    std::partial_sort(all.begin(), all.begin() + kept, all.end(), [](const Neighbour& a, const Neighbour& b) {
        return a.cosine != b.cosine ? a.cosine > b.cosine : a.id < b.id;
    });
    all.resize(static_cast<std::size_t>(kept));
    std::erase_if(all, [](const Neighbour& n) { return n.cosine == none; });
    return all;
}

}  // namespace lw
