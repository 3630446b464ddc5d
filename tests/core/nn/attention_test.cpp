// Attention against a plain double-precision loop, its gradients, and the equality of its two forms.
#include "core/nn/attention.h"

#include <cmath>

#include "tests/core/nn/finite_differences.h"

using namespace lw;
using lw::test::checkGradients;
using lw::test::randomMatrix;

namespace {

// The formula, entry by entry, in double.
MatrixD reference(const Matrix& q, const Matrix& keys, const Matrix& values, const nn::AttentionShape& shape) {
    const int T = static_cast<int>(q.rows()), S = static_cast<int>(keys.rows()), Dh = shape.headWidth;
    MatrixD z = MatrixD::Zero(T, q.cols());
    for (int h = 0; h < shape.heads; ++h) {
        const int kv = h / (shape.heads / shape.kvHeads) * Dh;
        for (int t = 0; t < T; ++t) {
            const int position = S - T + t;
            double total = 0;
            RowVectorD sum = RowVectorD::Zero(Dh);
            for (int j = 0; j <= position; ++j) {
                if (shape.window > 0 && j <= position - shape.window) continue;
                double score = 0;
                for (int i = 0; i < Dh; ++i) score += double(q(t, h * Dh + i)) * keys(j, kv + i);
                const double weight = std::exp(score * shape.scale);
                total += weight;
                sum += weight * values.row(j).segment(kv, Dh).cast<double>();
            }
            z.row(t).segment(h * Dh, Dh) = sum / total;
        }
    }
    return z;
}

std::vector<nn::KeyValueRows> pages(const Matrix& keys, const Matrix& values, int size) {
    std::vector<nn::KeyValueRows> list;
    for (int r = 0; r < keys.rows(); r += size) {
        list.push_back({keys.row(r).data(), values.row(r).data(), std::min<int>(size, static_cast<int>(keys.rows()) - r)});
    }
    return list;
}

}  // namespace

TEST_CASE("attention equals the formula for any chunk, page size, grouping and window") {
    for (const int window : {0, 1, 5}) {
        for (const int T : {1, 2, 70}) {
            for (const int past : {0, 3, 90}) {
                const nn::AttentionShape shape{4, 2, 8, 0.35f, window};
                const Matrix q = randomMatrix(T, 32, 1), k = randomMatrix(T + past, 16, 2), v = randomMatrix(T + past, 16, 3);
                for (const int page : {1, 7, 1000}) {
                    const Tensor z =
                        nn::attention(Tensor(q), Tensor(k.bottomRows(T)), Tensor(v.bottomRows(T)), pages(k, v, page), shape);
                    const double worst = (z.value().cast<double>() - reference(q, k, v, shape)).cwiseAbs().maxCoeff();
                    INFO("window " << window << ", T " << T << ", past " << past << ", page " << page << ": largest difference "
                                   << worst);
                    CHECK(worst < 2e-6);
                }
            }
        }
    }
}

TEST_CASE("attention: gradients of q, k and v") {
    for (const int window : {0, 2}) {
        const nn::AttentionShape shape{4, 2, 4, 0.5f, window};
        checkGradients({randomMatrix(5, 16, 4), randomMatrix(5, 8, 5), randomMatrix(5, 8, 6)},
                       [&](const std::vector<Tensor>& in) {
                           return nn::attention(in[0], in[1], in[2], pages(in[1].value(), in[2].value(), 2), shape);
                       });
    }
}
