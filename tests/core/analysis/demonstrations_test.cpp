// What lectures say of memories, shown by the library's own operations: capacity, erasing, forgetting, selection, gradients.
// Expected numbers: worked out by hand or in double precision elsewhere; random ones with a fixed seed and their spread.
#include <algorithm>
#include <cmath>
#include <functional>

#include "core/analysis/double_run.h"
#include "core/base/pcg32.h"
#include "core/nn/gates.h"
#include "core/nn/matrix_state.h"
#include "core/nn/recurrent_cells.h"
#include "core/nn/selective_scan.h"
#include "core/tensor/elementwise.h"
#include "tests/core/models/model_gradients.h"
#include "tests/core/models/small_configs.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;

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
    return meanOver(pairs == 2   ? 40'000
                    : pairs < 16 ? 800
                                 : 30,
                    [&](Pcg32& random) {
                        const Matrix keys = unitRows(pairs, 16, random), values = unitRows(pairs, 16, random);
                        Matrix scores = sharpness * keys * keys.transpose();
                        for (int i = 0; i < pairs; ++i) softmaxRow(scores.row(i).data(), pairs);
                        const Matrix read = scores * values;
                        double sum = 0;
                        for (int i = 0; i < pairs; ++i) sum += (read.row(i) - values.row(i)).norm() / values.row(i).norm();
                        return sum / pairs;
                    });
}

// The mean of f(c) over c = k₁·k₂ of random unit vectors in 16 dimensions, whose density is proportional to (1 − c²)^6.5.
double meanOverCosines(const std::function<double(double)>& f) {
    constexpr int points = 20'000;
    double sum = 0, whole = 0;
    for (int i = 0; i < points; ++i) {
        const double c = (2.0 * i + 1) / points - 1, density = std::pow(1 - c * c, 6.5);
        sum += density * f(c);
        whole += density;
    }
    return sum / whole;
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
    // The maths sheet has .215 and .112 there, each 6 and 4 % above: means of a few random draws, as its other numbers are; those
    // of more pairs are means of more reads. The exact values are kept here.
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

TEST_CASE("softmax of two pairs asked with four times a key errs by .0392 in the mean") {
    // By the weight of the other value, which depends on the keys alone, times the distance of the two values.
    const double otherWeight = meanOverCosines([](double c) {
        float scores[] = {4, static_cast<float>(4 * c)};
        softmaxRow(scores, 2);
        return static_cast<double>(scores[1]);
    });
    const double distance = meanOverCosines([](double c) { return std::sqrt(2 - 2 * c); });
    CHECK(otherWeight == Approx(meanOverCosines([](double c) { return 1 / (1 + std::exp(4 - 4 * c)); })).epsilon(1e-6));
    const double exact = otherWeight * distance;
    CHECK(exact == Approx(.039207).epsilon(0).margin(5e-7));
    CHECK(exact == Approx(.039).margin(5e-4));  // the maths sheet's digits
    // 40,000 random draws, whose mean has a standard error of half a percent.
    CHECK(softmaxError(2, 4) == Approx(exact).epsilon(.015));
}

TEST_CASE("softmax too recalls exactly only as sharply as it is asked") {
    CHECK(softmaxError(128, 4) == Approx(.797).epsilon(.05));
    for (const int pairs : {2, 16, 128}) CHECK(softmaxError(pairs, 20) <= .0021);
}

TEST_CASE("softmax: a query of length 18 to 33 puts more than .99 on its key among up to 1,024") {
    // How long it must be depends on the draw and grows with the keys. Of 1,024 unit keys in 16 dimensions 18 is enough for 4.8
    // %, 33 for 99.5 % (the mean of 12 draws, computed in double elsewhere; a draw's own share is within 1 or 2 of a hundred).
    const auto shareAbove = [](int pairs, float length) {
        return meanOver(4096 / pairs, [&](Pcg32& random) {
            const Matrix keys = unitRows(pairs, 16, random);
            Matrix scores = length * keys * keys.transpose();
            int above = 0;
            for (int i = 0; i < pairs; ++i) {
                softmaxRow(scores.row(i).data(), pairs);
                above += scores(i, i) > .99f;
            }
            CHECK((scores.array() > 0).all());  // an exact one-hot is never reached
            return static_cast<double>(above) / pairs;
        });
    };
    for (const int pairs : {2, 16, 128}) CHECK(shareAbove(pairs, 33) > .995);
    CHECK(shareAbove(1024, 33) == Approx(.995).margin(.004));
    CHECK(shareAbove(1024, 18) == Approx(.048).margin(.01));
}

TEST_CASE("one step of DeltaNet in double is one step of gradient descent to 1e-15") {
    // S_t = S' − β ∇½‖k S' − v‖², S' the memory before, which Gated DeltaNet lets fade first. The loss is quadratic, so that its
    // central difference is its slope at any step length: with 1, only rounding is left.
    const std::vector<TokenId> ids{3, 1, 4, 1, 5, 9, 2, 6};
    for (const char* type : {"delta_net", "gated_delta_net"}) {
        const auto model = makeModel(memoryConfig(type));
        for (const int t : {1, 4, 7}) {
            CAPTURE(type, t);
            const auto at = [&](int position, SiteId site, int head) {
                MatrixD value;
                DoubleRunRequest request;
                request.ids = ids;
                request.stateOf = Position(position);
                request.see = [&](const DoubleSite& seen) {
                    if (seen.site == site && seen.layer == Layer(0) && (seen.head == head || seen.head < 0)) value = seen.value;
                    return true;
                };
                REQUIRE(doubleRun(*model, request));
                return value;
            };
            for (const int head : {0, 1}) {
                const RowVectorD k = at(t, SiteId::MixerK, head).row(t).segment(4 * head, 4),
                                 v = at(t, SiteId::MixerV, head).row(t).segment(4 * head, 4);
                const double beta = at(t, SiteId::MixerBeta, head)(t, head);
                const MatrixD logDecay = at(t, SiteId::MixerLogDecay, head), after = at(t, SiteId::MixerS, head);
                MatrixD before = at(t - 1, SiteId::MixerS, head);
                if (logDecay.size() > 0) before *= std::exp(logDecay(t, head));
                const auto loss = [&](const MatrixD& S) { return .5 * (k * S - v).squaredNorm(); };
                double worst = 0;
                for (Eigen::Index i = 0; i < before.size(); ++i) {
                    MatrixD up = before, down = before;
                    up.data()[i] += 1;
                    down.data()[i] -= 1;
                    const double slope = (loss(up) - loss(down)) / 2;
                    widen(worst, std::abs(after.data()[i] - (before.data()[i] - beta * slope)));
                }
                INFO("largest difference " << worst << ", largest entry " << after.cwiseAbs().maxCoeff());
                CHECK((after - before).cwiseAbs().maxCoeff() > 1e-3);
                CHECK(worst <= 1e-15 * std::max(1.0, after.cwiseAbs().maxCoeff()));
            }
        }
    }
}

TEST_CASE("one step of DeltaNet in float is one step of gradient descent on ½‖k S − v‖²") {
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
                  Approx(static_cast<double>(before(i, j)) - static_cast<double>(beta) * slope).epsilon(0).margin(3e-7));
        }
    }
}

TEST_CASE("retention forgets at a constant rate: the log weight falls by ln γ a token, half-lives as computed") {
    // The eight heads of a RetNet, γ_h = 1 − 2^(−5−h), as the model itself shows them.
    nlohmann::json config = with(with(memoryConfig("retnet"), "num_heads", 8), "head_dim", 2);
    const auto model = makeModel(config);
    const auto shown = run(*model, {3, 1}, CaptureSpec::all(model->info()));
    REQUIRE(shown);
    const double halfLives[] = {21.8, 44.0, 88.4, 177.1, 354.5, 709.4, 1419.2, 2838.8};
    for (int h = 0; h < 8; ++h) {
        const double gamma = 1 - std::exp2(-5 - h), halfLife = halfLives[h];
        CAPTURE(gamma);
        CHECK(shown->trace->matrix(SiteId::MixerLogDecay, Layer(1))(1, h) == Approx(std::log(gamma)).epsilon(1e-6));
        const int T = 3000;
        Matrix key = Matrix::Ones(T, 1), values = Matrix::Zero(T, 1), S = Matrix::Zero(1, 1);
        values(0, 0) = 1;  // only the first token writes: what is read later is its weight
        const Matrix read = nn::matrixState({Tensor(key), Tensor(key), Tensor(values),
                                             Tensor(Matrix(Matrix::Constant(T, 1, static_cast<float>(gamma))))},
                                            {1, 1, 1}, S)
                                .value();
        int half = 0;
        while (half < T && read(half, 0) > .5f) ++half;
        const double exact = std::log(.5) / std::log(gamma);
        CHECK(exact == Approx(halfLife).margin(.05));
        CHECK(half == static_cast<int>(std::ceil(exact)));
        for (const int age : {1, 50, 300, 2900}) {
            if (age > 40 * halfLife) continue;  // less is left than float can hold
            const double logWeight = std::log(static_cast<double>(read(age, 0)));
            CHECK(logWeight ==
                  Approx(age * std::log(gamma)).epsilon(0).margin(age * std::exp2(-24)));  // half a last place a product
        }
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
    CHECK(kept(.1f) == Approx(4.54e-5).epsilon(0).margin(1e-6));
}

TEST_CASE("a new Mamba keeps between .999 and .2019 of each number a step: near 1 only where Δ and n are small") {
    const auto model = makeModel({{"model_type", "mamba"}, {"vocab_size", 11}, {"hidden_size", 256}, {"num_hidden_layers", 1}});
    const Weight &aLog = model->weight(WeightId::MixerALog), &bias = model->weight(WeightId::MixerDtBias);
    const int E = 512, N = 16;
    REQUIRE((aLog.rows() == E && aLog.cols() == N && bias.cols() == E));
    // What one step leaves of a state of ones when nothing is written: Ā = e^{ΔA}.
    const auto kept = [&](const Tensor& delta) {
        Matrix state = Matrix::Ones(E, N);
        const Matrix nothing = Matrix::Zero(1, E), none = Matrix::Zero(1, N);
        nn::selectiveScan(Tensor(nothing), delta, nn::negativeExp(aLog), Tensor(none), Tensor(none), state);
        return state;
    };
    const auto everywhere = [&](float delta) { return kept(Tensor(Matrix(Matrix::Constant(1, E, delta)))); };
    CHECK(everywhere(.001f).col(0).minCoeff() == Approx(std::exp(-.001)).epsilon(1e-6));
    CHECK(everywhere(.001f).col(0).maxCoeff() == Approx(.999).epsilon(0).margin(1e-6));
    CHECK(everywhere(.1f).col(15).minCoeff() == Approx(std::exp(-1.6)).epsilon(1e-6));
    CHECK(everywhere(.1f).col(15).maxCoeff() == Approx(.2019).margin(5e-5));
    // Its own steps: from .001 to .1, evenly in their logarithm; of 512 the least and the largest are within 5 % of the ends.
    const Tensor delta = nn::softplus(Tensor(bias.toMatrix()));
    CHECK(delta.value().minCoeff() >= .001f * (1 - 1e-4f));
    CHECK(delta.value().maxCoeff() <= .1f * (1 + 1e-4f));
    const RowVectorD logs = delta.value().row(0).cast<double>().array().log().matrix();
    CHECK(logs.mean() == Approx(std::log(.01)).margin(4 * std::log(100.0) / std::sqrt(12.0 * E)));
    const Matrix own = kept(delta);
    CHECK(own.maxCoeff() <= .9990006f);
    CHECK(own.maxCoeff() == Approx(.999).margin(6e-5));
    CHECK(own.minCoeff() >= .2018f);
    CHECK(own.minCoeff() == Approx(.2019).epsilon(.08));
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

TEST_CASE("gradients through a linear recurrence: at .999 a thousand steps leave .368") {
    const int T = 1001;
    Matrix one = Matrix::Ones(T, 1), q = Matrix::Zero(T, 1), S = Matrix::Zero(1, 1);
    q(T - 1, 0) = 1;
    auto norms = std::make_shared<std::vector<double>>();
    nn::matrixState({Tensor(q), Tensor(one), Tensor::leaf(one), Tensor(Matrix(Matrix::Constant(T, 1, .999f)))}, {1, 1, 1}, S,
                    norms)
        .backward(Matrix::Ones(T, 1));
    REQUIRE(norms->size() == static_cast<std::size_t>(T));
    CHECK(norms->front() == Approx(std::pow(.999, 1000)).epsilon(1e-4));
    CHECK(norms->front() == Approx(.368).margin(5e-4));
}

TEST_CASE("gradients through an LSTM: along the cell path they are the product of the forget gates") {
    // One unit for 1,000 steps; its forget gate is σ(ln 999 + x/2), .999 where the input is 0. A cell is linear in the cell
    // before while the gates do not see it, so that the difference of two runs, from c = 1 and from c = 0, is the slope itself.
    const int T = 1000;
    Pcg32 random(4);
    const Matrix x = normals(T, 1, random);
    Matrix input(4, 1), bias(1, 4);  // gates i, f, g, o
    bias << -2, std::log(999.0f), 0, 0;
    const auto slope = [&](float fromInput, const Matrix& recurrent) {
        input << .3f, fromInput, .5f, 0;
        const nn::CellWeights w{Weight::fromMatrix(input), Weight::fromMatrix(bias), Weight::fromMatrix(recurrent), {}};
        Matrix ends[2];
        for (const int start : {0, 1}) {
            Matrix h = Matrix::Zero(1, 1);
            ends[start] = Matrix::Constant(1, 1, static_cast<float>(start));
            nn::lstm(Tensor(x), w, h, ends[start]);
        }
        return static_cast<double>(ends[1](0, 0)) - static_cast<double>(ends[0](0, 0));
    };
    const Matrix blind = Matrix::Zero(4, 1);
    CHECK(slope(0, blind) == Approx(std::pow(.999, T)).epsilon(1e-4));
    CHECK(slope(0, blind) == Approx(.368).margin(5e-4));
    double product = 1;
    for (int t = 0; t < T; ++t) product *= 1 / (1 + std::exp(-(std::log(999.0) + .5 * static_cast<double>(x(t, 0)))));
    CHECK(product < .36);
    CHECK(slope(.5f, blind) == Approx(product).epsilon(1e-4));
    // Where the gates read what the cell showed, that product is one of several paths.
    CHECK(std::abs(slope(.5f, Matrix::Constant(4, 1, .2f)) - product) > .01);
}
