// Compares an operation's backward pass with central finite differences of its forward pass.
#pragma once

#include <functional>
#include <random>

#include "core/tensor/tensor.h"
#include "core/tensor/weight.h"
#include "tests/catch.h"
#include "tests/worst.h"

namespace lw::test {

inline Matrix randomMatrix(Eigen::Index rows, Eigen::Index cols, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    Matrix m(rows, cols);
    for (Eigen::Index i = 0; i < m.size(); ++i) m.data()[i] = normal(random);
    return m;
}

/// `operation` maps leaves to a result; loss = Σ result ⊙ fixed weights, summed in double. Each input's gradient is compared
/// with (loss(x + h) − loss(x − h)) / 2h at every entry, within `tolerance` of the largest gradient.
inline void checkGradients(const std::vector<Matrix>& inputs, const std::function<Tensor(const std::vector<Tensor>&)>& operation,
                           double tolerance = 2e-3) {
    std::vector<Tensor> leaves;
    for (const Matrix& m : inputs) leaves.push_back(Tensor::leaf(m));
    const Tensor result = operation(leaves);
    const Matrix seed = randomMatrix(result.rows(), result.cols(), 99);
    result.backward(seed);
    const auto loss = [&](const std::vector<Matrix>& values) {
        std::vector<Tensor> plain;
        for (const Matrix& m : values) plain.emplace_back(m);
        return operation(plain).value().cast<double>().cwiseProduct(seed.cast<double>()).sum();
    };
    for (std::size_t k = 0; k < inputs.size(); ++k) {
        REQUIRE(leaves[k].grad().size() == inputs[k].size());
        const double largest = std::max(1e-3, static_cast<double>(leaves[k].grad().cwiseAbs().maxCoeff()));
        double worst = 0;
        std::vector<Matrix> moved = inputs;
        const float h = 1e-2f;
        for (Eigen::Index i = 0; i < inputs[k].size(); ++i) {
            const float x = inputs[k].data()[i];
            // Fourth order, so that the step may be large against float's rounding.
            const auto at = [&](float offset) {
                moved[k].data()[i] = x + offset;
                return loss(moved);
            };
            const double slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12.0 * h);
            moved[k].data()[i] = x;
            widen(worst, std::abs(slope - leaves[k].grad().data()[i]));
        }
        INFO("input " << k << ": largest difference " << worst << ", largest gradient " << largest);
        CHECK(worst <= tolerance * largest);
    }
}

}  // namespace lw::test
