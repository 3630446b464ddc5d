// Statistics of a distribution against the worked numbers of the maths sheet (3.1, 3.3).
#include <cmath>
#include <limits>

#include "core/analysis/softmax_stats.h"
#include "tests/catch.h"

using namespace lw;

namespace {
std::vector<float> logitsOf(const std::vector<double>& p) {
    std::vector<float> logits;
    for (const double x : p) logits.push_back(static_cast<float>(std::log(x) + 3));  // any constant
    return logits;
}
}  // namespace

TEST_CASE("Entropy and KL are those of the worked example") {
    const auto p = logitsOf({0.5, 0.25, 0.25}), q = logitsOf({0.25, 0.5, 0.25});
    CHECK(entropy(p) == Approx(1.0397208).epsilon(0).margin(1e-6));
    CHECK(klDivergence(p, q) == Approx(0.1732868).epsilon(0).margin(1e-6));
    CHECK((klDivergence(p, q) + klDivergence(q, p)) / 2 == Approx(0.1732868).epsilon(0).margin(1e-6));
    CHECK(klDivergence(p, p) == 0);
    CHECK(surprisal(p, 0) == Approx(std::log(2)).epsilon(0).margin(1e-6));
}

TEST_CASE("Logits that are no numbers have no entropy and no distance, and −∞ has no part in either") {
    const float none = std::numeric_limits<float>::quiet_NaN(), never = -std::numeric_limits<float>::infinity();
    const std::vector<float> bad{1, none, 2}, good{1, 0, 2}, masked{0, 0, never};
    CHECK(std::isnan(entropy(bad)));
    CHECK(std::isnan(klDivergence(bad, good)));
    CHECK(std::isnan(klDivergence(good, bad)));
    CHECK(entropy(masked) == Approx(std::log(2.0)));
    CHECK(klDivergence(masked, masked) == 0);
}

TEST_CASE("Softmax gives the worked probabilities of both norms") {
    const auto layerNorm = softmax(std::vector<float>{1, -1, -2});
    CHECK(layerNorm[0] == Approx(0.8438).margin(5e-5));
    CHECK(layerNorm[1] == Approx(0.1142).margin(5e-5));
    CHECK(layerNorm[2] == Approx(0.0420).margin(5e-5));
    const auto rms = softmax(std::vector<float>{1.34164f, 0.44721f, -0.89443f});
    CHECK(rms[0] == Approx(0.6598).margin(5e-5));
    CHECK(rms[1] == Approx(0.2697).margin(5e-5));
    CHECK(rms[2] == Approx(0.0705).margin(5e-5));
    CHECK(layerNorm[0] + layerNorm[1] + layerNorm[2] == Approx(1).epsilon(1e-15));
}

TEST_CASE("Large and masked logits do no harm") {
    constexpr float inf = std::numeric_limits<float>::infinity();
    CHECK(logSumExp(std::vector<float>{1000, 1000}) == Approx(1000 + std::log(2)).epsilon(1e-14));
    CHECK(logSumExp(std::vector<float>{-1000, -1000}) == Approx(-1000 + std::log(2)).epsilon(1e-14));
    const std::vector<float> masked{0, -inf, 0};
    CHECK(softmax(masked)[1] == 0);
    CHECK(entropy(masked) == Approx(std::log(2)).epsilon(1e-14));
    CHECK(klDivergence(masked, std::vector<float>{0, 0, 0}) == Approx(std::log(1.5)).epsilon(1e-12));
    CHECK(klDivergence(std::vector<float>{0, 0, 0}, masked) == inf);
}

TEST_CASE("The top falls, ties go to the lower id, ranks count what is larger") {
    const std::vector<float> logits{1, 5, 3, 5, 2};
    const auto top = topTokens(logits, 3);
    REQUIRE(top.size() == 3);
    CHECK(top[0].id == 1);
    CHECK(top[1].id == 3);
    CHECK(top[2].id == 2);
    CHECK(top[0].probability == Approx(softmax(logits)[1]).epsilon(1e-14));
    CHECK(top[2].logit == 3);
    CHECK(topTokens(logits, 50).size() == 5);
    CHECK(topTokens(logits, 0).empty());
    CHECK(rankOf(logits, 1) == 1);
    CHECK(rankOf(logits, 3) == 1);
    CHECK(rankOf(logits, 2) == 3);
    CHECK(rankOf(logits, 0) == 5);
    CHECK(topTokens(std::vector<float>{NAN, 1, 2}, 2)[0].id == 2);
}
