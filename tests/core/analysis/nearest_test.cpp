// Nearest neighbours in the embedding table, against a plain loop.
#include "core/analysis/nearest.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("Neighbours are those of the largest cosine, falling, without the token itself") {
    for (const std::string& path : {zooPath("gpt2"), std::string(LAYERWALK_TEST_DATA) + "/stories260K/stories260K-Q8_0.gguf"}) {
        const auto loaded = openModel(path);
        const Matrix table = loaded->model->weight(WeightId::Embed).toMatrix();
        const TokenId id = 42;
        std::vector<std::pair<double, TokenId>> expected;
        for (int other = 0; other < static_cast<int>(table.rows()); ++other) {
            if (other == id) continue;
            double product = 0, here = 0, there = 0;
            for (Eigen::Index i = 0; i < table.cols(); ++i) {
                const double a = table(id, i), b = table(other, i);
                product += a * b;
                here += a * a;
                there += b * b;
            }
            if (there > 0) expected.emplace_back(product / std::sqrt(here * there), -other);
        }
        std::sort(expected.rbegin(), expected.rend());
        const auto near = nearestTokens(*loaded->model, id, 9);
        REQUIRE(near);
        REQUIRE(near->size() == 9);
        for (std::size_t i = 0; i < near->size(); ++i) {
            CAPTURE(path, i);
            CHECK((*near)[i].id == -expected[i].second);
            CHECK((*near)[i].cosine == Approx(expected[i].first).epsilon(1e-9));
        }
        CHECK(nearestTokens(*loaded->model, id, 1 << 20)->size() == expected.size());
        CHECK_FALSE(nearestTokens(*loaded->model, static_cast<TokenId>(table.rows()), 3));
        std::stop_source stop;
        stop.request_stop();
        CHECK(nearestTokens(*loaded->model, id, 3, {.stop = stop.get_token()}).error().kind == ErrorKind::Cancelled);
    }
}
