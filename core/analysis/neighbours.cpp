#include "core/analysis/neighbours.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "core/base/parallel.h"

namespace lw {
namespace {

using FloatRow = Eigen::Map<const Eigen::Matrix<float, 1, Eigen::Dynamic>>;

NearRow exact(const Weight& table, TokenId id, const RowVector& vector) {
    const Eigen::RowVectorXd row = table.row(id).cast<double>(), other = vector.cast<double>();
    NearRow found;
    found.id = id;
    found.dot = row.dot(other);
    const double lengths = row.norm() * other.norm();
    found.cosine = lengths > 0 ? std::clamp(found.dot / lengths, -1.0, 1.0) : 0;
    return found;
}

}  // namespace

Result<std::vector<NearRow>> nearestRows(const Weight& table, const RowVector& vector, int count, Nearness by,
                                           const std::vector<TokenId>& without, const Job& job) {
    assert(vector.size() == table.cols() && count >= 0);
    const std::int64_t V = table.rows(), D = table.cols();
    std::vector<float> nearness(static_cast<std::size_t>(V));
    parallelFor(V, 512, [&](std::int64_t begin, std::int64_t end) {
        if (job.cancelled()) return;
        RowVector room(table.type() == StorageType::F32 ? 0 : D);
        for (std::int64_t id = begin; id < end; ++id) {
            const float* values = room.data();
            if (table.type() == StorageType::F32)
                values = static_cast<const float*>(table.rowData(id));
            else
                table.readRow(id, room.data());
            const FloatRow row(values, D);
            float value = row.dot(vector);
            if (by == Nearness::Cosine) {  // the vector's own length changes no order
                const float length = row.norm();
                value = length > 0 ? value / length : 0;
            }
            nearness[static_cast<std::size_t>(id)] = std::isnan(value) ? -std::numeric_limits<float>::infinity() : value;
        }
    });
    if (job.cancelled()) return cancelledError();
    for (const TokenId id : without) {
        if (id >= 0 && id < V) nearness[static_cast<std::size_t>(id)] = std::numeric_limits<float>::quiet_NaN();
    }
    std::vector<TokenId> ids;
    for (TokenId id = 0; id < V; ++id) {
        if (!std::isnan(nearness[static_cast<std::size_t>(id)])) ids.push_back(id);
    }
    // Some more than asked for, since double precision may exchange neighbours.
    const auto some = static_cast<std::ptrdiff_t>(std::min(ids.size(), static_cast<std::size_t>(count) + 8));
    std::ranges::partial_sort(ids, ids.begin() + some, [&](TokenId a, TokenId b) {
        const float x = nearness[static_cast<std::size_t>(a)], y = nearness[static_cast<std::size_t>(b)];
        return x != y ? x > y : a < b;
    });
    ids.resize(static_cast<std::size_t>(some));
    std::vector<NearRow> found;
    for (const TokenId id : ids) found.push_back(exact(table, id, vector));
    const auto value = [&](const NearRow& one) { return by == Nearness::Cosine ? one.cosine : one.dot; };
    std::ranges::sort(
        found, [&](const NearRow& a, const NearRow& b) { return value(a) != value(b) ? value(a) > value(b) : a.id < b.id; });
    if (found.size() > static_cast<std::size_t>(count)) found.resize(static_cast<std::size_t>(count));
    return found;
}

Result<std::vector<NearRow>> neighboursOf(const Weight& table, TokenId token, int count, Nearness by, const Job& job) {
    if (token < 0 || token >= table.rows()) {
        return fail(ErrorKind::BadInput,
                    fmt::format("The token {} is outside the table, whose rows are 0 to {}.", token, table.rows() - 1));
    }
    return nearestRows(table, table.row(token), count, by, {token}, job);
}

}  // namespace lw
