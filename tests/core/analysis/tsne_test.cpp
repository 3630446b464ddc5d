// t-SNE: its gradient against finite differences of its divergence, perplexities counted again, groups that stay together.
#include "core/analysis/tsne.h"

#include <cmath>
#include <random>

#include "tests/catch.h"

using namespace lw;

namespace {

// Three heaps of points in ten dimensions.
MatrixD heaps(int each, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    MatrixD rows(3 * each, 10);
    for (int i = 0; i < rows.rows(); ++i)
        for (int c = 0; c < 10; ++c) rows(i, c) = normal(random) + (c == i / each ? 12 : 0);
    return rows;
}

// p_j|i from nothing but the definition, for the β that makes the entropy's exponential the perplexity: by a fine scan.
std::vector<double> givenFirst(const MatrixD& rows, double perplexity) {
    std::vector<double> squares;
    for (int j = 1; j < rows.rows(); ++j) squares.push_back((rows.row(0) - rows.row(j)).squaredNorm());
    double low = 1e-9, high = 1e3;
    std::vector<double> p(squares.size());
    for (int round = 0; round < 300; ++round) {
        const double beta = std::sqrt(low * high);
        double sum = 0, entropy = 0;
        for (std::size_t j = 0; j < p.size(); ++j) sum += p[j] = std::exp(-beta * squares[j]);
        for (double& one : p) {
            one /= sum;
            if (one > 0) entropy -= one * std::log2(one);
        }
        (std::exp2(entropy) > perplexity ? low : high) = beta;
    }
    return p;
}

}  // namespace

TEST_CASE("every point has the perplexity that was asked for") {
    const MatrixD rows = heaps(20, 1);
    const auto near = nearnesses(rows, 10);
    REQUIRE(near);
    double sum = 0;
    for (const double p : near->p) sum += p;
    CHECK(sum == Approx(1));
    for (const double perplexity : near->perplexities) CHECK(perplexity == Approx(10).epsilon(1e-4));
    for (int i = 0; i < near->points; ++i) {
        for (auto k = near->begin[static_cast<std::size_t>(i)]; k < near->begin[static_cast<std::size_t>(i) + 1]; ++k) {
            const int j = near->other[static_cast<std::size_t>(k)];
            CHECK(j != i);
            bool mirrored = false;
            for (auto m = near->begin[static_cast<std::size_t>(j)]; m < near->begin[static_cast<std::size_t>(j) + 1]; ++m)
                mirrored |= near->other[static_cast<std::size_t>(m)] == i &&
                            near->p[static_cast<std::size_t>(m)] == near->p[static_cast<std::size_t>(k)];
            CHECK(mirrored);
        }
    }
}

TEST_CASE("nearnesses of four points, all of them neighbours, as the definition gives them") {
    MatrixD rows(4, 2);
    rows << 0, 0, 1, 0, 0, 2, 3, 1;
    const auto near = nearnesses(rows, 1);
    REQUIRE(near);
    // Perplexity 1 is the nearest alone.
    CHECK(near->perplexities[0] == Approx(1).margin(1e-3));
    const MatrixD more = heaps(4, 3);  // 12 points, perplexity 11/3: 11 neighbours, all the others
    const auto all = nearnesses(more, 11.0 / 3);
    REQUIRE(all);
    const std::vector<double> expected = givenFirst(more, 11.0 / 3);
    // p_0j + p_j0 over j: the conditional row of point 0 is recovered from the symmetric one and that of the mirrored roles.
    double total = 0;
    for (auto k = all->begin[0]; k < all->begin[1]; ++k) {
        const auto j = static_cast<std::size_t>(all->other[static_cast<std::size_t>(k)]);
        const double least = expected[j - 1] / (2.0 * 12);  // the other half is p_0|j / 2n >= 0
        CHECK(all->p[static_cast<std::size_t>(k)] >= least - 1e-12);
        total += expected[j - 1];
    }
    CHECK(total == Approx(1));
}

TEST_CASE("the gradient is that of the divergence") {
    const auto near = nearnesses(heaps(8, 2), 5);
    REQUIRE(near);
    MatrixD layout = 1e4 * tsneStart(24, 9).points;
    const MatrixD gradient = divergenceGradient(*near, layout);
    double largest = 0;
    for (Eigen::Index i = 0; i < layout.size(); ++i) {
        const double h = 1e-5, kept = layout.data()[i];
        layout.data()[i] = kept + h;
        const double above = divergence(*near, layout);
        layout.data()[i] = kept - h;
        const double below = divergence(*near, layout);
        layout.data()[i] = kept;
        largest = std::max(largest, std::abs((above - below) / (2 * h) - gradient.data()[i]));
    }
    CAPTURE(largest, gradient.cwiseAbs().maxCoeff());
    CHECK(gradient.cwiseAbs().maxCoeff() > 1e-3);
    CHECK(largest < 1e-8);
    // Of two points by hand: p = 1/2 each way, q = 1/2 whatever the distance: nothing pulls.
    const auto two = nearnesses(MatrixD::Identity(2, 3), 1);
    MatrixD pair(2, 2);
    pair << 0, 0, 3, 4;
    CHECK(divergence(*two, pair) == Approx(0).margin(1e-12));
    CHECK(divergenceGradient(*two, pair).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("float sums give the gradient and the divergence of double ones, at every stage") {
    const int each = 131;  // 393 points: no multiple of a vector
    const auto near = nearnesses(heaps(each, 5), 30);
    REQUIRE(near);
    TsneLayout layout = tsneStart(3 * each, 1);
    double furthest = 0;
    for (const int steps : {0, 1, 20, 249, 260, 700}) {
        while (layout.steps < steps) tsneStep(*near, layout);
        const double exaggeration = steps < 250 ? 12 : 1;
        const MatrixD exact = divergenceGradient(*near, layout.points, exaggeration);
        const MatrixD fast = fastGradient(*near, layout.points, exaggeration);
        const MatrixD pull = divergenceGradient(*near, layout.points, 2 * exaggeration) - exact;
        const double difference = (fast - exact).cwiseAbs().maxCoeff(), strongest = pull.cwiseAbs().maxCoeff();
        CAPTURE(steps, difference, strongest);
        CHECK(difference < 1e-5 * strongest);
        CHECK(std::abs(fastDivergence(*near, layout.points) - divergence(*near, layout.points)) < 1e-5);
        furthest = std::max(furthest, layout.points.cwiseAbs().maxCoeff());
    }
    CHECK(furthest > 5);  // they did go apart
}

TEST_CASE("it settles: the divergence falls, heaps stay heaps, and the same seed gives the same layout") {
    const int each = 30;
    const auto near = nearnesses(heaps(each, 4), 10);
    REQUIRE(near);
    TsneLayout layout = tsneStart(3 * each, 1), again = tsneStart(3 * each, 1), other = tsneStart(3 * each, 2);
    const double before = divergence(*near, layout.points);
    for (int i = 0; i < 600; ++i) tsneStep(*near, layout);
    const double after = divergence(*near, layout.points);
    CAPTURE(before, after);
    CHECK(after < 0.5 * before);
    for (int i = 0; i < 600; ++i) tsneStep(*near, again);
    CHECK(layout.points == again.points);
    tsneStep(*near, other);
    CHECK_FALSE(other.points == tsneStart(3 * each, 1).points);
    int own = 0;
    for (int i = 0; i < 3 * each; ++i) {
        int nearest = -1;
        double least = 1e300;
        for (int j = 0; j < 3 * each; ++j) {
            const double d = (layout.points.row(i) - layout.points.row(j)).squaredNorm();
            if (j != i && d < least) {
                least = d;
                nearest = j;
            }
        }
        own += nearest / each == i / each;
    }
    CHECK(own == 3 * each);
    CHECK(layout.points.colwise().mean().cwiseAbs().maxCoeff() < 1e-9);
}

TEST_CASE("points that coincide, two points, cancelling") {
    MatrixD same = MatrixD::Constant(6, 3, 1.0);
    const auto near = nearnesses(same, 2);
    REQUIRE(near);
    TsneLayout layout = tsneStart(6, 1);
    for (int i = 0; i < 50; ++i) tsneStep(*near, layout);
    CHECK(layout.points.allFinite());
    std::stop_source stop;
    stop.request_stop();
    CHECK(nearnesses(heaps(5, 1), 3, {.stop = stop.get_token()}).error().kind == ErrorKind::Cancelled);
}
