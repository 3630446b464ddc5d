// The picture of a beam search against the search itself: what was kept leads to the beams it found.
#include "widgets/generation/beam_picture.h"

#include <algorithm>

#include "core/generate/generate.h"
#include "tests/core/models/zoo.h"
#include "widgets/generation/beam_example.h"
#include "widgets/shared/format.h"

using namespace lw;
using namespace lw::test;

namespace {

BeamResult searched(int beams, int count, std::vector<TokenId> ends = {}) {
    const auto loaded = openModel(zooPath("gpt2"));
    BeamRequest request;
    request.beams = beams;
    request.count = count;
    request.ends = std::move(ends);
    request.recordCandidates = true;
    auto result = beamSearch(*loaded->model, {3, 14, 15, 9}, request);
    if (!result) FAIL(result.error().message);
    return *result;
}

}  // namespace

TEST_CASE("The tokens on the way to a kept candidate are the beam's") {
    const BeamResult result = searched(3, 5);
    REQUIRE(result.candidates.size() == 5);
    for (int n = 0; n < 3; ++n) CHECK(beamTokens(result, 4, n) == result.beams[static_cast<std::size_t>(n)].ids);
    CHECK(beamTokens(result, 4, 3).empty());
    CHECK(beamTokens(result, 9, 0).empty());
    CHECK(beamTokens(result, 0, 1).size() == 1);
}

TEST_CASE("A beam that has ended goes on without tokens") {
    const BeamResult free = searched(2, 3);
    const TokenId end = free.beams[0].ids[0];
    const BeamResult result = searched(2, 4, {end});
    const auto ended = std::find_if(result.beams.begin(), result.beams.end(), [](const Beam& b) { return b.ended; });
    if (ended == result.beams.end()) {
        WARN("no beam ended");
        return;
    }
    const int n = static_cast<int>(ended - result.beams.begin());
    CHECK(beamTokens(result, static_cast<int>(result.candidates.size()) - 1, n) == ended->ids);
    const Picture picture = beamPicture({result, "p", [](TokenId id) { return std::to_string(id); }}, sayEnglish);
    const auto texts = picture.texts();
    CHECK(std::find(texts.begin(), texts.end(), "ended") != texts.end());
}

TEST_CASE("Every candidate is drawn with its running log-probability; kept ones can be walked to") {
    const BeamResult result = searched(3, 4);
    const Picture picture = beamPicture({result, "p", [](TokenId id) { return std::to_string(id); }}, sayEnglish);
    std::size_t candidates = 0, kept = 0, walks = 0, drawn = 0;
    for (const auto& depth : result.candidates)
        for (const BeamCandidate& c : depth) ++candidates, kept += c.kept ? 1 : 0;
    for (const Spot& spot : picture.spots) {
        ++drawn;
        if (!spot.action.empty()) ++walks;
    }
    CHECK(drawn == candidates);  // 3 × 3 a depth: none is left out
    CHECK(walks == kept);
    CHECK(picture.tables.at(0).rows.size() == candidates);
    const auto texts = picture.texts();
    for (const auto& depth : result.candidates)
        for (const BeamCandidate& c : depth)
            CHECK(std::find(texts.begin(), texts.end(), printNumber(c.logProbability, 4)) != texts.end());
    // the kept ones of a column do not overlap the dropped ones
    for (std::size_t i = 0; i < picture.spots.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const Rect &a = picture.spots[i].rect, &b = picture.spots[j].rect;
            CHECK((a.right() <= b.x || b.right() <= a.x || a.bottom() <= b.y || b.bottom() <= a.y));
        }
}

TEST_CASE("With a length penalty the candidates show the score they are ranked by") {
    const auto loaded = openModel(zooPath("gpt2"));
    const auto result =
        beamSearch(*loaded->model, {3, 14, 15, 9}, {.beams = 2, .count = 3, .lengthPenalty = 0.8, .recordCandidates = true});
    REQUIRE(result);
    BeamInput in{*result, "p", [](TokenId id) { return std::to_string(id); }};
    in.lengthPenalty = 0.8;
    const auto texts = beamPicture(in, sayEnglish).texts();
    for (const BeamCandidate& c : result->candidates[2])
        CHECK(std::find(texts.begin(), texts.end(), printNumber(c.logProbability / std::pow(3.0, 0.8), 4)) != texts.end());
    CHECK(std::find(texts.begin(), texts.end(), "step 3 · score") != texts.end());
}

TEST_CASE("The example: two beams find what greedy misses") {
    const auto loaded = openModel(greedyMisses.model);
    const auto encoded = loaded->tokenizer->encode(greedyMisses.text);
    REQUIRE(encoded);
    const std::vector<TokenId> ids = encoded->ids();
    const auto beam = beamSearch(*loaded->model, ids, {.beams = greedyMisses.beams, .count = greedyMisses.tokens});
    const auto greedy = generate(*loaded->model, ids, {.count = greedyMisses.tokens, .settings = {.greedy = true}});
    REQUIRE(beam);
    REQUIRE(greedy);
    double sum = 0;
    std::vector<TokenId> text;
    for (const Choice& step : greedy->steps) sum += std::log(step.rawProbability), text.push_back(step.id);
    CHECK(beam->beams.front().ids.size() == text.size());
    CHECK(beam->beams.front().ids != text);
    WARN("greedy " << sum << ", best beam " << beam->beams.front().logProbability);
    CHECK(beam->beams.front().logProbability > sum + 1);

    const Beam one{text, sum, sum, false};
    const auto piece = [&](TokenId id) { return loaded->tokenizer->bytes(id); };
    const auto says = [](const Picture& picture, const std::string& words) {
        const auto texts = picture.texts();
        return std::any_of(texts.begin(), texts.end(), [&](const std::string& t) { return t.find(words) != std::string::npos; });
    };
    CHECK(says(beamPicture({*beam, "p", piece, one}, sayEnglish), "Greedy misses it"));
    BeamResult narrow = *beam;
    narrow.beams = {one};
    CHECK(says(beamPicture({narrow, "p", piece, one}, sayEnglish), "Greedy finds the same"));
    CHECK(says(beamPicture({*beam, "p", piece, one, 0.8}, sayEnglish), "Σ ln p ÷ T^0.8"));
    CHECK_FALSE(says(beamPicture({*beam, "p", piece, one}, sayEnglish), "÷ T^"));
}
