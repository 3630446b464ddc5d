// Rounds, own words, best of: what the pictures say is what was computed.
#include "widgets/generation/contrast_pictures.h"

#include <algorithm>

#include "tests/catch.h"
#include "widgets/shared/format.h"

using namespace lw;

namespace {

bool says(const Picture& picture, const std::string& part) {
    return std::ranges::any_of(picture.texts(), [&](const std::string& line) { return line.find(part) != std::string::npos; });
}
const Spot* saying(const Picture& picture, const std::string& part) {
    for (const Spot& spot : picture.spots)
        if (spot.says.find(part) != std::string::npos) return &spot;
    return nullptr;
}
std::string letter(TokenId id) { return std::string(1, static_cast<char>('a' + id)); }

}  // namespace

TEST_CASE("Rounds: every place of every round, what is settled and what is right before that") {
    Jacobi jacobi;
    jacobi.rounds = {{{0, 0, 0}, 0}, {{1, 0, 3}, 1}, {{1, 2, 3}, 3}, {{1, 2, 3}, 3}};
    jacobi.seconds = .002;
    jacobi.stepSeconds = .004;
    const Picture picture = roundsPicture(jacobi, letter, 700, sayEnglish);
    CHECK(says(picture, "3 tokens in 3 passes"));
    CHECK(picture.spots.size() == 12);
    CHECK(saying(picture, "round 1, place 0: “b”, settled"));
    CHECK(saying(picture, "round 1, place 1: “a”, to be “c”"));
    CHECK(saying(picture, "round 1, place 2: “d”, right, but not yet sure"));
    CHECK(says(picture, "d ✓"));
    REQUIRE(picture.tables.size() == 1);
    CHECK(picture.tables[0].rows[1] == std::vector<double>{1, 0, 3});
}

TEST_CASE("Own words: losses, where its text differs first, what the wrong word costs; rows are places") {
    Exposure e;
    e.from = 4;
    e.wrongToken = 25;
    e.steps = {{.position = 4, .truth = 1, .taught = .5, .best = 1, .free = .5, .said = 1, .wrong = {}},
               {.position = 5, .truth = 2, .taught = 1, .best = 3, .free = 1, .said = 3, .wrong = 3.0},
               {.position = 6, .truth = 4, .taught = .3, .best = 4, .free = 2, .said = 0, .wrong = 1.0}};
    Locus place;
    place.position = Position(5);
    const Picture picture = exposurePicture(e, letter, place, 720, sayEnglish);
    CHECK(e.taughtMean() == Approx(0.6));
    CHECK(e.freeMean() == Approx(3.5 / 3));
    CHECK(e.wrongMean() == Approx(2));
    CHECK(e.taughtMeanAfterFirst() == Approx(0.65));
    CHECK(says(picture, printNumber(.6, 4) + " nats a token with the true words, " + printNumber(3.5 / 3, 4) + " with its own"));
    CHECK(says(picture, "first differs at position 5"));
    CHECK(says(picture, "With “z” forced at position 4 the rest costs " + printNumber(2, 4) + " nats a token instead of " +
                            printNumber(.65, 4)));
    CHECK(says(picture, "≠ d"));
    const Spot* spot = saying(picture, "position 5: “c” costs");
    REQUIRE(spot);
    CHECK(spot->place.position == Position(5));
    CHECK(spot->says.find("; 3") != std::string::npos);
    REQUIRE(picture.tables.size() == 1);
    CHECK(picture.tables[0].rows[1][6] == 3);
    CHECK(std::isnan(picture.tables[0].rows[0][6]));
    e.wrongToken.reset();
    for (ExposureStep& step : e.steps) step.said = step.truth, step.wrong.reset();
    const Picture same = exposurePicture(e, letter, place, 720, sayEnglish);
    CHECK(says(same, "the true one to the end"));
    CHECK_FALSE(says(same, "forced"));
}

TEST_CASE("Best of: ranked texts, each of which can be put into the tree; a loop is told") {
    std::vector<SampledText> texts(2);
    texts[0].seed = 8;
    texts[0].logProbability = -3;
    texts[0].steps.resize(2);
    texts[0].steps[0].id = 1;
    texts[0].steps[1].id = 2;
    texts[1].seed = 7;
    texts[1].logProbability = -6;
    texts[1].steps.resize(2);
    texts[1].steps[0].id = texts[1].steps[1].id = 5;
    const Picture picture = bestOfPicture(texts, letter, 700, sayEnglish);
    const Spot* first = saying(picture, "seed 8: ln p a token");
    REQUIRE(first);
    CHECK(first->action == "adopt:0");
    CHECK(*first->value == -1.5);
    CHECK(says(picture, "bc"));
    CHECK(says(picture, "ff"));
    const std::vector<TokenId> ids{9, 1, 2, 1, 2, 1, 2, 1, 2};
    CHECK(loopSentence({2, 4, 1}, ids, letter, sayEnglish) ==
          "The text goes round in circles: “bc” stands there 4 times, from position 1 on.");
}
