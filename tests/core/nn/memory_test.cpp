// The operations that mixers are made of: against reference arrays, against each other's forms, and finite differences.
#include <cmath>

#include "core/formats/safetensors.h"
#include "core/nn/add.h"
#include "core/nn/causal_conv.h"
#include "core/nn/expert_routing.h"
#include "core/nn/gates.h"
#include "core/nn/head_norm.h"
#include "core/nn/matrix_state.h"
#include "core/nn/normalised_read.h"
#include "core/nn/selective_scan.h"
#include "core/tensor/diagonal_ssm.h"
#include "tests/core/nn/finite_differences.h"

using namespace lw;
using lw::test::checkGradients;
using lw::test::randomMatrix;

namespace {

struct Golden {
    std::shared_ptr<const SafetensorsFile> file;
    Golden() {
        auto opened = SafetensorsFile::open(std::string(LAYERWALK_TEST_DATA) + "/ops/linear_attention_family.safetensors");
        if (!opened) FAIL(opened.error().message);
        file = *opened;
    }
    // The first axis as rows, the others joined.
    Matrix matrix(const std::string& name) const {
        const auto values = file->floats(name);
        if (!values) FAIL(values.error().message);
        const auto rows = static_cast<Eigen::Index>(file->find(name)->shape.front());
        return Eigen::Map<const Matrix>(values->data(), rows, static_cast<Eigen::Index>(values->size()) / rows);
    }
};

constexpr nn::MatrixStateShape shape{2, 6, 5};
const float readScale = 1 / std::sqrt(6.0f);

double difference(const Matrix& a, const Matrix& b) {
    REQUIRE(a.size() == b.size());
    return (Eigen::Map<const Matrix>(a.data(), 1, a.size()) - Eigen::Map<const Matrix>(b.data(), 1, b.size()))
               .cwiseAbs()
               .maxCoeff() /
           std::max(1e-6f, b.cwiseAbs().maxCoeff());
}

void compare(const Golden& golden, const std::string& name, const nn::MatrixStateInputs& in) {
    INFO(name);
    Matrix state = Matrix::Zero(12, 5);
    CHECK(difference(nn::matrixState(in, shape, state).value(), golden.matrix(name + ".o")) < 1e-5);
    if (golden.file->find(name + ".state")) CHECK(difference(state, golden.matrix(name + ".state")) < 1e-5);
}

}  // namespace

TEST_CASE("matrix state: every kind of the family equals its reference") {
    const Golden golden;
    const Tensor q = nn::scale(Tensor(golden.matrix("q")), readScale), k(golden.matrix("k")), v(golden.matrix("v"));
    const Tensor decay = nn::exp(Tensor(golden.matrix("log_decay"))), beta(golden.matrix("beta"));
    compare(golden, "linear", {q, k, v});
    compare(golden, "scalar_decay", {q, k, v, decay});
    compare(golden, "gla", {q, k, v, nn::exp(Tensor(golden.matrix("log_decay_per_key")))});
    Matrix gamma(19, 2);
    gamma.col(0).setConstant(1 - std::exp2(-5.0f));
    gamma.col(1).setConstant(1 - std::exp2(-6.0f));
    compare(golden, "retention", {q, k, v, Tensor(gamma)});
    compare(golden, "delta", {q, nn::scaleHeads(k, beta), v, {}, nn::scaleHeads(k, beta), k});
    compare(golden, "gated_delta", {q, nn::scaleHeads(k, beta), v, decay, nn::scaleHeads(k, beta), nn::scaleHeads(k, decay)});
}

TEST_CASE("normalised read: linear attention with elu + 1 equals its reference") {
    const Golden golden;
    const Tensor q = nn::scale(nn::eluPlusOne(Tensor(golden.matrix("q"))), readScale),
                 k = nn::eluPlusOne(Tensor(golden.matrix("k"))), v = nn::withOnes(Tensor(golden.matrix("v")), 2);
    Matrix state = Matrix::Zero(12, 6);  // the sums of the keys are the column after the values
    const Tensor sums = nn::matrixState({q, k, v}, {2, 6, 6}, state);
    CHECK(difference(nn::divideByLast(sums, 2, 1e-10f).value(), golden.matrix("elu_plus_one_normalised.o")) < 1e-6);
    CHECK(difference(state.leftCols(5), golden.matrix("elu_plus_one_normalised.state")) < 1e-6);
    CHECK(difference(state.rightCols(1), golden.matrix("elu_plus_one_normalised.z")) < 1e-6);
}

TEST_CASE("normalised read: each operation by its definition, gradients") {
    // From both sides of φ's joint, of which every entry is farther than the steps of the differences reach: the slope is
    // continuous there, the curvature is not.
    Matrix x = randomMatrix(4, 6, 11);
    x = x.unaryExpr([](float v) { return std::abs(v) < 0.05f ? std::copysign(0.05f, v) : v; });
    CHECK((x.array() > 0).any());
    CHECK((x.array() < 0).any());
    const Matrix phi = nn::eluPlusOne(Tensor(x)).value(), ones = nn::withOnes(Tensor(x), 2).value(),
                 read = nn::divideByLast(Tensor(x), 2, 0.5f).value();
    REQUIRE(ones.cols() == 8);
    REQUIRE(read.cols() == 4);
    for (int t = 0; t < 4; ++t) {
        for (int i = 0; i < 6; ++i) {
            const double value = x(t, i);
            CHECK(phi(t, i) == Approx(1 + (value > 0 ? value : std::expm1(value))).epsilon(1e-6));
            CHECK(ones(t, i + i / 3) == x(t, i));
        }
        for (const int h : {0, 1}) {
            CHECK(ones(t, 4 * h + 3) == 1);
            for (const int i : {0, 1})
                CHECK(read(t, 2 * h + i) == Approx(x(t, 3 * h + i) / (static_cast<double>(x(t, 3 * h + 2)) + 0.5)).epsilon(1e-6));
        }
    }
    checkGradients({x}, [](const auto& in) { return nn::eluPlusOne(in[0]); });
    checkGradients({x}, [](const auto& in) { return nn::withOnes(in[0], 2); });
    const Matrix positive = x.array().abs() + 0.5f;  // as sums of positive keys are
    checkGradients({positive}, [](const auto& in) { return nn::divideByLast(in[0], 2, 1e-3f); });
    const Matrix q = randomMatrix(5, 6, 1), k = randomMatrix(5, 6, 2), v = randomMatrix(5, 8, 3);
    checkGradients({q, k, v}, [](const auto& in) {
        Matrix state = Matrix::Zero(6, 5);
        const Tensor sums =
            nn::matrixState({nn::eluPlusOne(in[0]), nn::eluPlusOne(in[1]), nn::withOnes(in[2], 2)}, {2, 3, 5}, state);
        return nn::divideByLast(sums, 2, 1e-10f);
    });
}

TEST_CASE("matrix state: the worked steps of DeltaNet and gated linear attention") {
    // Delta: k₁ = (1,0), v₁ = (2,3), β₁ = 1; k₂ = (.6,.8), v₂ = (1,−1), β₂ = .5; q₂ = (0,1).
    Matrix k(2, 2), write(2, 2), v(2, 2), q(2, 2);
    k << 1, 0, .6f, .8f;
    write << 1, 0, .3f, .4f;
    v << 2, 3, 1, -1;
    q << 0, 0, 0, 1;
    Matrix S = Matrix::Zero(2, 2);
    const Matrix o = nn::matrixState({Tensor(q), Tensor(write), Tensor(v), {}, Tensor(write), Tensor(k)}, {1, 2, 2}, S).value();
    CHECK(o(1, 0) == Approx(-.08f).epsilon(0).margin(1e-6));
    CHECK(o(1, 1) == Approx(-1.12f).epsilon(0).margin(1e-6));
    Matrix want(2, 2);
    want << 1.94f, 2.16f, -.08f, -1.12f;
    CHECK(difference(S, want) < 1e-6);
    // GLA: the decay scales rows of S.
    S << 2, 3, 4, 5;
    Matrix alpha(1, 2), key(1, 2), value(1, 2), none = Matrix::Zero(1, 2);
    alpha << .5f, .25f;
    key << 1, 2;
    value << 1, 0;
    nn::matrixState({Tensor(none), Tensor(key), Tensor(value), Tensor(alpha)}, {1, 2, 2}, S);
    want << 2, 1.5f, 3, 1.25f;
    CHECK(difference(S, want) < 1e-6);
    // One key, 3 then 5: β = 1 replaces, linear attention adds.
    const Matrix one = Matrix::Ones(2, 1);
    Matrix values(2, 1);
    values << 3, 5;
    Matrix s = Matrix::Zero(1, 1);
    CHECK(nn::matrixState({Tensor(one), Tensor(one), Tensor(values), {}, Tensor(one), Tensor(one)}, {1, 1, 1}, s).value()(1, 0) ==
          5);
    s.setZero();
    CHECK(nn::matrixState({Tensor(one), Tensor(one), Tensor(values)}, {1, 1, 1}, s).value()(1, 0) == 8);
}

TEST_CASE("matrix state: half a step, half kept: one key, 3 then 5") {
    const Matrix one = Matrix::Ones(2, 1), half = Matrix::Constant(2, 1, .5f);
    Matrix values(2, 1);
    values << 3, 5;
    Matrix s = Matrix::Zero(1, 1);
    // DeltaNet, β = .5: half of the way to 3, then half of the way to 5.
    const Matrix delta =
        nn::matrixState({Tensor(one), Tensor(half), Tensor(values), {}, Tensor(half), Tensor(one)}, {1, 1, 1}, s).value();
    CHECK(delta(0, 0) == 1.5f);
    CHECK(delta(1, 0) == 3.25f);
    // Retention, γ = .5: half of what was there, and the new value.
    s.setZero();
    const Matrix retained = nn::matrixState({Tensor(one), Tensor(one), Tensor(values), Tensor(half)}, {1, 1, 1}, s).value();
    CHECK(retained(0, 0) == 3);
    CHECK(retained(1, 0) == 6.5f);
}

TEST_CASE("matrix state: unit vectors as values read the weights of the positions") {
    // As in the worked step of DeltaNet, but value j is the j-th unit vector, so that what row 2 reads are its weights.
    Matrix k(2, 2), write(2, 2), q(2, 2), v(2, 2);
    k << 1, 0, .6f, .8f;
    write << 1, 0, .3f, .4f;
    q << 0, 0, 0, 1;
    v << 2, 3, 1, -1;
    Matrix S = Matrix::Zero(2, 2);
    const Tensor unit(Matrix(Matrix::Identity(2, 2)));
    const Matrix exact = nn::matrixState({Tensor(q), Tensor(write), unit, {}, Tensor(write), Tensor(k)}, {1, 2, 2}, S).value();
    CHECK(exact(1, 0) == Approx(-.24).epsilon(0).margin(1e-7));
    CHECK(exact(1, 1) == Approx(.4).epsilon(0).margin(1e-7));
    // Without what the second step erases the weights would be β (q · k): another read.
    S.setZero();
    const Matrix uncorrected = nn::matrixState({Tensor(q), Tensor(write), unit}, {1, 2, 2}, S).value();
    CHECK(uncorrected(1, 0) == 0);
    CHECK(uncorrected(1, 1) == Approx(.4).epsilon(0).margin(1e-7));
    CHECK(difference((uncorrected * v).row(1), (Matrix(1, 2) << .4f, -.4f).finished()) < 1e-6);
    CHECK(difference((exact * v).row(1), (Matrix(1, 2) << -.08f, -1.12f).finished()) < 1e-6);
}

TEST_CASE("matrix state: any chunks give the same bits, gradients agree with finite differences") {
    const Matrix q = randomMatrix(7, 6, 1), w = randomMatrix(7, 6, 2), v = randomMatrix(7, 8, 3), r = randomMatrix(7, 6, 6);
    const Matrix perHead = randomMatrix(7, 2, 4).array() * 0.1f + 0.8f, perKey = randomMatrix(7, 6, 5).array() * 0.1f + 0.8f;
    const Matrix e = randomMatrix(7, 6, 7) * 0.3f;
    constexpr nn::MatrixStateShape small{2, 3, 4};
    for (const Matrix& decay : {perHead, perKey}) {
        const auto rows = [&](const Matrix& m, int first, int n) { return Tensor(Matrix(m.middleRows(first, n))); };
        const auto part = [&](int first, int n, Matrix& state) {
            return nn::matrixState({rows(q, first, n), rows(w, first, n), rows(v, first, n), rows(decay, first, n),
                                    rows(e, first, n), rows(r, first, n)},
                                   small, state)
                .value();
        };
        Matrix whole = Matrix::Zero(6, 4), parts = whole;
        const Matrix all = part(0, 7, whole);
        Matrix joined(7, 8);
        joined << part(0, 3, parts), part(3, 1, parts), part(4, 3, parts);
        CHECK(joined == all);
        CHECK(whole == parts);
        // A run that keeps its states for the way back gives the same, and leaves the same state.
        Matrix learning = Matrix::Zero(6, 4);
        const Tensor learned =
            nn::matrixState({Tensor::leaf(q), Tensor(w), Tensor(v), Tensor(decay), Tensor(e), Tensor(r)}, small, learning);
        CHECK(learned.value() == all);
        CHECK(learning == whole);
        checkGradients({q, w, v, decay, e, r}, [&](const auto& in) {
            Matrix state = randomMatrix(6, 4, 8);
            return nn::matrixState({in[0], in[1], in[2], in[3], in[4], in[5]}, small, state);
        });
        checkGradients({q, w, v, decay}, [&](const auto& in) {
            Matrix state = Matrix::Zero(6, 4);
            return nn::matrixState({in[0], in[1], in[2], in[3]}, small, state);
        });
    }
}

TEST_CASE("matrix state: the norm of the state's gradient, of a linear scalar state") {
    // S_t = w S_{t−1} + x: d loss / d S_t = w^(T−1−t) for a loss that reads the last state alone.
    const int T = 20;
    Matrix decay = Matrix::Constant(T, 1, 0.9f), one = Matrix::Ones(T, 1), q = Matrix::Zero(T, 1);
    q(T - 1, 0) = 1;
    auto norms = std::make_shared<std::vector<double>>();
    Matrix state = Matrix::Zero(1, 1);
    const Tensor leaf = Tensor::leaf(one);
    nn::matrixState({Tensor(q), Tensor(one), leaf, Tensor(decay)}, {1, 1, 1}, state, norms).backward(one);
    REQUIRE(norms->size() == T);
    for (int t = 0; t < T; ++t) CHECK((*norms)[static_cast<std::size_t>(t)] == Approx(std::pow(0.9, T - 1 - t)).epsilon(1e-5));
}

TEST_CASE("selective scan: the worked example, chunks, gradients") {
    // E = N = 1, Δ = ln 2, A = −1, B = C = 1: u = 1, 0, 0, 2 → h = .693147, .346574, .173287, 1.472938
    Matrix u(4, 1), delta = Matrix::Constant(4, 1, std::log(2.0f)), one = Matrix::Ones(4, 1), h = Matrix::Zero(1, 1);
    u << 1, 0, 0, 2;
    const Matrix y =
        nn::selectiveScan(Tensor(u), Tensor(delta), Tensor(Matrix(-Matrix::Ones(1, 1))), Tensor(one), Tensor(one), h).value();
    const double want[] = {.693147, .346574, .173287, 1.472938};
    for (int t = 0; t < 4; ++t) CHECK(y(t, 0) == Approx(want[t]).epsilon(0).margin(2e-6));
    CHECK(h(0, 0) == y(3, 0));
    // With the direct path, D = 1.
    const Matrix out = nn::add(Tensor(y), nn::scaleColumns(Tensor(u), Weight::fromMatrix(Matrix(Matrix::Ones(1, 1))))).value();
    const double wantOut[] = {1.693147, .346574, .173287, 3.472938};
    for (int t = 0; t < 4; ++t) CHECK(out(t, 0) == Approx(wantOut[t]).epsilon(0).margin(7e-7));  // half a digit, and float's own
    // Δ near 0 keeps: after 100 tokens of noise the state is .9955 of what it was (Δ = 4.54e-5).
    Matrix kept = Matrix::Ones(1, 1);
    const Matrix noise = Matrix::Zero(100, 1), ones = Matrix::Ones(100, 1);
    nn::selectiveScan(Tensor(noise), nn::softplus(Tensor(Matrix(Matrix::Constant(100, 1, -10)))),
                      Tensor(Matrix(-Matrix::Ones(1, 1))), Tensor(ones), Tensor(ones), kept);
    CHECK(kept(0, 0) == Approx(.9955).margin(5e-5));

    const int T = 6, E = 3, N = 5;
    const Matrix x = randomMatrix(T, E, 1), d = randomMatrix(T, E, 2).array().abs() * 0.5f + 0.1f,
                 A = -(randomMatrix(E, N, 3).array().abs() + 0.2f), B = randomMatrix(T, N, 4), C = randomMatrix(T, N, 5);
    Matrix whole = randomMatrix(E, N, 6), parts = whole;
    const auto part = [&](int first, int n, Matrix& state) {
        const auto rows = [&](const Matrix& m) { return Tensor(Matrix(m.middleRows(first, n))); };
        return nn::selectiveScan(rows(x), rows(d), Tensor(A), rows(B), rows(C), state).value();
    };
    const Matrix all = part(0, T, whole);
    Matrix joined(T, E);
    joined << part(0, 1, parts), part(1, 4, parts), part(5, 1, parts);
    CHECK(joined == all);
    CHECK(whole == parts);
    checkGradients({x, d, A, B, C}, [&](const auto& in) {
        Matrix state = randomMatrix(E, N, 6);
        return nn::selectiveScan(in[0], in[1], in[2], in[3], in[4], state);
    });
}

TEST_CASE("selective scan: the worked example's weights of the positions, also as Mamba-2, and its B̄") {
    // Channel j gets its only input at token j, so that what channel j reads at token i is α_ij = ln 2 · 2^(j−i).
    const Matrix impulses = Matrix::Identity(4, 4), one = Matrix::Ones(4, 1);
    const float ln2 = std::log(2.0f);
    Matrix h = Matrix::Zero(4, 1), S = Matrix::Zero(1, 4);
    const Matrix mamba = nn::selectiveScan(Tensor(impulses), Tensor(Matrix(Matrix::Constant(4, 4, ln2))),
                                           Tensor(Matrix(-Matrix::Ones(4, 1))), Tensor(one), Tensor(one), h)
                             .value();
    // Mamba-2, one head: H ← e^{ΔA} H + Δ xᵀ B, read with C.
    const Matrix mamba2 = nn::matrixState({Tensor(one), Tensor(one), nn::scale(Tensor(impulses), ln2),
                                           nn::exp(Tensor(Matrix(Matrix::Constant(4, 1, -ln2))))},
                                          {1, 1, 4}, S)
                              .value();
    for (int i = 0; i < 4; ++i) {
        for (int j = 0; j < 4; ++j) {
            const double want = j <= i ? std::log(2.0) * std::exp2(j - i) : 0;
            CHECK(mamba(i, j) == Approx(want).epsilon(0).margin(1e-7));
            CHECK(mamba2(i, j) == Approx(want).epsilon(0).margin(1e-7));
        }
    }
    // One step of ẋ = −x + u: Mamba writes Δ, Euler's rule, where zero-order hold would write (1 − e^−Δ); both keep e^−Δ.
    const DiscretePole held = discretise(std::log(2.0), -1, Discretisation::ZeroOrderHold);
    CHECK(held.keep.real() == Approx(.5).epsilon(1e-15));
    CHECK(held.write.real() == Approx(.5).epsilon(1e-15));
    CHECK(mamba(0, 0) == Approx(.693147).epsilon(0).margin(5e-7));
    CHECK(mamba(1, 0) / mamba(0, 0) == Approx(held.keep.real()).epsilon(1e-7));
}

TEST_CASE("causal convolution: chunks and gradients") {
    const Matrix x = randomMatrix(6, 3, 1), w = randomMatrix(3, 4, 2), b = randomMatrix(1, 3, 3);
    const Weight weight = Weight::fromMatrix(w), bias = Weight::fromMatrix(b);
    Matrix past = Matrix::Zero(3, 3), again = past;
    const Matrix all = nn::causalConv(Tensor(x), weight, bias, past).value();
    for (int t = 0; t < 6; ++t) {
        for (int c = 0; c < 3; ++c) {
            double sum = b(0, c);
            for (int j = 0; j < 4; ++j) sum += t - 3 + j >= 0 ? static_cast<double>(w(c, j)) * x(t - 3 + j, c) : 0;
            CHECK(all(t, c) == Approx(sum).epsilon(0).margin(1e-5));
        }
    }
    Matrix joined(6, 3);
    joined << nn::causalConv(Tensor(Matrix(x.topRows(2))), weight, bias, again).value(),
        nn::causalConv(Tensor(Matrix(x.bottomRows(4))), weight, bias, again).value();
    CHECK(joined == all);
    CHECK(past == again);
    checkGradients({x}, [&](const auto& in) {
        Matrix state = Matrix::Zero(3, 3);
        return nn::causalConv(in[0], weight, bias, state);
    });
}

TEST_CASE("gates, norms of heads, experts: gradients") {
    const Matrix x = randomMatrix(4, 6, 1), y = randomMatrix(4, 3, 2);
    checkGradients({x}, [](const auto& in) { return nn::sigmoid(in[0]); });
    checkGradients({x}, [](const auto& in) { return nn::tanh(in[0]); });
    checkGradients({x}, [](const auto& in) { return nn::softplus(in[0]); });
    checkGradients({x}, [](const auto& in) { return nn::exp(in[0]); });
    checkGradients({x, y}, [](const auto& in) { return nn::scaleHeads(in[0], in[1]); });
    checkGradients({x}, [](const auto& in) { return nn::repeatHeads(in[0], 2, 3); });
    checkGradients({x}, [](const auto& in) { return nn::columns(in[0], 2, 3); });
    checkGradients({x}, [](const auto& in) { return nn::everyOther(in[0], 1, 1); });
    checkGradients({x},
                   [&](const auto& in) { return nn::headNorm(in[0], 2, Weight::fromMatrix(randomMatrix(1, 3, 3)), 1e-5, 1); });
    checkGradients({x}, [&](const auto& in) {
        return nn::groupNorm(in[0], 2, Weight::fromMatrix(randomMatrix(1, 6, 3)), Weight::fromMatrix(randomMatrix(1, 6, 4)),
                             1e-3);
    });
    checkGradients({x}, [](const auto& in) { return nn::unitHeads(in[0], 2, 1e-6); });
    checkGradients({y}, [](const auto& in) { return nn::takeRows(in[0], {2, 0}); });
    checkGradients({y}, [](const auto& in) { return nn::placeRows(in[0], {5, 0, 2, 1}, 7); });
    // Three experts far enough apart that the choice does not change under the small steps.
    Matrix logits(3, 4);
    logits << 1, 3, -1, 0, 2, -2, 0, 1, -1, 0, 2, 1;
    for (const bool normalised : {false, true})
        checkGradients({logits}, [&](const auto& in) { return nn::chooseExperts(in[0], 2, normalised); });
    const Matrix chosen = nn::chooseExperts(Tensor(logits), 2, true).value();
    CHECK(chosen(0, 1) == Approx(std::exp(3) / (std::exp(3) + std::exp(1))));
    CHECK(chosen(0, 2) == 0);
    CHECK(chosen.row(2).sum() == Approx(1));
}
