// Other ways to a text: all positions at once, the model's own words, a wrong word, many rolls, the best of several, loops.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "core/analysis/softmax_stats.h"
#include "core/generate/beam.h"
#include "core/generate/best_of.h"
#include "core/generate/exposure.h"
#include "core/generate/histogram.h"
#include "core/generate/jacobi.h"
#include "core/generate/loops.h"
#include "tests/core/models/model_gradients.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

namespace {

std::vector<TokenId> idsOf(const LoadedModel& loaded, const char* text) {
    const auto encoded = loaded.tokenizer->encode(text);
    REQUIRE(encoded);
    return encoded->ids();
}

std::vector<TokenId> greedy(const Model& model, const std::vector<TokenId>& prompt, int count) {
    GenerateRequest request;
    request.count = count;
    request.settings.greedy = true;
    const auto made = generate(model, prompt, request);
    REQUIRE(made);
    std::vector<TokenId> ids;
    for (const Choice& step : made->steps) ids.push_back(step.id);
    return ids;
}

// −log p of every token of a text but the first, from one whole captured run.
std::vector<double> losses(const Model& model, const std::vector<TokenId>& ids) {
    const auto result = run(model, ids, CaptureSpec::none());
    REQUIRE(result);
    std::vector<double> all{0};
    for (std::size_t t = 1; t < ids.size(); ++t) {
        const ConstRow row = result->trace->logits(Position(static_cast<int>(t) - 1));
        all.push_back(surprisal({row.data(), static_cast<std::size_t>(row.size())}, ids[t]));
    }
    return all;
}

}  // namespace

TEST_CASE("Jacobi decoding ends at the greedy text, in no more rounds than tokens") {
    for (const auto& [name, text] : {std::pair{"stories260K", "Once upon a time, there was a"},
                                     {"layerwalk-mamba", "Tom had a red"},
                                     {"layerwalk-transformer", "The dog and the cat"},
                                     {"lstm-bronte", "I walked over"}}) {
        CAPTURE(name);
        const auto loaded = openModel(name);
        const std::vector<TokenId> prompt = idsOf(*loaded, text);
        for (const int count : {1, 2, 24}) {
            CAPTURE(count);
            const auto made = jacobi(*loaded->model, prompt, {.count = count});
            REQUIRE(made);
            const std::vector<TokenId> want = greedy(*loaded->model, prompt, count);
            CHECK(made->ids() == want);
            CHECK(made->reason == StopReason::Count);
            CHECK(made->passes() <= count + 1);  // the last one finds nothing to change
            for (int round = 0; round <= made->passes(); ++round) {
                const JacobiRound& one = made->rounds[static_cast<std::size_t>(round)];
                REQUIRE(one.ids.size() == want.size());
                CHECK(one.settled >= std::min(round, count));  // each round settles one token at least
                for (int i = 0; i < one.settled; ++i)
                    CHECK(one.ids[static_cast<std::size_t>(i)] == want[static_cast<std::size_t>(i)]);
                if (one.settled < count)
                    CHECK(one.ids[static_cast<std::size_t>(one.settled)] != want[static_cast<std::size_t>(one.settled)]);
            }
        }
    }
}

TEST_CASE("Jacobi decoding stops where the context ends, and names what cannot be") {
    const auto loaded = openModel("gpt-nano-sort");
    const std::vector<TokenId> prompt = idsOf(*loaded, "CBABBC");
    const int context = loaded->model->info().context;
    const auto made = jacobi(*loaded->model, prompt, {.count = 1000});
    REQUIRE(made);
    CHECK(made->reason == StopReason::Context);
    CHECK(static_cast<int>(made->ids().size()) == context - static_cast<int>(prompt.size()));
    CHECK(made->ids() == greedy(*loaded->model, prompt, 1000));
    CHECK_FALSE(jacobi(*loaded->model, prompt, {.count = 0}));
    CHECK_FALSE(jacobi(*loaded->model, {}, {.count = 3}));
    CHECK_FALSE(jacobi(*loaded->model, prompt, {.count = 3, .guess = 99}));
    std::stop_source stop;
    stop.request_stop();
    const auto cancelled = jacobi(*loaded->model, prompt, {.count = 3}, {.stop = stop.get_token()});
    REQUIRE_FALSE(cancelled);
    CHECK(cancelled.error().kind == ErrorKind::Cancelled);
}

TEST_CASE("Exposure: the losses are those of whole runs over the same texts") {
    for (const auto& [name, text] : {std::pair{"stories260K", "Once upon a time, there was a little girl named Lily."},
                                     {"layerwalk-gated-deltanet", "Tom had a red ball. Sam had a blue ball."}}) {
        CAPTURE(name);
        const auto loaded = openModel(name);
        const Model& model = *loaded->model;
        const std::vector<TokenId> ids = idsOf(*loaded, text);
        for (const int from : {1, 4, static_cast<int>(ids.size()) - 1}) {
            CAPTURE(from);
            const TokenId wrongToken = ids[static_cast<std::size_t>(from)] + 1;
            const auto made = exposure(model, ids, from, wrongToken);
            REQUIRE(made);
            REQUIRE(made->steps.size() == ids.size() - static_cast<std::size_t>(from));
            const std::vector<double> taught = losses(model, ids);
            std::vector<TokenId> spoilt = ids;
            spoilt[static_cast<std::size_t>(from)] = wrongToken;
            const std::vector<double> after = losses(model, spoilt);
            const std::vector<TokenId> prefix(ids.begin(), ids.begin() + from);
            const std::vector<TokenId> own = greedy(model, prefix, static_cast<int>(made->steps.size()));
            CHECK(made->wrongLoss == Approx(after[static_cast<std::size_t>(from)]).margin(1e-4));
            double cost = 0;
            for (std::size_t t = static_cast<std::size_t>(from) + 1; t < ids.size(); ++t) cost += after[t] - taught[t];
            CHECK(made->wrongCost() == Approx(cost).margin(1e-3));
            for (std::size_t i = 0; i < made->steps.size(); ++i) {
                const ExposureStep& step = made->steps[i];
                const auto t = static_cast<std::size_t>(step.position);
                CAPTURE(t);
                CHECK(t == i + static_cast<std::size_t>(from));
                CHECK(step.truth == ids[t]);
                CHECK(step.taught == Approx(taught[t]).margin(1e-4));
                CHECK(step.said == own[i]);
                CHECK(step.best == greedy(model, {ids.begin(), ids.begin() + step.position}, 1).front());
                CHECK(step.agrees() == (own[i] == ids[t]));
                CHECK(step.wrong.has_value() == (i > 0));
                if (step.wrong) CHECK(*step.wrong == Approx(after[t]).margin(1e-4));
                // The model's own words up to here, then the true one.
                std::vector<TokenId> mixed = prefix;
                mixed.insert(mixed.end(), own.begin(), own.begin() + static_cast<std::ptrdiff_t>(i));
                mixed.push_back(ids[t]);
                CHECK(step.free == Approx(losses(model, mixed).back()).margin(1e-4));
            }
            CHECK(made->steps.front().free == made->steps.front().taught);  // nothing of its own was read yet
        }
        CHECK_FALSE(exposure(model, ids, 0));
        CHECK_FALSE(exposure(model, ids, static_cast<int>(ids.size())));
        CHECK_FALSE(exposure(model, ids, 2, -3));
        CHECK_FALSE(exposure(model, ids, 2, model.info().vocabulary));
    }
}

TEST_CASE("Rolled many times, tokens come as often as they should, within four standard deviations") {
    const auto loaded = openModel("stories260K");
    const auto result = run(*loaded->model, idsOf(*loaded, "Once upon a time, there was a"), CaptureSpec::none());
    REQUIRE(result);
    const ConstRow row = result->trace->logits(Position(result->trace->length() - 1));
    const std::span<const float> logits(row.data(), static_cast<std::size_t>(row.size()));
    for (const SamplingSettings& settings : {SamplingSettings{}, SamplingSettings{.temperature = 1.5, .topK = 40},
                                             SamplingSettings{.temperature = .7, .topP = .9}, SamplingSettings{.minP = .05}}) {
        const DrawHistogram drawn = rollMany(logits, settings, 1000, 11);
        std::int64_t count = 0;
        double probability = 0;
        for (const DrawCount& token : drawn.tokens) {
            CAPTURE(token.id, token.count, token.expected, token.spread);
            count += token.count;
            probability += token.probability;
            if (token.expected >= 5) CHECK(std::abs(static_cast<double>(token.count) - token.expected) <= 4 * token.spread);
        }
        CHECK(count == 1000);
        CHECK(probability == Approx(1).epsilon(0).margin(1e-9));
        CHECK(drawn.largestDeviation <= 4);
        // The same draws as choose() makes, one after the other.
        Pcg32 random(11);
        std::map<TokenId, std::int64_t> plain;
        for (int i = 0; i < 1000; ++i) ++plain[choose(logits, settings, random).id];
        for (const DrawCount& token : drawn.tokens) CHECK(plain[token.id] == token.count);
        const DrawHistogram again = rollMany(logits, settings, 1000, 11), other = rollMany(logits, settings, 1000, 12);
        CHECK(std::ranges::equal(drawn.tokens, again.tokens, {}, &DrawCount::count, &DrawCount::count));
        CHECK_FALSE(std::ranges::equal(drawn.tokens, other.tokens, {}, &DrawCount::count, &DrawCount::count));
    }
    const DrawHistogram sure = rollMany(logits, {.greedy = true}, 1000, 1);
    REQUIRE(sure.tokens.size() == 1);
    CHECK(sure.tokens[0].count == 1000);
    const std::vector<float> none(4, std::numeric_limits<float>::quiet_NaN());
    CHECK(rollMany(none, {}, 10, 1).tokens.empty());
}

TEST_CASE("Best of n ranks rolled texts by their mean log probability") {
    const auto loaded = openModel("stories260K");
    const std::vector<TokenId> prompt = idsOf(*loaded, "Lily wanted to");
    GenerateRequest request;
    request.count = 12;
    request.settings.seed = 5;
    request.settings.temperature = 1.2;
    const auto texts = bestOf(*loaded->model, prompt, 6, request);
    REQUIRE(texts);
    REQUIRE(texts->size() == 6);
    std::vector<std::uint64_t> seeds;
    for (std::size_t i = 0; i < 6; ++i) {
        const SampledText& text = (*texts)[i];
        seeds.push_back(text.seed);
        if (i > 0) CHECK((*texts)[i - 1].mean() >= text.mean());
        // The same seed alone, and the sum from a whole run.
        GenerateRequest one = request;
        one.settings.seed = text.seed;
        const auto alone = generate(*loaded->model, prompt, one);
        REQUIRE(alone);
        std::vector<TokenId> ids = prompt;
        for (std::size_t s = 0; s < text.steps.size(); ++s) {
            CHECK(alone->steps[s].id == text.steps[s].id);
            ids.push_back(text.steps[s].id);
        }
        const std::vector<double> loss = losses(*loaded->model, ids);
        double sum = 0;
        for (std::size_t t = prompt.size(); t < ids.size(); ++t) sum -= loss[t];
        CHECK(text.logProbability == Approx(sum).margin(1e-3));
    }
    std::ranges::sort(seeds);
    CHECK(seeds == std::vector<std::uint64_t>{5, 6, 7, 8, 9, 10});
    CHECK_FALSE(bestOf(*loaded->model, prompt, 0, request));
}

TEST_CASE("Best of n ranks by the mean or by the total; of texts that end early they give different orders") {
    const auto loaded = openModel("stories260K");
    const std::vector<TokenId> prompt = idsOf(*loaded, "Lily wanted to");
    GenerateRequest request;
    request.count = 20;
    request.settings.seed = 3;
    request.ends = {idsOf(*loaded, "to.").back()};  // a text ends with its first full stop
    const auto byMean = bestOf(*loaded->model, prompt, 12, request),
               total = bestOf(*loaded->model, prompt, 12, request, RankBy::Total);
    REQUIRE(byMean);
    REQUIRE(total);
    const auto seeds = [](const std::vector<SampledText>& texts) {
        std::vector<std::uint64_t> all;
        for (const SampledText& text : texts) all.push_back(text.seed);
        return all;
    };
    // By hand: Σ ln p of every text from a whole run, divided by its length or not.
    std::vector<std::pair<double, std::uint64_t>> sums, means;
    std::size_t shortest = 20, longest = 0;
    for (const SampledText& text : *total) {
        std::vector<TokenId> ids = prompt;
        for (const Choice& step : text.steps) ids.push_back(step.id);
        const std::vector<double> loss = losses(*loaded->model, ids);
        double sum = 0;
        for (std::size_t t = prompt.size(); t < ids.size(); ++t) sum += loss[t];
        sums.emplace_back(sum, text.seed);  // the least loss first
        means.emplace_back(sum / static_cast<double>(text.steps.size()), text.seed);
        shortest = std::min(shortest, text.steps.size()), longest = std::max(longest, text.steps.size());
    }
    CHECK(shortest < longest);
    std::ranges::sort(sums);
    std::ranges::sort(means);
    for (std::size_t i = 0; i < 12; ++i) {
        CHECK((*total)[i].seed == sums[i].second);
        CHECK((*byMean)[i].seed == means[i].second);
    }
    CHECK(seeds(*byMean) != seeds(*total));
    // Ranked the other way round they are the same texts, and ties go to the lower seed.
    std::vector<SampledText> again = *byMean;
    rank(again, RankBy::Total);
    CHECK(seeds(again) == seeds(*total));
    std::vector<SampledText> tied(3);
    for (std::size_t i = 0; i < 3; ++i) tied[i].seed = 9 - i, tied[i].steps.resize(2), tied[i].logProbability = -4;
    rank(tied, RankBy::Mean);
    CHECK(seeds(tied) == std::vector<std::uint64_t>{7, 8, 9});
}

TEST_CASE("A loop is the shortest piece that stands at the end several times") {
    const auto at = [](std::vector<TokenId> ids) { return loopAtEnd(ids); };
    CHECK_FALSE(at({}));
    CHECK_FALSE(at({1, 2, 3, 4, 5, 6, 7, 8, 9}));
    CHECK_FALSE(at({7, 7, 7}));  // too few tokens to be one
    const auto one = at({1, 7, 7, 7, 7, 7, 7, 7, 7});
    REQUIRE(one);
    CHECK(one->period == 1);
    CHECK(one->repeats == 8);
    CHECK(one->since == 1);
    const auto three = at({9, 9, 1, 2, 3, 1, 2, 3, 1, 2, 3});
    REQUIRE(three);
    CHECK(three->period == 3);
    CHECK(three->repeats == 3);
    CHECK(three->since == 2);
    CHECK_FALSE(at({1, 2, 3, 1, 2, 3, 1, 2, 4}));
    CHECK_FALSE(at({1, 2, 3, 4, 1, 2, 3, 4}));            // only twice
    const auto cut = at({3, 1, 2, 3, 1, 2, 3, 1, 2, 3});  // begins in the middle of a piece
    REQUIRE(cut);
    CHECK(cut->period == 3);
    CHECK(cut->since == 1);
}

TEST_CASE("A beam as wide as all continuations is the exhaustive search, and no narrower one is better") {
    // A vocabulary of 4 and a depth of 5: 4⁴ beams hold every text of four tokens.
    int missed = 0;  // models for which a narrow beam misses the best
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        CAPTURE(seed);
        const auto model = makeModel({{"model_type", "rnn"},
                                      {"vocab_size", 4},
                                      {"hidden_size", 6},
                                      {"num_hidden_layers", 1},
                                      {"initializer_range", 1.5},
                                      {"tie_word_embeddings", false}},
                                     false, seed);
        // Every text of five tokens by itself: Σ log p step by step, along one path after the other.
        std::vector<std::pair<double, std::vector<TokenId>>> every;
        const std::function<void(const State&, const Matrix&, std::vector<TokenId>&, double)> walk =
            [&](const State& state, const Matrix& logits, std::vector<TokenId>& ids, double sum) {
                const std::span<const float> row(logits.data(), 4);
                for (TokenId id = 0; id < 4; ++id) {
                    const double next = sum - surprisal(row, id);
                    ids.push_back(id);
                    if (ids.size() == 5) {
                        every.emplace_back(next, ids);
                    } else {
                        const auto after = state.clone();
                        const auto further = model->forward(std::array{id}, *after, Tap(), {}, LogitRows::Last);
                        walk(*after, further->value(), ids, next);
                    }
                    ids.pop_back();
                }
            };
        const auto state = model->start();
        const auto logits = model->forward(std::array<TokenId, 1>{2}, *state, Tap(), {}, LogitRows::Last);
        REQUIRE(logits);
        std::vector<TokenId> ids;
        walk(*state, logits->value(), ids, 0);
        REQUIRE(every.size() == 1024);
        std::ranges::sort(every, std::ranges::greater{}, &std::pair<double, std::vector<TokenId>>::first);
        const double most = every.front().first;
        for (const int beams : {1, 2, 8, 64}) {
            const auto found = beamSearch(*model, {2}, {.beams = beams, .count = 5});
            REQUIRE(found);
            const Beam& best = found->beams.front();
            CHECK(best.logProbability <= most + 1e-5);
            if (best.logProbability < most - 1e-4) ++missed;
            // What it says of its text is true.
            const auto same = std::ranges::find(every, best.ids, &std::pair<double, std::vector<TokenId>>::second);
            REQUIRE(same != every.end());
            CHECK(best.logProbability == Approx(same->first).epsilon(0).margin(1e-5));
        }
        // The full width has not only the best, but all of the first 256 in their order.
        const auto full = beamSearch(*model, {2}, {.beams = 256, .count = 5});
        REQUIRE(full);
        REQUIRE(full->beams.size() == 256);
        for (std::size_t i = 0; i < 256; ++i)
            CHECK(full->beams[i].logProbability == Approx(every[i].first).epsilon(0).margin(1e-5));
        CHECK(full->beams.front().ids == every.front().second);
    }
    CHECK(missed > 0);  // else the models would be too easy to tell anything
}
