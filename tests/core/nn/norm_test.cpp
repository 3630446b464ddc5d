// Norms, rotary and attention-free operations against worked numbers of the literature's formulas.
#include "core/nn/norm.h"

#include "core/nn/rotary.h"
#include "tests/catch.h"

using namespace lw;

TEST_CASE("LayerNorm and RMSNorm of (3, 1)") {
    Matrix x(1, 2);
    x << 3, 1;
    const Weight ones = Weight::fromMatrix(Matrix::Ones(1, 2)), zeros = Weight::fromMatrix(Matrix::Zero(1, 2));
    const nn::Normalized ln = nn::layerNorm(Tensor(x), ones, zeros, 0);
    CHECK(ln.scale.value()(0, 0) == Approx(1.0));
    CHECK(ln.out.value()(0, 0) == Approx(1.0));
    CHECK(ln.out.value()(0, 1) == Approx(-1.0));
    const nn::Normalized rms = nn::rmsNorm(Tensor(x), ones, 0);
    CHECK(rms.scale.value()(0, 0) == Approx(2.2360680));
    CHECK(rms.out.value()(0, 0) == Approx(1.3416408));
    CHECK(rms.out.value()(0, 1) == Approx(0.4472136));
}

TEST_CASE("rotary turns each pair by position times frequency and keeps lengths") {
    Matrix x(2, 4);
    x << 1, 0, 0, 0, 0, 1, 0, 1;
    const std::vector<double> frequencies{0.5, 0.25};
    const Matrix y = nn::rotary(Tensor(x), 1, 3, frequencies).value();
    CHECK(y(0, 0) == Approx(std::cos(1.5)));
    CHECK(y(0, 2) == Approx(std::sin(1.5)));
    CHECK(y(1, 1) == Approx(std::cos(1.0) - std::sin(1.0)));
    CHECK(y(1, 3) == Approx(std::cos(1.0) + std::sin(1.0)));
    for (int t = 0; t < 2; ++t) CHECK(y.row(t).norm() == Approx(x.row(t).norm()));
}
