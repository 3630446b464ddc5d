// Diagonal time-invariant systems (S4D): the discretisations and kernels of reference systems, whose diagonal form is made here;
// recurrence against convolution; worked numbers; layers that look back a fixed number of tokens.
#include <cmath>

#include <Eigen/Eigenvalues>

#include "core/formats/safetensors.h"
#include "core/nn/diagonal_ssm.h"
#include "core/nn/head_dot.h"
#include "core/nn/window.h"
#include "tests/core/nn/finite_differences.h"
#include "tests/worst.h"

using namespace lw;
using lw::test::checkGradients;
using lw::test::randomMatrix;
using Complex = std::complex<double>;

namespace {

struct System {
    Eigen::VectorXcd poles, weights;  // λ; C V ⊙ V⁻¹ B
    double condition = 0;
};

std::vector<double> read(const std::string& name) {
    const auto file = SafetensorsFile::open(std::string(LAYERWALK_TEST_DATA) + "/ops/state_space.safetensors");
    REQUIRE(file);
    const auto values = (*file)->doubles(name);
    if (!values) FAIL(values.error().message);
    return *values;
}

System diagonal(const std::string& name) {
    const auto a = read(name + ".A"), b = read(name + ".B"), c = read("C");
    const Eigen::Map<const MatrixD> A(a.data(), 8, 8);
    const Eigen::EigenSolver<Eigen::MatrixXd> solver{Eigen::MatrixXd(A)};
    const Eigen::MatrixXcd V = solver.eigenvectors();
    const Eigen::VectorXcd B = V.partialPivLu().solve(Eigen::Map<const Eigen::VectorXd>(b.data(), 8).cast<Complex>());
    const Eigen::RowVectorXcd C = Eigen::Map<const Eigen::RowVectorXd>(c.data(), 8).cast<Complex>() * V;
    return {solver.eigenvalues(), C.transpose().cwiseProduct(B), 0};
}

}  // namespace

TEST_CASE("discretisations: the kernels of LegS and the delay system equal scipy's") {
    for (const std::string name : {"legs", "lmu"}) {
        const System system = diagonal(name);
        for (const auto& [rule, title] :
             {std::pair{Discretisation::ZeroOrderHold, ".zoh"}, {Discretisation::Bilinear, ".bilinear"}}) {
            CAPTURE(name, title);
            const auto kernel = read(name + title + ".kernel"), y = read(name + title + ".y"), u = read("u");
            std::vector<double> own(kernel.size(), 0.0);
            double largest = 0;
            for (Eigen::Index n = 0; n < 8; ++n) {
                const DiscretePole pole = discretise(0.02, system.poles(n), rule);
                Complex power = system.weights(n) * pole.write;
                for (double& k : own) {
                    k += power.real();
                    power *= pole.keep;
                }
            }
            double worst = 0, worstY = 0, largestY = 0;
            const std::vector<double> convolved = convolve(own, u);
            for (std::size_t l = 0; l < kernel.size(); ++l) {
                widen(worst, std::abs(own[l] - kernel[l]));
                largest = std::max(largest, std::abs(kernel[l]));
                worstY = std::max(worstY, std::abs(convolved[l] - y[l]));
                largestY = std::max(largestY, std::abs(y[l]));
            }
            INFO("kernel " << worst << " of " << largest << ", output " << worstY << " of " << largestY);
            CHECK(worst < 1e-9 * largest);
            CHECK(worstY < 1e-9 * largestY);
        }
    }
}

TEST_CASE("discretisations: Ā and B̄ of LegS and the delay system equal scipy's, turned into and out of the diagonal form") {
    for (const std::string name : {"legs", "lmu"}) {
        const auto a = read(name + ".A"), b = read(name + ".B");
        const Eigen::MatrixXd A = Eigen::Map<const MatrixD>(a.data(), 8, 8);
        const Eigen::EigenSolver<Eigen::MatrixXd> solver{A};
        const Eigen::MatrixXcd V = solver.eigenvectors(), inverse = V.inverse();
        const Eigen::VectorXcd B = Eigen::Map<const Eigen::VectorXd>(b.data(), 8).cast<Complex>();
        for (const auto& [rule, title] :
             {std::pair{Discretisation::ZeroOrderHold, ".zoh"}, {Discretisation::Bilinear, ".bilinear"}}) {
            CAPTURE(name, title);
            Eigen::VectorXcd keep(8), write(8);
            for (Eigen::Index n = 0; n < 8; ++n) {
                const DiscretePole pole = discretise(0.02, solver.eigenvalues()(n), rule);
                keep(n) = pole.keep;
                write(n) = pole.write;
            }
            const auto aBar = read(name + title + ".A_bar"), bBar = read(name + title + ".B_bar");
            const Eigen::MatrixXd wantA = Eigen::Map<const MatrixD>(aBar.data(), 8, 8);
            const Eigen::VectorXd wantB = Eigen::Map<const Eigen::VectorXd>(bBar.data(), 8);
            const Eigen::MatrixXd ownA = (V * keep.asDiagonal() * inverse).real();
            const Eigen::VectorXd ownB = (V * write.asDiagonal() * inverse * B).real();
            CHECK((ownA - wantA).cwiseAbs().maxCoeff() < 1e-9 * wantA.cwiseAbs().maxCoeff());
            CHECK((ownB - wantB).cwiseAbs().maxCoeff() < 1e-9 * wantB.cwiseAbs().maxCoeff());
        }
    }
}

TEST_CASE("diagonal SSM: recurrence and convolution of a complex system give the reference's output") {
    const System system = diagonal("lmu");
    Matrix aLog(1, 4), aImag(1, 4), c(1, 4), cImag(1, 4), step(1, 1);
    int n = 0;
    for (Eigen::Index i = 0; i < 8; ++i) {
        if (system.poles(i).imag() < 0) continue;  // one of each pair of conjugates
        aLog(0, n) = static_cast<float>(std::log(-system.poles(i).real()));
        aImag(0, n) = static_cast<float>(system.poles(i).imag());
        c(0, n) = static_cast<float>(system.weights(i).real());
        cImag(0, n++) = static_cast<float>(system.weights(i).imag());
    }
    REQUIRE(n == 4);
    step(0, 0) = static_cast<float>(std::log(0.02));
    const nn::DiagonalSsmWeights weights{Weight::fromMatrix(step), Weight::fromMatrix(aLog), Weight::fromMatrix(aImag),
                                         Weight::fromMatrix(c), Weight::fromMatrix(cImag)};
    const auto u = read("u"), want = read("lmu.zoh.y");
    Matrix input(120, 1), state = Matrix::Zero(1, 8);
    for (int t = 0; t < 120; ++t) input(t, 0) = static_cast<float>(u[static_cast<std::size_t>(t)]);
    const Matrix y = nn::diagonalSsm(Tensor(input), weights, Discretisation::ZeroOrderHold, state).value();
    const nn::DiscreteSsm ssm = nn::discretised(weights, Discretisation::ZeroOrderHold);
    const std::vector<double> convolved = convolve(diagonalSsmKernel(ssm.view(), 0, 120), u);
    double worst = 0, forms = 0, largest = 0;
    for (std::size_t t = 0; t < 120; ++t) {
        const double got = static_cast<double>(y(static_cast<Eigen::Index>(t), 0));
        widen(worst, std::abs(got - want[t]));
        forms = std::max(forms, std::abs(got - convolved[t]));
        largest = std::max(largest, std::abs(want[t]));
    }
    INFO("from the reference " << worst << ", between the forms " << forms << ", of " << largest);
    CHECK(worst < 1e-3 * largest);  // the weights are some 1000 times as large as their sum, in float
    CHECK(forms < 1e-3 * largest);
}

TEST_CASE("diagonal SSM: worked numbers") {
    CHECK(discretise(0.1, -1, Discretisation::ZeroOrderHold).keep.real() == Approx(0.90483742).epsilon(1e-8));
    CHECK(discretise(0.1, -1, Discretisation::ZeroOrderHold).write.real() == Approx(0.09516258).epsilon(1e-7));
    CHECK(discretise(0.1, -1, Discretisation::Bilinear).keep.real() == Approx(0.90476190).epsilon(1e-8));
    CHECK(discretise(0.1, -1, Discretisation::Bilinear).write.real() == Approx(0.09523810).epsilon(1e-7));
    // A tiny step loses no digits: B̄ → Δ.
    CHECK(discretise(1e-9, Complex(-0.5, 3), Discretisation::ZeroOrderHold).write.real() == Approx(1e-9).epsilon(1e-8));
    // One real pole, A = −1, Δ = ln 2, C = 1: Ā = ½, B̄ = ½; u = 1, 0, 0, 2 → ½, ¼, ⅛, 1 1/16.
    const nn::DiagonalSsmWeights weights{Weight::fromMatrix(Matrix::Constant(1, 1, std::log(std::log(2.0f)))),
                                         Weight::fromMatrix(Matrix::Zero(1, 1)),
                                         {},
                                         Weight::fromMatrix(Matrix::Ones(1, 1)),
                                         {}};
    Matrix u(4, 1), state = Matrix::Zero(1, 1);
    u << 1, 0, 0, 2;
    const Matrix y = nn::diagonalSsm(Tensor(u), weights, Discretisation::ZeroOrderHold, state).value();
    for (const auto& [t, want] : {std::pair{0, 0.5}, {1, 0.25}, {2, 0.125}, {3, 1.0625}})
        CHECK(static_cast<double>(y(t, 0)) == Approx(want).epsilon(1e-6));
    CHECK(static_cast<double>(state(0, 0)) == Approx(1.0625).epsilon(1e-6));
}

TEST_CASE("diagonal SSM: gradients of the input, and how far they reach back") {
    const auto weight = [](int rows, int cols, unsigned seed) { return Weight::fromMatrix(randomMatrix(rows, cols, seed)); };
    const nn::DiagonalSsmWeights weights{weight(1, 3, 1), weight(3, 2, 2), weight(3, 2, 3), weight(3, 2, 4), weight(3, 2, 5)};
    checkGradients({randomMatrix(6, 3, 6)}, [&](const auto& in) {
        Matrix state = randomMatrix(3, 4, 7);
        return nn::diagonalSsm(in[0], weights, Discretisation::ZeroOrderHold, state);
    });
    // A = −1, Δ = ln 2, C = 1: d y_3 / d x_t = 2^(t − 3).
    const nn::DiagonalSsmWeights one{Weight::trainable(Matrix::Constant(1, 1, std::log(std::log(2.0f)))),
                                     Weight::trainable(Matrix::Zero(1, 1)),
                                     {},
                                     Weight::trainable(Matrix::Ones(1, 1)),
                                     {}};
    Matrix state = Matrix::Zero(1, 1), seed = Matrix::Zero(4, 1);
    seed(3, 0) = 1;
    const auto norms = std::make_shared<std::vector<double>>();
    nn::diagonalSsm(Tensor(Matrix(Matrix::Ones(4, 1))), one, Discretisation::ZeroOrderHold, state, norms).backward(seed);
    REQUIRE(norms->size() == 4);
    for (std::size_t t = 0; t < 4; ++t) CHECK((*norms)[t] == Approx(std::exp2(static_cast<double>(t) - 3)).epsilon(1e-6));
}

TEST_CASE("windows, token shift and dots of heads: values and gradients") {
    Matrix x(3, 2);
    x << 1, 2, 3, 4, 5, 6;
    Matrix want(2, 6);
    want << 0, 0, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6;
    CHECK(nn::windows(Tensor(x), 3, 1).value() == want);
    checkGradients({randomMatrix(5, 3, 1)}, [](const auto& in) { return nn::windows(in[0], 3, 2); });
    const Weight mix = Weight::fromMatrix((Matrix(1, 2) << 1.0f, 0.5f).finished());
    Matrix past(1, 2), shifted(3, 2);
    past << 7, 8;
    shifted << 7, 5, 1, 3, 3, 5;
    CHECK(nn::tokenShift(Tensor(x), mix, past).value() == shifted);
    checkGradients({randomMatrix(5, 2, 1)}, [&](const auto& in) { return nn::tokenShift(in[0], mix, past); });
    const Weight by = Weight::fromMatrix((Matrix(2, 1) << 10.0f, 100.0f).finished());
    CHECK(nn::headDot(Tensor(x), by).value() == (Matrix(3, 2) << 10, 200, 30, 400, 50, 600).finished());
    checkGradients({randomMatrix(4, 6, 1)},
                   [](const auto& in) { return nn::headDot(in[0], Weight::fromMatrix(randomMatrix(2, 3, 2))); });
}
