// Beam search against a plain enumeration with whole runs of the model.
#include "core/generate/beam.h"
#include "core/analysis/softmax_stats.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

namespace {

struct PlainBeam {
    std::vector<TokenId> ids;
    double log = 0;
    bool ended = false;
};

double scoreOf(const PlainBeam& b, double penalty) {
    return b.ids.empty() ? b.log : b.log / std::pow(static_cast<double>(b.ids.size()), penalty);
}

// Every continuation of every beam, sorted whole: no cache, no partial selection.
std::vector<PlainBeam> plainSearch(const LoadedModel& loaded, const std::vector<TokenId>& prompt, int beams, int count,
                                   double penalty, const std::vector<TokenId>& ends) {
    std::vector<PlainBeam> kept(1);
    for (int depth = 0; depth < count; ++depth) {
        std::vector<PlainBeam> all;
        for (const PlainBeam& beam : kept) {
            if (beam.ended) {
                all.push_back(beam);
                continue;
            }
            std::vector<TokenId> text = prompt;
            text.insert(text.end(), beam.ids.begin(), beam.ids.end());
            const auto run = runAll(loaded, text);
            const ConstRow row = run.trace->logits(Position(static_cast<int>(text.size()) - 1));
            const std::span<const float> logits(row.data(), static_cast<std::size_t>(row.size()));
            for (TokenId id = 0; id < static_cast<TokenId>(logits.size()); ++id) {
                PlainBeam next = beam;
                next.ids.push_back(id);
                next.log -= surprisal(logits, id);
                next.ended = std::find(ends.begin(), ends.end(), id) != ends.end();
                all.push_back(next);
            }
        }
        std::stable_sort(all.begin(), all.end(),
                         [&](const PlainBeam& a, const PlainBeam& b) { return scoreOf(a, penalty) > scoreOf(b, penalty); });
        all.resize(std::min<std::size_t>(all.size(), static_cast<std::size_t>(beams)));
        kept = all;
    }
    return kept;
}

}  // namespace

TEST_CASE("Beam search finds what an enumeration finds") {
    for (const char* name : {"gpt2", "llama"}) {
        const auto loaded = openModel(zooPath(name));
        for (const double penalty : {0.0, 0.8}) {
            for (const std::vector<TokenId>& ends : {std::vector<TokenId>{}, std::vector<TokenId>{84, 67, 20, 80}}) {
                for (const int beams : {1, 3, 5}) {
                    const std::vector<TokenId> prompt{3, 17, 5};
                    const auto got =
                        beamSearch(*loaded->model, prompt, {.beams = beams, .count = 5, .lengthPenalty = penalty, .ends = ends});
                    REQUIRE(got);
                    const auto want = plainSearch(*loaded, prompt, beams, 5, penalty, ends);
                    CAPTURE(name, penalty, beams, ends.size());
                    REQUIRE(got->beams.size() == want.size());
                    for (std::size_t i = 0; i < want.size(); ++i) {
                        CHECK(got->beams[i].ids == want[i].ids);
                        CHECK(got->beams[i].logProbability == Approx(want[i].log).epsilon(1e-5));
                        CHECK(got->beams[i].score == Approx(scoreOf(want[i], penalty)).epsilon(1e-5));
                        CHECK(got->beams[i].ended == want[i].ended);
                    }
                }
            }
        }
    }
}

TEST_CASE("One beam is the greedy text, and candidates tell their fate") {
    const auto loaded = openModel(zooPath("gpt2"));
    const Reference expected(zooPath("gpt2") + "/expected.safetensors");
    const auto ids = expected.ids("0.input_ids");
    const auto one = beamSearch(*loaded->model, ids, {.beams = 1, .count = 6});
    REQUIRE(one);
    CHECK(one->beams[0].ids == std::vector<TokenId>{84, 80, 15, 80, 80, 80});  // greedy.json

    const auto three = beamSearch(*loaded->model, ids, {.beams = 3, .count = 4, .recordCandidates = true});
    REQUIRE(three);
    REQUIRE(three->candidates.size() == 4);
    CHECK(three->candidates[0].size() == 3);  // one lane: the prompt
    CHECK(three->candidates[1].size() == 9);
    for (const auto& depth : three->candidates) {
        CHECK(std::count_if(depth.begin(), depth.end(), [](const BeamCandidate& c) { return c.kept; }) == 3);
        for (std::size_t i = 1; i < depth.size(); ++i) CHECK(depth[i - 1].logProbability >= depth[i].logProbability);
        for (const BeamCandidate& c : depth) CHECK((c.parentBeam >= 0 && c.parentBeam < 3));
        for (const BeamCandidate& c : depth) CHECK(c.score == c.logProbability);
    }
    const auto penalised =
        beamSearch(*loaded->model, ids, {.beams = 2, .count = 3, .lengthPenalty = 0.7, .recordCandidates = true});
    REQUIRE(penalised);
    for (std::size_t d = 0; d < 3; ++d)
        for (const BeamCandidate& c : penalised->candidates[d])
            CHECK(c.score == Approx(c.logProbability / std::pow(static_cast<double>(d + 1), 0.7)));
    // The best beam can be followed back through the candidates.
    CHECK(three->candidates[3][0].logProbability == three->beams[0].logProbability);
    CHECK(three->candidates[3][0].id == three->beams[0].ids.back());
}

TEST_CASE("Beam search stops at the context's end, at ends, and on bad requests") {
    const auto loaded = openModel(zooPath("gpt2"));
    const auto context = beamSearch(*loaded->model, std::vector<TokenId>(62, 7), {.beams = 2, .count = 9});
    REQUIRE(context);
    CHECK(context->reason == StopReason::Context);
    CHECK(context->beams[0].ids.size() == 2);
    // The last depth is chosen from the logits after the token before it, as a search with whole runs does.
    const auto plain = plainSearch(*loaded, std::vector<TokenId>(62, 7), 2, 2, 0, {});
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(context->beams[i].ids == plain[i].ids);
        CHECK(context->beams[i].logProbability == Approx(plain[i].log).epsilon(1e-5));
    }
    std::vector<TokenId> all(97);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<TokenId>(i);
    const auto ended = beamSearch(*loaded->model, {3}, {.beams = 2, .count = 9, .ends = all});
    REQUIRE(ended);
    CHECK(ended->reason == StopReason::End);
    CHECK(ended->beams[0].ids.size() == 1);
    CHECK(!beamSearch(*loaded->model, {3}, {.beams = 0, .count = 1}));
    CHECK(!beamSearch(*loaded->model, {97}, {.beams = 1, .count = 1}));
    const auto wide = beamSearch(*loaded->model, {3}, {.beams = 200, .count = 1});  // more beams than tokens
    REQUIRE(wide);
    CHECK(wide->beams.size() == 97);
}
