// RNN, LSTM, GRU: two layers against PyTorch's outputs and gradients, worked numbers, chunks.
#include <cmath>

#include "core/formats/safetensors.h"
#include "core/nn/recurrent_cells.h"
#include "tests/core/nn/finite_differences.h"

using namespace lw;
using lw::test::checkGradients;
using lw::test::randomMatrix;

namespace {

struct Golden {
    std::shared_ptr<const SafetensorsFile> file;
    Golden() {
        auto opened = SafetensorsFile::open(std::string(LAYERWALK_TEST_DATA) + "/ops/recurrent_cells.safetensors");
        if (!opened) FAIL(opened.error().message);
        file = *opened;
    }
    Matrix matrix(const std::string& name) const {
        const auto values = file->floats(name);
        if (!values) FAIL(values.error().message);
        const auto& shape = file->find(name)->shape;
        const Eigen::Index rows = shape.size() == 1 ? 1 : static_cast<Eigen::Index>(shape.front());
        return Eigen::Map<const Matrix>(values->data(), rows, static_cast<Eigen::Index>(values->size()) / rows);
    }
};

double apart(const Matrix& a, const Matrix& b) {
    REQUIRE((a.rows() == b.rows() && a.cols() == b.cols()));
    return (a - b).cwiseAbs().maxCoeff() / std::max(1e-6f, b.cwiseAbs().maxCoeff());
}

nn::CellValues step(const std::string& kind, const Tensor& x, const nn::CellWeights& w, Matrix& h, Matrix& c) {
    return kind == "lstm" ? nn::lstm(x, w, h, c) : kind == "gru" ? nn::gru(x, w, h) : nn::rnn(x, w, h);
}

}  // namespace

TEST_CASE("cells: outputs, last states and every gradient of two layers equal PyTorch's") {
    const Golden golden;
    for (const std::string kind : {"rnn", "lstm", "gru"}) {
        std::vector<nn::CellWeights> layers(2);
        std::vector<std::pair<std::string, Weight>> all;
        for (int l = 0; l < 2; ++l) {
            const auto read = [&](const char* name) {
                const std::string whole = name + std::string("_l") + std::to_string(l);
                const Weight weight = Weight::trainable(golden.matrix(kind + "." + whole));
                all.emplace_back(whole, weight);
                return weight;
            };
            layers[static_cast<std::size_t>(l)] = {read("weight_ih"), read("bias_ih"), read("weight_hh"), read("bias_hh")};
        }
        const Tensor x = Tensor::leaf(golden.matrix(kind + ".x"));
        std::vector<Matrix> h(2, Matrix::Zero(1, 7)), c = h;
        Tensor y = x;
        for (std::size_t l = 0; l < 2; ++l) y = step(kind, y, layers[l], h[l], c[l]).h;
        CAPTURE(kind);
        CHECK(apart(y.value(), golden.matrix(kind + ".y")) < 1e-5);
        Matrix last(2, 7);
        last << h[0], h[1];
        CHECK(apart(last, golden.matrix(kind + ".h_n")) < 1e-5);
        if (kind == "lstm") {
            last << c[0], c[1];
            CHECK(apart(last, golden.matrix("lstm.c_n")) < 1e-5);
        }
        // loss = Σ y ⊙ linspace(−1, 1)
        Matrix seed(19, 7);
        for (Eigen::Index i = 0; i < seed.size(); ++i)
            seed.data()[i] = static_cast<float>(-1 + 2.0 * static_cast<double>(i) / 132);
        y.backward(seed);
        CHECK(apart(x.grad(), golden.matrix(kind + ".grad.x")) < 1e-5);
        for (const auto& [name, weight] : all) {
            CAPTURE(name);
            CHECK(apart(weight.leaf().grad(), golden.matrix(kind + ".grad." + name)) < 1e-5);
        }
    }
}

TEST_CASE("cells: worked numbers, all weights 1") {
    const Weight one = Weight::fromMatrix(Matrix::Ones(4, 1)), three = Weight::fromMatrix(Matrix::Ones(3, 1));
    Matrix x(2, 1);
    x << 1, 0;
    Matrix h = Matrix::Zero(1, 1), c = h;
    const nn::CellValues l = nn::lstm(Tensor(x), {one, {}, one, {}}, h, c);
    CHECK(l.i.value()(0, 0) == Approx(.731059).epsilon(0).margin(2e-6));
    CHECK(l.g.value()(0, 0) == Approx(.761594).epsilon(0).margin(2e-6));
    CHECK(l.c.value()(0, 0) == Approx(.556770).epsilon(0).margin(2e-6));
    CHECK(l.h.value()(0, 0) == Approx(.369606).epsilon(0).margin(2e-6));
    CHECK(l.i.value()(1, 0) == Approx(.591364).epsilon(0).margin(2e-6));
    CHECK(l.g.value()(1, 0) == Approx(.353647).epsilon(0).margin(2e-6));
    CHECK(l.c.value()(1, 0) == Approx(.538388).epsilon(0).margin(2e-6));
    CHECK(l.h.value()(1, 0) == Approx(.290813).epsilon(0).margin(2e-6));
    CHECK(l.kept.value()(1, 0) + l.written.value()(1, 0) == Approx(l.c.value()(1, 0)));
    h.setZero();
    const nn::CellValues g = nn::gru(Tensor(x), {three, {}, three, {}}, h);
    CHECK(g.n.value()(0, 0) == Approx(.761594).epsilon(0).margin(2e-6));
    CHECK(g.h.value()(0, 0) == Approx(.204824).epsilon(0).margin(2e-6));
    CHECK(g.r.value()(1, 0) == Approx(.551028).epsilon(0).margin(2e-6));
    CHECK(g.n.value()(1, 0) == Approx(.112387).epsilon(0).margin(2e-6));
    CHECK(g.h.value()(1, 0) == Approx(.163322).epsilon(0).margin(2e-6));
}

TEST_CASE("cells: an open forget gate and a closed input gate keep the cell for 1,000 steps") {
    Matrix bias(1, 4);
    bias << -40, 40, 0, 0;  // i = 0, f = 1
    const Weight zero = Weight::fromMatrix(Matrix::Zero(4, 1)), b = Weight::fromMatrix(bias);
    Matrix h = Matrix::Zero(1, 1), c = Matrix::Constant(1, 1, 0.7f);
    nn::lstm(Tensor(randomMatrix(1000, 1, 1)), {zero, b, zero, {}}, h, c);
    CHECK(c(0, 0) == 0.7f);
}

TEST_CASE("cells: any chunks give the same bits; gradients agree with finite differences") {
    const Matrix x = randomMatrix(6, 3, 1);
    for (const std::string kind : {"rnn", "lstm", "gru"}) {
        CAPTURE(kind);
        const int rows = kind == "lstm" ? 16 : kind == "gru" ? 12 : 4;
        const nn::CellWeights w{Weight::fromMatrix(randomMatrix(rows, 3, 2)), Weight::fromMatrix(randomMatrix(1, rows, 3)),
                                Weight::fromMatrix(randomMatrix(rows, 4, 4) * 0.5f),
                                Weight::fromMatrix(randomMatrix(1, rows, 5))};
        Matrix h = Matrix::Zero(1, 4), c = h, hParts = h, cParts = h;
        const Matrix all = step(kind, Tensor(x), w, h, c).h.value();
        Matrix joined(6, 4);
        joined.topRows(2) = step(kind, Tensor(Matrix(x.topRows(2))), w, hParts, cParts).h.value();
        joined.bottomRows(4) = step(kind, Tensor(Matrix(x.bottomRows(4))), w, hParts, cParts).h.value();
        CHECK(apart(joined, all) < 1e-6);
        CHECK(apart(hParts, h) < 1e-6);
        checkGradients({x}, [&](const auto& in) {
            Matrix start = randomMatrix(1, 4, 6), cell = randomMatrix(1, 4, 7);
            return step(kind, in[0], w, start, cell).h;
        });
    }
}

TEST_CASE("cells: the gradient that reaches back through a linear-like RNN falls with the distance") {
    // Scalar RNN near 0, where tanh is almost linear: |d h_T / d h_t| is about w^(T − t).
    const int T = 30;
    const Weight recurrent = Weight::fromMatrix(Matrix::Constant(1, 1, 0.8f)),
                 input = Weight::trainable(Matrix::Constant(1, 1, 1e-4f));
    Matrix h = Matrix::Zero(1, 1), seed = Matrix::Zero(T, 1);
    seed(T - 1, 0) = 1;
    auto norms = std::make_shared<std::vector<double>>();
    nn::rnn(Tensor(Matrix(Matrix::Ones(T, 1))), {input, {}, recurrent, {}}, h, norms).h.backward(seed);
    REQUIRE(norms->size() == T);
    for (int t = 0; t < T; ++t) CHECK((*norms)[static_cast<std::size_t>(t)] == Approx(std::pow(0.8, T - 1 - t)).epsilon(1e-3));
}
