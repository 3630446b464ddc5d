#include "core/nn/attention.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "core/base/parallel.h"
#include "core/tensor/elementwise.h"
#include "core/tensor/slopes.h"

namespace lw::nn {

namespace {

using Strided = Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>;
using StridedOut = Eigen::Map<Matrix, 0, Eigen::OuterStride<>>;
constexpr int queriesAtOnce = 64;  // of one head: a tile

struct Visible {
    int from, to;  // keys [from, to)
};

Visible visible(int position, int window) { return {window > 0 ? std::max(0, position - window + 1) : 0, position + 1}; }

// One query of one head: scores, softmax, weighted sum. `scores` has room for S floats. Gives log Σ e^score.
double attendOne(const float* q, std::span<const KeyValueRows> past, int position, int kvOffset, int kvWidth,
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
    const double logSum = softmaxRow(scores, see.to - see.from);
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
    return logSum;
}

// A tile of queries of one head: pattern [n, S] in `weights`, log Σ e^score of each query in `logSums`.
void patternTile(const Strided& q, std::span<const KeyValueRows> past, int S, int firstPosition, int kvOffset, int kvWidth,
                 const AttentionShape& shape, Matrix& weights, float* logSums) {
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
        logSums[i] = static_cast<float>(softmaxRow(w + see.from, see.to - see.from));
    }
}

void attendTile(const Strided& q, std::span<const KeyValueRows> past, int S, int firstPosition, int kvOffset, int kvWidth,
                const AttentionShape& shape, Matrix& weights, float* logSums, StridedOut z) {
    patternTile(q, past, S, firstPosition, kvOffset, kvWidth, shape, weights, logSums);
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

// What the backward pass needs of the forward one.
struct Remembered {
    Tensor q, k, v;
    Matrix keys, values;  // all S rows, where there are rows before this chunk's; else empty, k and v being all
    Matrix logSums;       // [H, T]: log Σ e^score of each query
    AttentionShape shape;
};

// One tile of queries [first, first + n) of one head: adds to dk and dv [S, Dh] and sets the tile's rows of dq.
// With P the pattern and S the scores:  dV += Pᵀ dZ,  dP = dZ Vᵀ,  dS = P ⊙ (dP − Σ_j P dP),  dQ = scale · dS K,  dK += scale ·
// dSᵀ Q. Source: Dao et al. 2022, "FlashAttention", algorithm 4 (the pattern is computed again, a tile at a time).
struct TileGradient {
    Strided q, dz, keys, values;  // [n, Dh], [n, Dh]; [S, Dh]
    const float* logSums;         // of the tile's queries
    int position;                 // of the first query
    const AttentionShape& shape;
    Matrix &p, &dp;  // scratch

    void run(StridedOut dq, StridedOut dk, StridedOut dv) const {
        const auto n = static_cast<int>(q.rows());
        const int from = visible(position, shape.window).from, S = position + n - from;  // keys that any query of the tile sees
        const auto k = keys.middleRows(from, S), v = values.middleRows(from, S);
        p.resize(n, S);
        dp.resize(n, S);
        p.noalias() = shape.scale * (q * k.transpose());
        for (int i = 0; i < n; ++i) {
            const Visible see = visible(position + i, shape.window);
            float* row = p.row(i).data();
            std::fill(row, row + (see.from - from), 0.0f);
            shiftedExp(row + (see.from - from), logSums[i], row + (see.from - from), see.to - see.from);
            std::fill(row + (see.to - from), row + S, 0.0f);
        }
        dv.middleRows(from, S).noalias() += p.transpose() * dz;
        dp.noalias() = dz * v.transpose();
        for (int i = 0; i < n; ++i) {
            const float along = dot(p.row(i).data(), dp.row(i).data(), S);
            dp.row(i) = (p.row(i).array() * (dp.row(i).array() - along)).matrix();
        }
        dq.noalias() = shape.scale * (dp * k);
        dk.middleRows(from, S).noalias() += shape.scale * (dp.transpose() * q);
    }
};

void attentionBackward(const Remembered& r, const Matrix& dz) {
    const Matrix& keys = r.keys.size() > 0 ? r.keys : r.k.value();
    const Matrix& values = r.values.size() > 0 ? r.values : r.v.value();
    const Eigen::Index T = r.q.rows(), S = keys.rows(), width = r.q.cols(), kvWidth = keys.cols();
    const int Dh = r.shape.headWidth, group = r.shape.heads / r.shape.kvHeads;
    Matrix dq(T, width), dk = Matrix::Zero(S, kvWidth), dv = Matrix::Zero(S, kvWidth);
    const Eigen::OuterStride<> qStride(width), kvStride(kvWidth);
    parallelFor(r.shape.kvHeads, 1, [&](std::int64_t begin, std::int64_t end) {
        Matrix p, dp;
        for (auto kv = static_cast<int>(begin); kv < end; ++kv) {
            for (int h = kv * group; h < (kv + 1) * group; ++h) {
                for (Eigen::Index first = 0; first < T; first += queriesAtOnce) {
                    const Eigen::Index n = std::min<Eigen::Index>(queriesAtOnce, T - first), at = first * width + h * Dh;
                    const TileGradient tile{Strided(r.q.value().data() + at, n, Dh, qStride),
                                            Strided(dz.data() + at, n, Dh, qStride),
                                            Strided(keys.data() + kv * Dh, S, Dh, kvStride),
                                            Strided(values.data() + kv * Dh, S, Dh, kvStride),
                                            r.logSums.row(h).data() + first,
                                            static_cast<int>(S - T + first),
                                            r.shape,
                                            p,
                                            dp};
                    tile.run({dq.data() + at, n, Dh, qStride}, {dk.data() + kv * Dh, S, Dh, kvStride},
                             {dv.data() + kv * Dh, S, Dh, kvStride});
                }
            }
        }
    });
    r.q.accumulateGrad(std::move(dq));
    if (S == T) {
        r.k.accumulateGrad(std::move(dk));
        r.v.accumulateGrad(std::move(dv));
    } else {
        r.k.accumulateGrad(Matrix(dk.bottomRows(T)));
        r.v.accumulateGrad(Matrix(dv.bottomRows(T)));
    }
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
    Matrix z(T, q.cols()), logSums(shape.heads, T);

    if (T == 1) {
        const std::int64_t grain = std::max<std::int64_t>(1, 65536 / (std::int64_t{2} * S * Dh));
        parallelFor(shape.heads, grain, [&](std::int64_t begin, std::int64_t end) {
            std::vector<float> scores(S);
            for (auto h = static_cast<int>(begin); h < end; ++h) {
                logSums(h, 0) = static_cast<float>(attendOne(q.value().data() + h * Dh, past, S - 1, h / group * Dh, kvWidth,
                                                             shape, scores.data(), z.data() + h * Dh));
            }
        });
    } else {
        constexpr int tile = queriesAtOnce;
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
                attendTile(qh, past, S, S - T + first, h / group * Dh, kvWidth, shape, weights, logSums.row(h).data() + first,
                           {z.data() + std::int64_t{1} * first * z.cols() + h * Dh, n, Dh, Eigen::OuterStride<>(z.cols())});
            }
        });
    }

    if (!q.requiresGrad() && !k.requiresGrad() && !v.requiresGrad()) return Tensor(std::move(z));
    Remembered all{q, k, v, {}, {}, std::move(logSums), shape};
    if (S > T) {
        all.keys.resize(S, kvWidth);
        all.values.resize(S, kvWidth);
        int row = 0;
        for (const KeyValueRows& page : past) {
            all.keys.middleRows(row, page.rows) = Eigen::Map<const Matrix>(page.keys, page.rows, kvWidth);
            all.values.middleRows(row, page.rows) = Eigen::Map<const Matrix>(page.values, page.rows, kvWidth);
            row += page.rows;
        }
    }
    return Tensor::result(std::move(z), {q, k, v}, [all = std::move(all)](const Matrix& dz) { attentionBackward(all, dz); });
}

}  // namespace lw::nn
