// Nearest rows against the whole table sorted in double precision, and the neighbours of a table that people know.
#include "core/analysis/neighbours.h"

#include <random>

#include "tests/catch.h"
#include "tests/cpu_seconds.h"

using namespace lw;

namespace {

Matrix randomTable(std::int64_t V, std::int64_t D, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    Matrix values(V, D);
    for (std::int64_t i = 0; i < values.size(); ++i) values.data()[i] = normal(random);
    return values;
}

std::vector<TokenId> sorted(const Matrix& table, TokenId token, Nearness by) {
    const Eigen::MatrixXd rows = table.cast<double>();
    std::vector<std::pair<double, TokenId>> all;
    for (TokenId id = 0; id < table.rows(); ++id) {
        if (id == token) continue;
        const double dot = rows.row(id).dot(rows.row(token));
        const double lengths = rows.row(id).norm() * rows.row(token).norm();
        all.emplace_back(by == Nearness::Dot ? -dot : lengths > 0 ? -dot / lengths : 0, id);
    }
    std::ranges::sort(all);
    std::vector<TokenId> ids;
    for (const auto& one : all) ids.push_back(one.second);
    return ids;
}

std::vector<TokenId> idsOf(const std::vector<NearRow>& found) {
    std::vector<TokenId> ids;
    for (const NearRow& one : found) ids.push_back(one.id);
    return ids;
}

}  // namespace

TEST_CASE("the nearest rows are those of the sorted table") {
    Matrix values = randomTable(500, 24, 1);
    values.row(7) = 3 * values.row(3);
    values.row(9).setZero();
    values.row(11) = values.row(12);
    const Weight table = Weight::fromMatrix(values);
    for (const Nearness by : {Nearness::Cosine, Nearness::Dot}) {
        for (const TokenId token : {0, 3, 9, 11, 499}) {
            CAPTURE(token);
            const auto found = neighboursOf(table, token, 20, by);
            REQUIRE(found);
            auto all = sorted(values, token, by);
            if (token != 9) {  // everything is equally near to the zero vector
                all.resize(20);
                CHECK(idsOf(*found) == all);
            }
            for (const NearRow& one : *found) {
                CHECK(one.cosine >= -1);
                CHECK(one.cosine <= 1);
                CHECK(one.dot ==
                      Approx(values.row(one.id).cast<double>().dot(values.row(token).cast<double>())).epsilon(0).margin(1e-9));
            }
        }
    }
    const auto nearest = neighboursOf(table, 3, 1, Nearness::Cosine);
    CHECK(nearest->front().id == 7);  // the same direction
    CHECK(nearest->front().cosine == Approx(1));
    CHECK(neighboursOf(table, 9, 3, Nearness::Cosine)->front().cosine == 0);
    CHECK(neighboursOf(table, 3, 0, Nearness::Dot)->empty());
    CHECK(neighboursOf(table, 3, 1000, Nearness::Dot)->size() == 499);
    const auto without = nearestRows(table, table.row(3), 2, Nearness::Cosine, {3, 7, -5, 5000});
    CHECK(without->front().id == sorted(values, 3, Nearness::Cosine)[1]);
}

TEST_CASE("a token outside the table is named, and work can be cancelled") {
    const Weight table = Weight::fromMatrix(randomTable(4, 3, 2));
    for (const TokenId token : {-1, 4}) {
        const auto found = neighboursOf(table, token, 2, Nearness::Dot);
        REQUIRE(!found);
        CHECK(found.error().message.find(std::to_string(token)) != std::string::npos);
        CHECK(found.error().message.find("0 to 3") != std::string::npos);
    }
    std::stop_source stop;
    stop.request_stop();
    const auto found = neighboursOf(table, 1, 2, Nearness::Dot, {.stop = stop.get_token()});
    REQUIRE(!found);
    CHECK(found.error().kind == ErrorKind::Cancelled);
}

TEST_CASE("neighbours in a table of 50,000 rows of 768 numbers") {
    const Weight table = Weight::fromMatrix(Matrix::Constant(50'000, 768, 0.5f));
    double best = 1e9;
    for (int round = 0; round < 5; ++round) {
        const double begin = test::cpuSeconds();
        REQUIRE(neighboursOf(table, 17, 20, Nearness::Cosine));
        best = std::min(best, test::cpuSeconds() - begin);
    }
    WARN("neighbours among 50,000 rows of 768 numbers: " << best << " s of CPU time");
}
