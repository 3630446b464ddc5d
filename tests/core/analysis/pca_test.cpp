// Principal components against a worked case, against their own definition, and along both ways of computing them.
#include "core/analysis/pca.h"

#include <random>

#include "tests/catch.h"

using namespace lw;

namespace {

MatrixD randomRows(int n, int D, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    MatrixD rows(n, D);
    for (int i = 0; i < n; ++i)
        for (int c = 0; c < D; ++c) rows(i, c) = normal(random) * (1 + c % 5) + 3;
    return rows;
}

}  // namespace

TEST_CASE("four points on a slant: by hand") {
    // Centred: ±(2, 1) and ±(−1, 2)/2. Covariance / 3: [2·4+2·¼, 2·2−2·½; ., 2·1+2·1] / 3 = [8.5, 3; 3, 4] / 3.
    // Along (2, 1)/√5: 2·5/3; along (−1, 2)/√5: 2·1.25/3.
    MatrixD rows(4, 2);
    rows << 12, 21, 8, 19, 9.5, 21, 10.5, 19;
    const auto pca = principalComponents(rows, 2);
    REQUIRE(pca);
    CHECK(pca->mean(0) == Approx(10));
    CHECK(pca->mean(1) == Approx(20));
    CHECK(pca->variances(0) == Approx(10.0 / 3));
    CHECK(pca->variances(1) == Approx(2.5 / 3));
    CHECK(pca->variance == Approx(12.5 / 3));
    CHECK(pca->share(0) == Approx(0.8));
    CHECK(pca->directions(0, 0) == Approx(2 / std::sqrt(5.0)));
    CHECK(pca->directions(0, 1) == Approx(1 / std::sqrt(5.0)));
    CHECK(pca->directions(1, 0) == Approx(-1 / std::sqrt(5.0)));
    CHECK(pca->directions(1, 1) == Approx(2 / std::sqrt(5.0)));
    CHECK(pca->project(rows)(0, 0) == Approx(std::sqrt(5.0)));
}

TEST_CASE("what is projected varies as the eigenvalues say, on directions at right angles") {
    for (const auto& [n, D] : {std::pair{700, 20}, std::pair{12, 40}}) {
        CAPTURE(n, D);
        const MatrixD rows = randomRows(n, D, 5);
        const auto pca = principalComponents(rows, 3);
        REQUIRE(pca);
        const MatrixD points = pca->project(rows);
        const MatrixD unit = pca->directions * pca->directions.transpose();
        for (int i = 0; i < 3; ++i) {
            CHECK(points.col(i).sum() == Approx(0).margin(1e-8));
            CHECK(points.col(i).squaredNorm() / (n - 1) == Approx(pca->variances(i)).epsilon(1e-10));
            CHECK(pca->directions.row(i).maxCoeff() >= -pca->directions.row(i).minCoeff());  // the sign
            for (int j = 0; j < 3; ++j) CHECK(unit(i, j) == Approx(i == j ? 1.0 : 0.0).epsilon(0).margin(1e-10));
        }
        CHECK(pca->variances(0) >= pca->variances(1));
        // No direction varies more than the first.
        const MatrixD centred = rows.rowwise() - pca->mean;
        CHECK(pca->variance == Approx(centred.squaredNorm() / (n - 1)));
        const MatrixD others = randomRows(200, D, 6);
        for (int i = 0; i < others.rows(); ++i)
            CHECK((centred * others.row(i).normalized().transpose()).squaredNorm() / (n - 1) <= pca->variances(0) * (1 + 1e-9));
    }
}

TEST_CASE("few rows: by their own products as by the covariance") {
    const MatrixD rows = randomRows(9, 30, 7);
    const auto few = principalComponents(rows, 2);
    // The same rows thirty times over have the same directions, and the other way of computing them is taken.
    MatrixD many(9 * 30, 30);
    for (int i = 0; i < 30; ++i) many.middleRows(9 * i, 9) = rows;
    const auto covariance = principalComponents(many, 2);
    REQUIRE((few && covariance));
    CHECK((few->directions - covariance->directions).cwiseAbs().maxCoeff() < 1e-9);
    CHECK(few->variances(0) * 8 == Approx(covariance->variances(0) * (270 - 1) / 30));
}

TEST_CASE("a table as it is stored; what does not vary; cancelling") {
    const MatrixD rows = randomRows(600, 8, 8).cast<float>().cast<double>();
    const Weight table = Weight::fromMatrix(rows.cast<float>());
    const auto stored = principalComponents(table, 2);
    const auto plain = principalComponents(rows, 2);
    REQUIRE((stored && plain));
    CHECK((stored->directions - plain->directions).cwiseAbs().maxCoeff() < 1e-9);
    CHECK((*project(*stored, table) - plain->project(rows)).cwiseAbs().maxCoeff() < 1e-7);
    for (const int n : {1, 3, 50}) {
        const auto still = principalComponents(MatrixD::Constant(n, 4, 2.5), 2);
        REQUIRE(still);
        CHECK(still->variances(0) == Approx(0).margin(1e-12));
        CHECK(still->share(0) <= 1);
        CHECK(still->project(MatrixD::Constant(n, 4, 2.5)).cwiseAbs().maxCoeff() == Approx(0).margin(1e-12));
    }
    std::stop_source stop;
    stop.request_stop();
    CHECK(principalComponents(table, 2, {.stop = stop.get_token()}).error().kind == ErrorKind::Cancelled);
    CHECK(project(*stored, table, {.stop = stop.get_token()}).error().kind == ErrorKind::Cancelled);
}
