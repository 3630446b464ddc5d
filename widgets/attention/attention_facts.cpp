#include "widgets/attention/attention_facts.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace lw {

namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr int blockRows = 64;         // rows computed between two looks at the stop token
constexpr int wholeHeadLimit = 1024;  // texts up to here have one scale for the whole head

const AttentionInfo& attentionOf(const Trace& trace, Layer layer) {
    return trace.model().blocks[static_cast<std::size_t>(layer.value)].attention;
}

Result<void> checkHead(const Trace& trace, HeadPlace place, bool values) {
    const ModelInfo& model = trace.model();
    if (place.layer.value < 0 || place.layer.value >= model.layers() || place.head.value < 0 ||
        place.head.value >= attentionOf(trace, place.layer).heads) {
        return fail(ErrorKind::BadInput, "There is no layer " + std::to_string(place.layer.value) + ", head " +
                                             std::to_string(place.head.value) + " in this model.");
    }
    if (!trace.has(SiteId::Pattern, place.layer) || (values && !trace.has(SiteId::V, place.layer))) {
        const SiteId site = trace.has(SiteId::Pattern, place.layer) ? SiteId::V : SiteId::Pattern;
        return fail(ErrorKind::NotFound, siteName(site, place.layer) + " was not captured in this run.",
                    siteName(site, place.layer));
    }
    return {};
}

/// Rows [first, first + count) of one quantity over all keys, masked ones NaN. [count, T]
Matrix quantityRows(const Trace& trace, HeadPlace place, AttentionQuantity quantity, const std::vector<double>& lengths,
                    int first, int count) {
    const bool scores = quantity == AttentionQuantity::Scores;
    Matrix rows =
        scores ? trace.scores(place.layer, place.head, first, count) : trace.pattern(place.layer, place.head, first, count);
    const AttentionInfo& attention = attentionOf(trace, place.layer);
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
        for (Eigen::Index k = 0; k < rows.cols(); ++k) {
            float& cell = rows(i, k);
            if (!seesKey(attention, first + static_cast<int>(i), static_cast<int>(k))) {
                cell = nan;
            } else if (quantity == AttentionQuantity::WeightedValues) {
                cell = static_cast<float>(cell * lengths[static_cast<std::size_t>(k)]);
            }
        }
    }
    return rows;
}

/// Of two numbers the one further from 0; a number rather than NaN.
float further(float a, float b) { return std::isnan(a) || std::abs(b) > std::abs(a) ? b : a; }

}  // namespace

bool seesKey(const AttentionInfo& attention, int query, int key) {
    return key <= query && (attention.window <= 0 || key > query - attention.window);
}

std::vector<double> valueLengths(const Trace& trace, HeadPlace place) {
    const AttentionInfo& attention = attentionOf(trace, place.layer);
    const int from = attention.kvHead(place.head.value) * attention.headWidth;
    const Matrix values = trace.matrix(SiteId::V, place.layer);
    std::vector<double> lengths(static_cast<std::size_t>(values.rows()));
    for (Eigen::Index t = 0; t < values.rows(); ++t) {
        lengths[static_cast<std::size_t>(t)] = values.row(t).segment(from, attention.headWidth).cast<double>().norm();
    }
    return lengths;
}

Result<HeadTile> headTile(const Trace& trace, const TileRequest& asked, const Job& job) {
    const bool values = asked.quantity == AttentionQuantity::WeightedValues;
    if (auto ok = checkHead(trace, asked.place, values); !ok) return Unexpected(ok.error());
    int length = trace.length();
    std::vector<double> lengths, otherLengths;
    if (values) lengths = valueLengths(trace, asked.place);
    if (asked.minus) {
        if (auto ok = checkHead(*asked.minus->trace, asked.minus->place, values); !ok) return Unexpected(ok.error());
        length = std::min(length, asked.minus->trace->length());
        if (values) otherLengths = valueLengths(*asked.minus->trace, asked.minus->place);
    }
    HeadTile tile;
    tile.request = asked;
    TileRequest& r = tile.request;
    r.firstQuery = std::clamp(asked.firstQuery, 0, length);
    r.firstKey = std::clamp(asked.firstKey, 0, length);
    r.queries = std::clamp(asked.queries, 0, length - r.firstQuery);
    r.keys = std::clamp(asked.keys, 0, length - r.firstKey);
    r.pool = std::max(1, asked.pool);
    tile.cells = Matrix::Constant((r.queries + r.pool - 1) / r.pool, (r.keys + r.pool - 1) / r.pool, nan);
    // Weights have the fixed scale 0…1; the others need the largest of the head, unless the text is long.
    const bool fixedScale = r.quantity == AttentionQuantity::Weights && !r.minus;
    tile.wholeHead = !fixedScale && length <= wholeHeadLimit;
    const int from = tile.wholeHead ? 0 : r.firstQuery;
    const int end = tile.wholeHead ? length : r.firstQuery + r.queries;
    for (int first = from; first < end; first += blockRows) {
        if (job.cancelled()) return cancelledError();
        job.progress(static_cast<double>(first - from) / std::max(1, end - from), "attention");
        const int count = std::min(blockRows, end - first);
        Matrix rows = quantityRows(trace, r.place, r.quantity, lengths, first, count);
        if (r.minus) {
            const Matrix other = quantityRows(*r.minus->trace, r.minus->place, r.quantity, otherLengths, first, count);
            rows = (rows.leftCols(length) - other.leftCols(length)).eval();
        }
        for (Eigen::Index i = 0; i < rows.rows(); ++i) {
            const int query = first + static_cast<int>(i);
            for (Eigen::Index k = 0; k < rows.cols(); ++k) {
                if (!std::isnan(rows(i, k))) tile.largest = std::max(tile.largest, static_cast<double>(std::abs(rows(i, k))));
            }
            if (query < r.firstQuery || query >= r.firstQuery + r.queries) continue;
            for (int k = 0; k < r.keys; ++k) {
                float& cell = tile.cells((query - r.firstQuery) / r.pool, k / r.pool);
                cell = further(cell, rows(i, r.firstKey + k));
            }
        }
    }
    return tile;
}

Result<std::vector<HeadThumb>> headThumbs(const Trace& trace, Layer layer, int size, const Trace* minus, const Job& job) {
    if (auto ok = checkHead(trace, {layer, Head(0)}, false); !ok) return Unexpected(ok.error());
    const int length = minus ? std::min(trace.length(), minus->length()) : trace.length();
    const int pool = std::max(1, (length + size - 1) / std::max(1, size));
    const int cells = (length + pool - 1) / pool;
    std::vector<HeadThumb> thumbs;
    for (int h = 0; h < attentionOf(trace, layer).heads; ++h) {
        HeadThumb thumb{{layer, Head(h)}, cells, pool, std::vector<float>(static_cast<std::size_t>(cells) * cells, nan)};
        for (int first = 0; first < length; first += blockRows) {
            if (job.cancelled()) return cancelledError();
            const int count = std::min(blockRows, length - first);
            Matrix rows = quantityRows(trace, thumb.place, AttentionQuantity::Weights, {}, first, count);
            if (minus) {
                const Matrix other = quantityRows(*minus, thumb.place, AttentionQuantity::Weights, {}, first, count);
                rows = (rows.leftCols(length) - other.leftCols(length)).eval();
            }
            for (Eigen::Index i = 0; i < rows.rows(); ++i) {
                float* row = thumb.cells.data() + static_cast<std::ptrdiff_t>((first + static_cast<int>(i)) / pool) * cells;
                for (int k = 0; k < length; ++k) row[k / pool] = further(row[k / pool], rows(i, k));
            }
        }
        thumbs.push_back(std::move(thumb));
    }
    return thumbs;
}

Result<std::vector<double>> readersOf(const Trace& trace, HeadPlace place, int key, const Job& job) {
    if (auto ok = checkHead(trace, place, false); !ok) return Unexpected(ok.error());
    std::vector<double> weights(static_cast<std::size_t>(trace.length()), std::numeric_limits<double>::quiet_NaN());
    for (int query = key; query < trace.length(); ++query) {
        if (query % blockRows == 0 && job.cancelled()) return cancelledError();
        if (!seesKey(attentionOf(trace, place.layer), query, key)) continue;
        weights[static_cast<std::size_t>(query)] = trace.patternRow(place.layer, place.head, Position(query))(key);
    }
    return weights;
}

RowArithmetic rowArithmetic(const Trace& trace, HeadPlace place, int query, const std::optional<Subtrahend>& minus,
                            int minusQuery) {
    assert(trace.has(SiteId::Pattern, place.layer) && query >= 0 && query < trace.length());
    const AttentionInfo& attention = attentionOf(trace, place.layer);
    const RowVector scores = trace.scoresRow(place.layer, place.head, Position(query));
    const RowVector weights = trace.patternRow(place.layer, place.head, Position(query));
    RowArithmetic row;
    row.place = place;
    row.query = query;
    row.scale = attention.scale;
    row.headWidth = attention.headWidth;
    row.hasValues = trace.has(SiteId::V, place.layer);
    row.maximum = scores.maxCoeff();
    RowVector other;
    if (minus && minusQuery >= 0 && minusQuery < minus->trace->length()) {
        row.difference = true;
        row.otherQuery = minusQuery;
        other = minus->trace->patternRow(minus->place.layer, minus->place.head, Position(minusQuery));
    }
    const int from = attention.kvHead(place.head.value) * attention.headWidth;
    for (int k = 0; k < trace.length(); ++k) {
        if (!seesKey(attention, query, k)) {
            ++row.masked;
            continue;
        }
        RowTerm term;
        term.key = k;
        term.score = scores(k);
        term.exponential = std::exp(term.score - row.maximum);
        term.weight = weights(k);
        if (row.hasValues) {
            term.valueLength =
                trace.row(SiteId::V, place.layer, Position(k)).segment(from, attention.headWidth).cast<double>().norm();
        }
        if (k < other.size()) term.otherWeight = other(k);
        row.sum += term.exponential;
        row.weightSum += term.weight;
        row.terms.push_back(term);
    }
    std::stable_sort(row.terms.begin(), row.terms.end(), [&](const RowTerm& a, const RowTerm& b) {
        if (row.difference) return std::abs(a.weight - a.otherWeight) > std::abs(b.weight - b.otherWeight);
        return a.weight > b.weight;
    });
    return row;
}

ValueSum valueSum(const Trace& trace, const RowArithmetic& row) {
    assert(trace.has(SiteId::V, row.place.layer));
    const AttentionInfo& attention = attentionOf(trace, row.place.layer);
    const int width = attention.headWidth, from = attention.kvHead(row.place.head.value) * width;
    ValueSum sum;
    sum.query = row.query;
    sum.terms = row.terms;
    sum.parts.resize(static_cast<Eigen::Index>(row.terms.size()), width);
    RowVectorD total = RowVectorD::Zero(width);
    for (std::size_t i = 0; i < row.terms.size(); ++i) {
        const RowVectorD value =
            trace.row(SiteId::V, row.place.layer, Position(row.terms[i].key)).segment(from, width).cast<double>();
        const RowVectorD part = row.terms[i].weight * value;
        sum.parts.row(static_cast<Eigen::Index>(i)) = part.cast<float>();
        total += part;
    }
    if (trace.has(SiteId::Z, row.place.layer)) {
        sum.z = trace.row(SiteId::Z, row.place.layer, Position(row.query)).segment(row.place.head.value * width, width);
        sum.difference = (total - sum.z.cast<double>()).cwiseAbs().maxCoeff();
        sum.largest = sum.z.cwiseAbs().maxCoeff();
    }
    if (sum.parts.size() > 0) sum.largest = std::max(sum.largest, static_cast<double>(sum.parts.cwiseAbs().maxCoeff()));
    return sum;
}

}  // namespace lw
