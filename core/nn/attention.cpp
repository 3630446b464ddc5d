#include "core/nn/attention.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <vector>

#include "core/base/parallel.h"
#include "core/tensor/elementwise.h"

namespace lw::nn {

namespace {

using Strided = Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>;
constexpr float minusInfinity = -std::numeric_limits<float>::infinity();

struct Visible {
    int from, to;  // keys [from, to)
};

Visible visible(int position, int window) { return {window > 0 ? std::max(0, position - window + 1) : 0, position + 1}; }

// One query of one head: scores, softmax, weighted sum. `scores` has room for S floats.
void attendOne(const float* q, std::span<const KeyValueRows> past, int position, int kvOffset, int kvWidth,
               const AttentionShape& shape, float* scores, float* z) {
    const Visible see = visible(position, shape.window);
    int row = 0;
    for (const KeyValueRows& page : past) {
        const int first = std::max(see.from, row), last = std::min(see.to, row + page.rows);
        if (first < last) {
            dots(q, page.keys + static_cast<std::int64_t>(first - row) * kvWidth + kvOffset, kvWidth, last - first,
                 shape.headWidth, scores + (first - see.from));
            for (int j = first; j < last; ++j) scores[j - see.from] *= shape.scale;
        }
        row += page.rows;
    }
    softmaxRow(scores, see.to - see.from);
    std::fill(z, z + shape.headWidth, 0.0f);
    row = 0;
    for (const KeyValueRows& page : past) {
        const int first = std::max(see.from, row), last = std::min(see.to, row + page.rows);
        for (int j = first; j < last; ++j) {
            addScaled(scores[j - see.from], page.values + static_cast<std::int64_t>(j - row) * kvWidth + kvOffset, z,
                      shape.headWidth);
        }
        row += page.rows;
    }
}

// A tile of queries of one head: pattern [n, S] in `weights`.
void patternTile(const Strided& q, std::span<const KeyValueRows> past, int S, int firstPosition, int kvOffset, int kvWidth,
                 const AttentionShape& shape, Matrix& weights) {
    const Eigen::Index n = q.rows();
    const int end = firstPosition + static_cast<int>(n);  // keys from here on are masked for every query of the tile
    weights.resize(n, S);
    int row = 0;
    for (const KeyValueRows& page : past) {
        if (row < end) {
            const Strided keys(page.keys + kvOffset, page.rows, shape.headWidth, Eigen::OuterStride<>(kvWidth));
            weights.middleCols(row, page.rows).noalias() = shape.scale * (q * keys.transpose());
        }
        row += page.rows;
    }
    for (Eigen::Index i = 0; i < n; ++i) {
        const Visible see = visible(firstPosition + static_cast<int>(i), shape.window);
        float* w = weights.row(i).data();
        std::fill(w, w + see.from, 0.0f);
        std::fill(w + see.to, w + S, 0.0f);
        softmaxRow(w + see.from, see.to - see.from);
    }
}

void attendTile(const Strided& q, std::span<const KeyValueRows> past, int S, int firstPosition, int kvOffset, int kvWidth,
                const AttentionShape& shape, Matrix& weights, Eigen::Map<Matrix, 0, Eigen::OuterStride<>> z) {
    patternTile(q, past, S, firstPosition, kvOffset, kvWidth, shape, weights);
    z.setZero();
    const int end = firstPosition + static_cast<int>(q.rows());
    int row = 0;
    for (const KeyValueRows& page : past) {
        if (row < end) {
            const Strided values(page.values + kvOffset, page.rows, shape.headWidth, Eigen::OuterStride<>(kvWidth));
            z.noalias() += weights.middleCols(row, page.rows) * values;
        }
        row += page.rows;
    }
}

void attentionBackward(const Tensor& q, const Tensor& k, const Tensor& v, const Matrix& keys, const Matrix& values,
                       const AttentionShape& shape, const Matrix& dz) {
    const Eigen::Index T = q.rows();
    const int S = static_cast<int>(keys.rows()), kvWidth = static_cast<int>(keys.cols()), Dh = shape.headWidth;
    const int group = shape.heads / shape.kvHeads;
    Matrix dq = Matrix::Zero(T, q.cols()), dk = Matrix::Zero(S, kvWidth), dv = Matrix::Zero(S, kvWidth);
    const KeyValueRows all{keys.data(), values.data(), S};
    Matrix p;
    for (int h = 0; h < shape.heads; ++h) {
        const int kv = h / group * Dh;
        const Strided qh(q.value().data() + h * Dh, T, Dh, Eigen::OuterStride<>(q.cols()));
        patternTile(qh, {&all, 1}, S, S - static_cast<int>(T), kv, kvWidth, shape, p);
        const Matrix dzh = dz.middleCols(h * Dh, Dh);
        dv.middleCols(kv, Dh) += p.transpose() * dzh;
        Matrix ds = dzh * values.middleCols(kv, Dh).transpose();  // d loss / d pattern
        for (Eigen::Index i = 0; i < T; ++i) {
            const double along = ds.row(i).cast<double>().dot(p.row(i).cast<double>());
            ds.row(i) = (p.row(i).array() * (ds.row(i).array() - static_cast<float>(along))).matrix();
        }
        dq.middleCols(h * Dh, Dh) = shape.scale * (ds * keys.middleCols(kv, Dh));
        dk.middleCols(kv, Dh) += shape.scale * (ds.transpose() * Matrix(qh));
    }
    q.accumulateGrad(dq);
    k.accumulateGrad(Matrix(dk.bottomRows(T)));
    v.accumulateGrad(Matrix(dv.bottomRows(T)));
}

}  // namespace

Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const KeyValueRows> past,
                 const AttentionShape& shape) {
    const int T = static_cast<int>(q.rows()), kvWidth = static_cast<int>(k.cols()), Dh = shape.headWidth;
    assert(q.cols() == shape.heads * Dh && kvWidth == shape.kvHeads * Dh && shape.heads % shape.kvHeads == 0);
    int S = 0;
    for (const KeyValueRows& page : past) S += page.rows;
    assert(S >= T);
    const int group = shape.heads / shape.kvHeads;
    Matrix z(T, q.cols());

    if (T == 1) {
        const std::int64_t grain = std::max<std::int64_t>(1, 65536 / (std::int64_t{2} * S * Dh));
        parallelFor(shape.heads, grain, [&](std::int64_t begin, std::int64_t end) {
            std::vector<float> scores(S);
            for (auto h = static_cast<int>(begin); h < end; ++h) {
                attendOne(q.value().data() + h * Dh, past, S - 1, h / group * Dh, kvWidth, shape, scores.data(),
                          z.data() + h * Dh);
            }
        });
    } else {
        constexpr int tile = 64;
        const int tiles = (T + tile - 1) / tile;
        const std::int64_t grain = std::max<std::int64_t>(1, 200000 / (std::int64_t{2} * std::min(T, tile) * S * Dh));
        parallelFor(std::int64_t{1} * shape.heads * tiles, grain, [&](std::int64_t begin, std::int64_t end) {
            Matrix weights;
            for (std::int64_t job = begin; job < end; ++job) {
                // Heads vary slowest: neighbouring tiles share keys. Early tiles are cheaper; the pool's ranges even that out by
                // head.
                const int h = static_cast<int>(job / tiles), first = static_cast<int>(job % tiles) * tile,
                          n = std::min(tile, T - first);
                const Strided qh(q.value().data() + std::int64_t{1} * first * q.cols() + h * Dh, n, Dh,
                                 Eigen::OuterStride<>(q.cols()));
                attendTile(qh, past, S, S - T + first, h / group * Dh, kvWidth, shape, weights,
                           {z.data() + std::int64_t{1} * first * z.cols() + h * Dh, n, Dh, Eigen::OuterStride<>(z.cols())});
            }
        });
    }

    if (!q.requiresGrad() && !k.requiresGrad() && !v.requiresGrad()) return Tensor(std::move(z));
    Matrix keys(S, kvWidth), values(S, kvWidth);
    int row = 0;
    for (const KeyValueRows& page : past) {
        keys.middleRows(row, page.rows) = Eigen::Map<const Matrix>(page.keys, page.rows, kvWidth);
        values.middleRows(row, page.rows) = Eigen::Map<const Matrix>(page.values, page.rows, kvWidth);
        row += page.rows;
    }
    return Tensor::result(std::move(z), {q, k, v},
                          [q, k, v, keys = std::move(keys), values = std::move(values), shape](const Matrix& dz) {
                              attentionBackward(q, k, v, keys, values, shape, dz);
                          });
}

}  // namespace lw::nn
