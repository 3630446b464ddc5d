// What lectures say of memories, shown by the library's own operations: capacity, erasing, forgetting, selection, gradients.
// Expected numbers: worked out by hand or in double precision elsewhere; random ones with a fixed seed and their spread.
#include <algorithm>
#include <cmath>
#include <functional>

#include "core/base/pcg32.h"
#include "core/nn/matrix_state.h"
#include "core/nn/selective_scan.h"
#include "core/tensor/elementwise.h"
#include "tests/catch.h"

using namespace lw;

namespace {

float normal(Pcg32& random) {  // Box–Muller
    const double u = 1 - random.uniform(), v = random.uniform();
    return static_cast<float>(std::sqrt(-2 * std::log(u)) * std::cos(2 * 3.14159265358979323846 * v));
}

Matrix normals(int rows, int columns, Pcg32& random) {
    Matrix m(rows, columns);
    for (Eigen::Index i = 0; i < m.size(); ++i) m.data()[i] = normal(random);
    return m;
}

Matrix unitRows(int rows, int columns, Pcg32& random) {
    Matrix m = normals(rows, columns, random);
    for (int r = 0; r < rows; ++r) m.row(r).normalize();
    return m;
}

enum class Rule { Linear, Delta };

// The memory [K, V] after all pairs were written.
Matrix written(const Matrix& keys, const Matrix& values, Rule rule) {
    Matrix S = Matrix::Zero(keys.cols(), values.cols());
    nn::MatrixStateInputs in{Tensor(keys), Tensor(keys), Tensor(values)};
    if (rule == Rule::Delta) in.erase = in.eraseRead = Tensor(keys);
    nn::matrixState(in, {1, static_cast<int>(keys.cols()), static_cast<int>(values.cols())}, S);
    return S;
}

// Mean over the pairs of ‖k S − v‖ / ‖v‖.
double readError(const Matrix& keys, const Matrix& values, const Matrix& S) {
    const Matrix read = keys * S;
    double sum = 0;
    for (Eigen::Index i = 0; i < keys.rows(); ++i) sum += (read.row(i) - values.row(i)).norm() / values.row(i).norm();
    return sum / static_cast<double>(keys.rows());
}

double meanOver(int trials, const std::function<double(Pcg32&)>& one) {
    Pcg32 random(20);
    double sum = 0;
    for (int i = 0; i < trials; ++i) sum += one(random);
    return sum / trials;
}

double randomKeysError(int pairs, Rule rule) {
    return meanOver(pairs == 2   ? 10'000
                    : pairs < 16 ? 800
                                 : 60,
                    [&](Pcg32& random) {
                        const Matrix keys = unitRows(pairs, 16, random), values = unitRows(pairs, 16, random);
                        return readError(keys, values, written(keys, values, rule));
                    });
}

// Attention over the pairs, asked with `sharpness` times each key.
double softmaxError(int pairs, float sharpness) {
    return meanOver(pairs < 16 ? 800 : 30, [&](Pcg32& random) {
        const Matrix keys = unitRows(pairs, 16, random), values = unitRows(pairs, 16, random);
        Matrix scores = sharpness * keys * keys.transpose();
        for (int i = 0; i < pairs; ++i) softmaxRow(scores.row(i).data(), pairs);
        const Matrix read = scores * values;
        double sum = 0;
        for (int i = 0; i < pairs; ++i) sum += (read.row(i) - values.row(i)).norm() / values.row(i).norm();
        return sum / pairs;
    });
}

}  // namespace

TEST_CASE("softmax lets a new event shrink what was weighted before, linear attention does not") {
    float two[] = {1, 2}, three[] = {1, 2, 4};
    softmaxRow(two, 2);
    softmaxRow(three, 3);
    CHECK(two[0] == Approx(.2689).margin(5e-5));
    CHECK(two[1] == Approx(.7311).margin(5e-5));
    CHECK(three[0] == Approx(.0420).margin(5e-5));
    CHECK(three[1] == Approx(.1142).margin(5e-5));
    CHECK(three[2] == Approx(.8438).margin(5e-5));
    // The third event gets a column of its own: what the query reads of the first two stays the same bits.
    Matrix keys(3, 1), values(3, 3), q(3, 1), S = Matrix::Zero(1, 3);
    keys << 1, 2, 4;
    values.setIdentity();
    q.setOnes();
    const Matrix read = nn::matrixState({Tensor(q), Tensor(keys), Tensor(values)}, {1, 1, 3}, S).value();
    CHECK(read.row(1).head(2) == read.row(2).head(2));
    CHECK(read(2, 0) == 1);
    CHECK(read(2, 1) == 2);
}

TEST_CASE("a linear memory holds d orthogonal pairs exactly, and no more") {
    for (const auto& [pairs, want] : {std::pair{16, 0.0}, {17, .118}, {32, 1.0}, {64, 1.711}}) {
        CAPTURE(pairs);
        const double error = meanOver(40, [&](Pcg32& random) {
            Matrix keys = Matrix::Zero(pairs, 16);
            for (int i = 0; i < pairs; ++i) keys(i, i % 16) = 1;
            const Matrix values = unitRows(pairs, 16, random);
            return readError(keys, values, written(keys, values, Rule::Linear));
        });
        if (want == 0.0) {
            CHECK(error == 0);
        } else {
            CHECK(error == Approx(want).epsilon(.05));
        }
    }
}

TEST_CASE("random keys interfere from the second pair on, in the delta rule less") {
    // Of two pairs the error is c = |k₁·k₂|, in 16 dimensions Γ(8) / (√π Γ(8.5)) = .2026 in the mean. The delta rule reads the
    // last pair exactly and the first one with c √(1 + c²): half of .2026 + ½ Γ(8) / (√π Γ(9.5)).
    for (const auto& [pairs, linear, delta] : {std::tuple{2, .2026, .1073},
                                               {8, .632, .443},
                                               {16, .952, .682},
                                               {32, 1.366, .955},
                                               {64, 1.949, 1.171},
                                               {128, 2.760, 1.284}}) {
        CAPTURE(pairs);
        const double plain = randomKeysError(pairs, Rule::Linear), erased = randomKeysError(pairs, Rule::Delta);
        CHECK(plain == Approx(linear).epsilon(.05));
        CHECK(erased == Approx(delta).epsilon(.05));
        CHECK(erased < plain);
    }
}

TEST_CASE("softmax too recalls exactly only as sharply as it is asked") {
    CHECK(softmaxError(2, 4) == Approx(.039).epsilon(.1));
    CHECK(softmaxError(128, 4) == Approx(.797).epsilon(.05));
    for (const int pairs : {2, 16, 128}) CHECK(softmaxError(pairs, 20) <= .0021);
}

TEST_CASE("one step of DeltaNet is one step of gradient descent on ½‖k S − v‖²") {
    Pcg32 random(3);
    const int K = 5, V = 4;
    const Matrix before = normals(K, V, random), k = unitRows(1, K, random), v = normals(1, V, random);
    const float beta = .3f;
    Matrix S = before;
    nn::matrixState({Tensor(k), Tensor(Matrix(beta * k)), Tensor(v), {}, Tensor(Matrix(beta * k)), Tensor(k)}, {1, K, V}, S);
    const auto loss = [&](const MatrixD& at) { return .5 * (k.cast<double>() * at - v.cast<double>()).squaredNorm(); };
    for (int i = 0; i < K; ++i) {
        for (int j = 0; j < V; ++j) {
            MatrixD up = before.cast<double>(), down = up;
            up(i, j) += 1e-4;
            down(i, j) -= 1e-4;
            const double slope = (loss(up) - loss(down)) / 2e-4;
            CHECK(static_cast<double>(S(i, j)) ==
                  Approx(static_cast<double>(before(i, j)) - static_cast<double>(beta) * slope).margin(2e-6));
        }
    }
}

TEST_CASE("retention forgets at a constant rate: the log weight falls by ln γ a token, half-lives as computed") {
    for (const auto& [gamma, halfLife] : {std::pair{.96875, 21.8}, {.984375, 44.0}, {.9921875, 88.4}, {.99609375, 177.1}}) {
        CAPTURE(gamma);
        const int T = 400;
        Matrix key = Matrix::Ones(T, 1), values = Matrix::Zero(T, 1), S = Matrix::Zero(1, 1);
        values(0, 0) = 1;  // only the first token writes: what is read later is its weight
        const Matrix read = nn::matrixState({Tensor(key), Tensor(key), Tensor(values),
                                             Tensor(Matrix(Matrix::Constant(T, 1, static_cast<float>(gamma))))},
                                            {1, 1, 1}, S)
                                .value();
        int half = 0;
        while (read(half, 0) > .5f) ++half;
        const double exact = std::log(.5) / std::log(gamma);
        CHECK(exact == Approx(halfLife).margin(.05));
        CHECK(half == static_cast<int>(std::ceil(exact)));
        for (const int age : {1, 50, 300})
            CHECK(std::log(static_cast<double>(read(age, 0))) / age == Approx(std::log(gamma)).epsilon(1e-5));
    }
}

TEST_CASE("a content-dependent gate keeps a memory or wipes it at one token") {
    const int T = 4;
    Matrix key = Matrix::Ones(T, 1), values(T, 1), decay(T, 1), S = Matrix::Zero(1, 1);
    values << 7, 0, 0, 0;
    decay << 1, std::exp(-1e-4f), std::exp(-30.0f), 1;
    const Matrix read = nn::matrixState({Tensor(key), Tensor(key), Tensor(values), Tensor(decay)}, {1, 1, 1}, S).value();
    CHECK(read(1, 0) == Approx(7).epsilon(2e-4));
    CHECK(std::abs(read(2, 0)) < 1e-11f);
    CHECK(std::abs(read(3, 0)) < 1e-11f);
}

TEST_CASE("a selective scan lets noise pass, a time-invariant one cannot") {
    // Δ of noise tokens: softplus(−10) = 4.54e-5 if the model may choose, .1 if it is the same for every token.
    Pcg32 random(5);
    const int T = 100;
    const Matrix noise = normals(T, 1, random), ones = Matrix::Ones(T, 1), A = -Matrix::Ones(1, 1);
    float chosen = 0;
    const float raw = -10;
    softplus(&raw, &chosen, 1);
    CHECK(chosen == Approx(4.54e-5).epsilon(1e-3));
    const auto kept = [&](float delta) {  // of the state before: what differs with and without it
        Matrix with = Matrix::Ones(1, 1), without = Matrix::Zero(1, 1);
        const Tensor d(Matrix(Matrix::Constant(T, 1, delta)));
        nn::selectiveScan(Tensor(noise), d, Tensor(A), Tensor(ones), Tensor(ones), with);
        nn::selectiveScan(Tensor(noise), d, Tensor(A), Tensor(ones), Tensor(ones), without);
        return static_cast<double>(with(0, 0)) - static_cast<double>(without(0, 0));
    };
    CHECK(kept(chosen) == Approx(.9955).margin(5e-5));
    CHECK(kept(.1f) == Approx(4.54e-5).margin(1e-6));
    // Near 1 only where Δ and n are small: e^{−Δn}, of one step.
    CHECK(std::exp(-.001 * 1) == Approx(.999).margin(5e-4));
    CHECK(std::exp(-.1 * 16) == Approx(.2019).margin(5e-5));
}

TEST_CASE("gradients through a linear recurrence: weights near 1, and what is not") {
    for (const auto& [w, hundred] : {std::pair{.5, 7.9e-31},
                                     {.9, 2.66e-5},
                                     {.99, .366},
                                     {.999, .905},
                                     {1.0, 1.0},
                                     {1.01, 2.70},
                                     {1.1, 13'780.6},
                                     {1.5, 4.07e17}}) {
        CAPTURE(w);
        const int T = 101;
        Matrix one = Matrix::Ones(T, 1), q = Matrix::Zero(T, 1), S = Matrix::Zero(1, 1);
        q(T - 1, 0) = 1;  // the loss reads the last state alone
        auto norms = std::make_shared<std::vector<double>>();
        nn::matrixState(
            {Tensor(q), Tensor(one), Tensor::leaf(one), Tensor(Matrix(Matrix::Constant(T, 1, static_cast<float>(w))))}, {1, 1, 1},
            S, norms)
            .backward(Matrix::Ones(T, 1));
        REQUIRE(norms->size() == static_cast<std::size_t>(T));
        CHECK(norms->front() == Approx(hundred).epsilon(.005));
        CHECK(std::log(norms->front() / (*norms)[50]) / 50 == Approx(std::log(w)).margin(1e-4));
    }
}
