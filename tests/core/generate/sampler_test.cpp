// The sampler against worked examples and against a second, plain implementation.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "core/generate/sampler.h"
#include "tests/catch.h"

using namespace lw;

namespace {

std::vector<float> logitsOf(std::initializer_list<double> probabilities) {
    std::vector<float> logits;
    for (const double p : probabilities) logits.push_back(static_cast<float>(std::log(p)));
    return logits;
}

// As the rules say, in the plainest way: every filter renormalises the whole list.
struct Plain {
    std::vector<TokenId> ids;
    std::vector<double> p;  // by rank, 0 where struck
};

Plain plain(const std::vector<float>& logits, const SamplingSettings& s) {
    Plain r;
    r.ids.resize(logits.size());
    std::iota(r.ids.begin(), r.ids.end(), 0);
    std::stable_sort(r.ids.begin(), r.ids.end(), [&](TokenId a, TokenId b) {
        return logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)];
    });
    for (const TokenId id : r.ids)
        r.p.push_back(std::exp((double(logits[static_cast<std::size_t>(id)]) - logits[static_cast<std::size_t>(r.ids[0])]) /
                               s.temperature));
    const auto normalise = [&] {
        const double sum = std::accumulate(r.p.begin(), r.p.end(), 0.0);
        for (double& x : r.p) x /= sum;
    };
    normalise();
    if (s.topK > 0) {
        for (std::size_t i = static_cast<std::size_t>(s.topK); i < r.p.size(); ++i) r.p[i] = 0;
        normalise();
    }
    if (s.topP < 1) {
        double before = 0;
        for (double& x : r.p) {
            const double own = x;
            if (before >= s.topP) x = 0;
            before += own;
        }
        normalise();
    }
    if (s.minP > 0) {
        const double limit = s.minP * r.p[0];
        for (double& x : r.p) x = x < limit ? 0 : x;
        normalise();
    }
    return r;
}

std::vector<float> randomLogits(std::size_t n, std::uint64_t seed, double spread) {
    Pcg32 random(seed);
    std::vector<float> logits(n);
    for (float& x : logits) x = static_cast<float>((random.uniform() + random.uniform() + random.uniform() - 1.5) * spread);
    return logits;
}

}  // namespace

TEST_CASE("Temperature divides the logits") {
    const std::vector<float> logits{2.0f, 1.0f, 0.0f};
    const auto cold = distribution(logits, {.temperature = 0.5});
    CHECK(cold[0].id == 0);
    CHECK(cold[0].probability == Approx(0.8668133).epsilon(1e-7));  // e⁴ / (e⁴ + e² + 1)
    CHECK(cold[1].probability == Approx(0.1173104).epsilon(1e-6));
    CHECK(cold[0].rawProbability == Approx(0.6652410).epsilon(1e-7));
    CHECK(cold[0].tempered == cold[0].probability);
    CHECK(cold[2].upTo == Approx(1.0).epsilon(1e-14));
}

TEST_CASE("Each filter renormalises what it leaves") {
    const auto logits = logitsOf({0.4, 0.3, 0.2, 0.06, 0.04});
    SECTION("top-k") {
        const auto bins = distribution(logits, {.topK = 3});
        CHECK(bins[0].probability == Approx(0.4 / 0.9).epsilon(1e-6));
        CHECK(bins[2].probability == Approx(0.2 / 0.9).epsilon(1e-6));
        CHECK(bins[2].upTo == Approx(1.0).epsilon(1e-12));
        CHECK(bins[3].probability == 0);
        CHECK(std::string(bins[3].struckBy) == "top-k");
        CHECK(bins[3].tempered == Approx(0.06).epsilon(1e-6));
        CHECK(bins[4].upTo == bins[2].upTo);
    }
    SECTION("top-p keeps the bin in which p is reached") {
        const auto bins = distribution(logits, {.topP = 0.65});
        CHECK(bins[1].struckBy == nullptr);
        CHECK(bins[0].probability == Approx(0.4 / 0.7).epsilon(1e-6));
        CHECK(std::string(bins[2].struckBy) == "top-p");
    }
    SECTION("top-p after top-k counts in renormalised probabilities") {
        // After top-k 3: .4444 .3333 .2222; two reach 0.75, though they had 0.7 before.
        const auto bins = distribution(logits, {.topK = 3, .topP = 0.75});
        CHECK(bins[0].probability == Approx(0.4 / 0.7).epsilon(1e-6));
        CHECK(std::string(bins[2].struckBy) == "top-p");
        CHECK(std::string(bins[3].struckBy) == "top-k");
    }
    SECTION("min-p is a share of the largest") {
        const auto bins = distribution(logits, {.minP = 0.4});
        CHECK(bins[2].struckBy == nullptr);
        CHECK(std::string(bins[3].struckBy) == "min-p");
        CHECK(bins[2].probability == Approx(0.2 / 0.9).epsilon(1e-6));
    }
    SECTION("all three, each naming what it struck") {
        const auto bins = distribution(logits, {.topK = 4, .topP = 0.93, .minP = 0.6});
        CHECK(std::string(bins[4].struckBy) == "top-k");
        CHECK(std::string(bins[3].struckBy) == "top-p");  // .4167 + .3125 + .2083 = .9375 ≥ .93
        CHECK(std::string(bins[2].struckBy) == "min-p");
        CHECK(bins[1].probability == Approx(0.3 / 0.7).epsilon(1e-6));
    }
    SECTION("something always stays") {
        const auto bins = distribution(logits, {.topK = 1, .topP = 1e-9, .minP = 0.999});
        CHECK(bins[0].probability == 1);
        CHECK(bins[0].upTo == 1);
    }
}

TEST_CASE("Ties go to the lower id") {
    const std::vector<float> logits{1.0f, 3.0f, 2.0f, 3.0f, 3.0f};
    const auto bins = distribution(logits, {});
    CHECK(bins[0].id == 1);
    CHECK(bins[1].id == 3);
    CHECK(bins[2].id == 4);
    CHECK(bins[3].id == 2);
    Pcg32 random;
    CHECK(choose(logits, {.greedy = true}, random).id == 1);
    CHECK(random == Pcg32());  // greedy rolls no dice
    const auto greedy = distribution(logits, {.greedy = true});
    CHECK(greedy[0].probability == 1);
    CHECK(std::string(greedy[1].struckBy) == "greedy");
}

TEST_CASE("The draw falls into the bin that holds it") {
    // Seed 0 draws 0.80785…, 0.37618…, 0.11378…
    const auto logits = logitsOf({0.1, 0.5, 0.15, 0.25});  // bins: id 1 to .5, id 3 to .75, id 2 to .9, id 0 to 1
    Pcg32 random(0);
    const Choice first = choose(logits, {}, random), second = choose(logits, {}, random);
    CHECK(first.id == 2);
    CHECK(*first.draw == 0.8078516972673416);
    CHECK(first.probability == Approx(0.15).epsilon(1e-6));
    CHECK(first.logit == logits[2]);
    CHECK(second.id == 1);
    CHECK(!first.nearEdge);
    Pcg32 again(0);
    CHECK(choose(logits, {.topK = 2}, again).id == 3);  // .6667, 1
}

TEST_CASE("choose and distribution agree with a plain implementation") {
    double worst = 0;
    int chosen = 0;
    for (const std::size_t n : {std::size_t{1}, std::size_t{7}, std::size_t{500}, std::size_t{5000}}) {
        for (const double spread : {0.5, 4.0, 30.0}) {
            const std::vector<float> logits = randomLogits(n, 11 + n, spread);
            for (const SamplingSettings& s :
                 {SamplingSettings{}, SamplingSettings{.temperature = 0.7}, SamplingSettings{.temperature = 3, .topK = 40},
                  SamplingSettings{.topP = 0.9}, SamplingSettings{.minP = 0.05},
                  SamplingSettings{.temperature = 0.8, .topK = 50, .topP = 0.95, .minP = 0.02}}) {
                const Plain want = plain(logits, s);
                const std::vector<Bin> bins = distribution(logits, s);
                double upTo = 0;
                for (std::size_t i = 0; i < n; ++i) {
                    upTo += want.p[i];
                    REQUIRE(bins[i].id == want.ids[i]);
                    REQUIRE((bins[i].probability > 0) == (want.p[i] > 0));
                    worst = std::max({worst, std::abs(bins[i].probability - want.p[i]), std::abs(bins[i].upTo - upTo)});
                }
                const std::vector<Bin> few = distribution(logits, s, 5);
                REQUIRE(few.size() == std::min<std::size_t>(5, n));
                for (std::size_t i = 0; i < few.size(); ++i) {
                    REQUIRE(few[i].id == bins[i].id);
                    REQUIRE(few[i].probability == bins[i].probability);
                    REQUIRE(few[i].upTo == bins[i].upTo);
                }
                Pcg32 random(3), same(3);
                for (int draw = 0; draw < 50; ++draw) {
                    const Choice choice = choose(logits, s, random);
                    const double u = same.uniform();
                    std::size_t rank = 0;
                    double sum = want.p[0];
                    while (rank + 1 < n && u >= sum && want.p[rank + 1] > 0) sum += want.p[++rank];
                    REQUIRE(*choice.draw == u);
                    if (!choice.nearEdge) {
                        REQUIRE(choice.id == want.ids[rank]);
                        ++chosen;
                    }
                    worst = std::max(
                        worst, std::abs(choice.probability -
                                        want.p[static_cast<std::size_t>(std::find(want.ids.begin(), want.ids.end(), choice.id) -
                                                                        want.ids.begin())]));
                    const Choice forced = force(logits, s, choice.id);
                    REQUIRE(forced.probability == choice.probability);
                    REQUIRE(forced.rawProbability == choice.rawProbability);
                }
            }
        }
    }
    CAPTURE(worst, chosen);
    CHECK(worst < 1e-12);
    CHECK(chosen > 2500);
}

TEST_CASE("A forced token that the filters strike has probability 0") {
    const auto logits = logitsOf({0.6, 0.3, 0.1});
    const Choice choice = force(logits, {.topK = 2}, 2);
    CHECK(choice.forced);
    CHECK(choice.probability == 0);
    CHECK(choice.rawProbability == Approx(0.1).epsilon(1e-6));
    CHECK(!choice.draw);
}

TEST_CASE("Tokens come as often as their probability says") {
    const std::vector<double> p{0.35, 0.25, 0.15, 0.1, 0.06, 0.05, 0.03, 0.01};
    std::vector<float> logits;
    for (const double x : p) logits.push_back(static_cast<float>(std::log(x)));
    std::vector<int> counts(p.size());
    constexpr int draws = 200000;
    Pcg32 random(2024);
    for (int i = 0; i < draws; ++i) ++counts[static_cast<std::size_t>(choose(logits, {}, random).id)];
    double chiSquare = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double expected = p[i] * draws;
        chiSquare += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    CAPTURE(chiSquare);
    CHECK(chiSquare < 24.3);  // 7 degrees of freedom: exceeded once in a thousand
    CHECK(chiSquare > 0.6);   // nor suspiciously even: below this once in a thousand
}

TEST_CASE("Logits that are no distribution give no choice") {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    Pcg32 random;
    CHECK(choose(std::vector<float>{1, nan, 2}, {}, random).id == -1);
    CHECK(choose(std::vector<float>{1, inf}, {.greedy = true}, random).id == -1);
    CHECK(choose(std::vector<float>{-inf, -inf}, {}, random).id == -1);
    CHECK(distribution(std::vector<float>{nan}, {}).empty());
    CHECK(random == Pcg32());
    // −∞ beside something finite is a token that cannot come.
    CHECK(choose(std::vector<float>{-inf, 0}, {}, random).id == 1);
    CHECK(distribution(std::vector<float>{-inf, 0}, {})[1].probability == 0);
}

TEST_CASE("Settings outside their ranges are named as on the command line") {
    CHECK(check({}));
    CHECK(check({.greedy = true, .temperature = 0}));
    for (const auto& [settings, option] :
         std::vector<std::pair<SamplingSettings, std::string>>{{{.temperature = 0}, "--temperature"},
                                                               {{.temperature = -1}, "--temperature"},
                                                               {{.temperature = std::nan("")}, "--temperature"},
                                                               {{.temperature = INFINITY}, "--temperature"},
                                                               {{.topK = -5}, "--top-k"},
                                                               {{.topP = 0}, "--top-p"},
                                                               {{.topP = 1.01}, "--top-p"},
                                                               {{.topP = std::nan("")}, "--top-p"},
                                                               {{.minP = 1}, "--min-p"},
                                                               {{.minP = -0.1}, "--min-p"}}) {
        const auto result = check(settings);
        CAPTURE(option);
        REQUIRE(!result);
        CHECK(result.error().message.find(option) == 0);
        CHECK(result.error().where == option);
    }
}
