// Every operation's backward pass against finite differences of its forward pass.
#include "core/nn/activation.h"
#include "core/nn/add.h"
#include "core/nn/cross_entropy.h"
#include "core/nn/embedding.h"
#include "core/nn/linear.h"
#include "core/nn/norm.h"
#include "core/nn/rotary.h"
#include "tests/core/nn/finite_differences.h"
#include "tests/worst.h"

using namespace lw;
using lw::test::checkGradients;
using lw::test::randomMatrix;

namespace {

// Compares dW of a one-weight operation with finite differences in the weight.
void checkWeightGradient(const Matrix& w, const std::function<Tensor(const Weight&)>& operation) {
    const Weight weight = Weight::trainable(w);
    const Tensor result = operation(weight);
    const Matrix seed = randomMatrix(result.rows(), result.cols(), 7);
    result.backward(seed);
    const Matrix& grad = weight.leaf().grad();
    REQUIRE(grad.size() == w.size());
    double worst = 0;
    Matrix moved = w;
    const float h = 1e-2f;
    for (Eigen::Index i = 0; i < w.size(); ++i) {
        const auto at = [&](float offset) {
            moved.data()[i] = w.data()[i] + offset;
            return operation(Weight::fromMatrix(moved)).value().cast<double>().cwiseProduct(seed.cast<double>()).sum();
        };
        const double slope = (at(h) - at(-h)) / (2.0 * h);
        moved.data()[i] = w.data()[i];
        widen(worst, std::abs(slope - grad.data()[i]));
    }
    INFO("largest difference " << worst << ", largest gradient " << grad.cwiseAbs().maxCoeff());
    CHECK(worst <= 2e-3 * std::max(1e-3f, grad.cwiseAbs().maxCoeff()));
}

}  // namespace

TEST_CASE("linear: gradients of input, weight and bias") {
    const Matrix x = randomMatrix(3, 5, 1), w = randomMatrix(4, 5, 2), b = randomMatrix(1, 4, 3);
    checkGradients({x}, [&](const auto& in) { return nn::linear(in[0], Weight::fromMatrix(w), Weight::fromMatrix(b)); });
    checkWeightGradient(w, [&](const Weight& weight) { return nn::linear(Tensor(x), weight, Weight::fromMatrix(b)); });
    checkWeightGradient(b, [&](const Weight& bias) { return nn::linear(Tensor(x), Weight::fromMatrix(w), bias); });
}

TEST_CASE("embedding: gradients add up where a row is read twice") {
    const std::vector<TokenId> ids{2, 0, 2};
    checkWeightGradient(randomMatrix(4, 3, 4), [&](const Weight& table) { return nn::embedding(ids, table); });
}

TEST_CASE("norms: gradients of input, gain and bias") {
    const Matrix x = randomMatrix(3, 6, 5), g = randomMatrix(1, 6, 6), b = randomMatrix(1, 6, 7);
    checkGradients({x},
                   [&](const auto& in) { return nn::layerNorm(in[0], Weight::fromMatrix(g), Weight::fromMatrix(b), 1e-5).out; });
    checkGradients({x}, [&](const auto& in) { return nn::rmsNorm(in[0], Weight::fromMatrix(g), 1e-5).out; });
    checkWeightGradient(g, [&](const Weight& gain) { return nn::layerNorm(Tensor(x), gain, Weight::fromMatrix(b), 1e-5).out; });
    checkWeightGradient(b, [&](const Weight& bias) { return nn::layerNorm(Tensor(x), Weight::fromMatrix(g), bias, 1e-5).out; });
    checkWeightGradient(g, [&](const Weight& gain) { return nn::rmsNorm(Tensor(x), gain, 1e-5).out; });
}

TEST_CASE("rotary: gradient is the rotation backwards") {
    const std::vector<double> frequencies{1.0, 0.1};
    checkGradients({randomMatrix(3, 8, 8)}, [&](const auto& in) { return nn::rotary(in[0], 2, 5, frequencies); });
}

TEST_CASE("activations and elementwise operations") {
    for (const Activation a :
         {Activation::GeluTanh, Activation::GeluErf, Activation::Silu, Activation::QuickGelu, Activation::Tanh}) {
        CAPTURE(activationName(a));
        checkGradients({randomMatrix(2, 7, 9)}, [&](const auto& in) { return nn::activate(in[0], a); });
    }
    Matrix away = randomMatrix(2, 7, 9);  // relu has no slope at 0: keep the steps off it
    away = away.unaryExpr([](float v) { return std::abs(v) < 0.1f ? 0.5f : v; });
    checkGradients({away}, [&](const auto& in) { return nn::activate(in[0], Activation::Relu); });
    checkGradients({away}, [&](const auto& in) { return nn::activate(in[0], Activation::ReluSquared); });
    checkGradients({randomMatrix(2, 4, 10), randomMatrix(2, 4, 11)}, [](const auto& in) { return nn::multiply(in[0], in[1]); });
    checkGradients({randomMatrix(2, 4, 12), randomMatrix(2, 4, 13)}, [](const auto& in) { return nn::add(in[0], in[1]); });
}

TEST_CASE("cross-entropy: gradient and value") {
    const std::vector<TokenId> targets{1, -1, 3};
    checkGradients({randomMatrix(3, 5, 14)}, [&](const auto& in) { return nn::crossEntropy(in[0], targets); });
    Matrix even = Matrix::Zero(1, 4);
    CHECK(nn::crossEntropy(Tensor(even), std::vector<TokenId>{2}).value()(0, 0) == Approx(std::log(4.0)));
}

TEST_CASE("a value used twice gathers both gradients, and history is kept only on request") {
    const Tensor x = Tensor::leaf(randomMatrix(2, 2, 15));
    const Tensor y = nn::add(x, x);
    y.backward(Matrix::Ones(2, 2));
    CHECK(x.grad().isApprox(Matrix::Constant(2, 2, 2.0f)));
    CHECK_FALSE(nn::add(Tensor(x.value()), Tensor(x.value())).requiresGrad());
}
