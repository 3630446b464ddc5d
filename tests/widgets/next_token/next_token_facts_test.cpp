// The facts of the next token are the sampler's own distribution, counted whole.
#include "widgets/next_token/next_token_facts.h"

#include <cmath>
#include <random>

#include "core/analysis/softmax_stats.h"
#include "tests/catch.h"

using namespace lw;

namespace {

std::vector<float> someLogits(int count) {
    std::mt19937 random(3);
    std::normal_distribution<float> normal(0, 3);
    std::vector<float> logits(static_cast<std::size_t>(count));
    for (float& l : logits) l = normal(random);
    return logits;
}

}  // namespace

TEST_CASE("Bins are those of the distribution; what is not shown is counted") {
    const auto logits = someLogits(500);
    SamplingSettings s{.temperature = 0.7, .topK = 60, .topP = 0.9, .minP = 0.02};
    const NextTokenFacts facts = nextTokenFacts(logits, s, Position(4), TokenId(17), std::nullopt, 20);
    const auto all = distribution(logits, s);
    REQUIRE(facts.bins.size() == 20);
    double sum = 0, after = 0, before = 0, kept = 0, struck = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i < 20) {
            CHECK(facts.bins[i].id == all[i].id);
            CHECK(facts.bins[i].probability == all[i].probability);
            sum += all[i].probability;
        }
        if (all[i].probability > 0) kept += 1, after -= all[i].probability * std::log(all[i].probability);
        before -= all[i].rawProbability * std::log(all[i].rawProbability);
        struck += all[i].struckBy ? 1 : 0;
    }
    CHECK(facts.kept == kept);
    CHECK(facts.struckTopK + facts.struckTopP + facts.struckMinP == struck);
    CHECK(facts.struckTopK == 440);
    CHECK(sum + facts.restAfter == Approx(1));
    // with nothing struck out the rest has a real share, in both columns
    const NextTokenFacts open = nextTokenFacts(logits, {.temperature = 2}, Position(4), std::nullopt, std::nullopt, 20);
    double shownRaw = 0, shownAfter = 0;
    for (const Bin& bin : open.bins) shownRaw += bin.rawProbability, shownAfter += bin.probability;
    CHECK(open.restAfter > 0.1);
    CHECK(shownRaw + open.restRaw == Approx(1));
    CHECK(shownAfter + open.restAfter == Approx(1));
    CHECK(facts.entropyAfter == Approx(after));
    CHECK(facts.entropyBefore == Approx(before));
    CHECK(facts.entropyBefore == Approx(entropy(logits)));
    CHECK(facts.surprise == Approx(surprisal(logits, 17)));
    const Bin* follows = facts.find(17);
    REQUIRE(follows);
    CHECK(follows->logit == logits[17]);
}

TEST_CASE("The draw falls into the bin that the sampler chose") {
    const auto logits = someLogits(200);
    const SamplingSettings s{.temperature = 1.3, .topK = 50};
    Pcg32 random(11);
    for (int i = 0; i < 40; ++i) {
        const Choice choice = choose(logits, s, random);
        const NextTokenFacts facts = nextTokenFacts(logits, s, Position(0), choice.id, choice, 50);
        REQUIRE(facts.drawn);
        CHECK(*facts.drawn == choice.id);
    }
}

TEST_CASE("Differences of two runs, largest first") {
    const auto b = someLogits(300);
    auto a = b;
    a[42] += 6;
    const auto list = tokenDifferences(b, a, 10);
    REQUIRE(list.size() == 10);
    CHECK(list[0].id == 42);
    CHECK(list[0].difference() < 0);
    const auto pa = softmax(a), pb = softmax(b);
    for (const TokenDifference& d : list) {
        CHECK(d.a == pa[static_cast<std::size_t>(d.id)]);
        CHECK(d.b == pb[static_cast<std::size_t>(d.id)]);
    }
    for (std::size_t i = 1; i < list.size(); ++i) CHECK(std::abs(list[i].difference()) <= std::abs(list[i - 1].difference()));
    CHECK(tokenDifferences(b, std::span(a).first(200), 10).empty());
}
