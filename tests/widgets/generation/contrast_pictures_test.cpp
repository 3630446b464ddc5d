// Rounds, own words, best of: what the pictures say is what was computed.
#include "widgets/generation/contrast_pictures.h"

#include <algorithm>
#include <cmath>

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

TEST_CASE("Rounds: every position of every round, what is settled and what is right before that") {
    Jacobi jacobi;
    jacobi.rounds = {{{0, 0, 0}, 0}, {{1, 0, 3}, 1}, {{1, 2, 3}, 3}, {{1, 2, 3}, 3}};
    jacobi.seconds = .002;
    jacobi.stepSeconds = .004;
    const Picture picture = roundsPicture(jacobi, 10, letter, 700, sayEnglish);
    CHECK(says(picture, "3 tokens in 3 passes"));
    CHECK(picture.spots.size() == 12);
    CHECK(saying(picture, "round 1, position 10: “b”, settled"));
    CHECK(saying(picture, "round 1, position 11: “a”, to be “c”"));
    CHECK(saying(picture, "round 1, position 12: “d”, right, but not yet sure"));
    CHECK(says(picture, "d ✓"));
    CHECK(says(picture, "the first that is wrong"));
    CHECK(picture.tables.at(0).columns == std::vector<std::string>{"10", "11", "12"});
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
    const Picture picture = exposurePicture({.exposure = e, .piece = letter, .place = place}, 720, sayEnglish);
    CHECK(e.taughtMean() == Approx(0.6));
    CHECK(e.freeMean() == Approx(3.5 / 3));
    CHECK(e.wrongMean() == Approx(2));
    CHECK(e.taughtMeanAfterFirst() == Approx(0.65));
    CHECK(says(picture, printNumber(.6, 4) + " nats a token with the true words, " + printNumber(3.5 / 3, 4) + " with its own"));
    CHECK(says(picture, "first differs at position 5"));
    CHECK(says(picture, "With “z” forced at position 4 the rest costs " + printNumber(2, 4) + " nats a token instead of " +
                            printNumber(.65, 4)));
    CHECK(e.wrongCost() == Approx(2.7));
    CHECK(says(picture, "+" + printNumber(2.7, 4) + " together"));
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
    const Picture same = exposurePicture({.exposure = e, .piece = letter, .place = place}, 720, sayEnglish);
    CHECK(says(same, "the true one to the end"));
    CHECK_FALSE(says(same, "forced"));
}

TEST_CASE("Own words: the text and what could stand there wrongly are chosen by a click") {
    Exposure e;
    e.from = 2;
    e.wrongToken = 7;
    e.wrongLoss = 2;
    e.steps = {{.position = 2, .truth = 1, .taught = .5, .best = 1, .free = .5, .said = 1, .wrong = {}},
               {.position = 3, .truth = 2, .taught = 1, .best = 3, .free = 1, .said = 3, .wrong = 3.0}};
    std::vector<Bin> alternatives(3);
    alternatives[0].id = 4, alternatives[0].rawProbability = .6;
    alternatives[1].id = 1, alternatives[1].rawProbability = .2;  // what the text says: no wrong token
    alternatives[2].id = 7, alternatives[2].rawProbability = std::exp(-2.0);
    ExposureInput in{.exposure = e, .pieces = {"B", "x", "b", "c"}, .alternatives = alternatives, .piece = letter};
    const auto actions = [](const Picture& picture, const std::string& start) {
        std::vector<std::string> found;
        for (const Spot& spot : picture.spots)
            if (spot.action.starts_with(start)) found.push_back(spot.action);
        return found;
    };
    const Picture picture = exposurePicture(in, 720, sayEnglish);
    CHECK(actions(picture, "from:") == std::vector<std::string>{"from:1", "from:2", "from:3"});  // none before the first
    CHECK(actions(picture, "wrong:") == std::vector<std::string>{"wrong:4", "wrong:7"});
    CHECK(says(picture, "instead of “b”, which has " + printProbability(std::exp(-.5))));
    // A written token that the model does not find probable stands in front.
    in.exposure.wrongToken = 25;
    in.exposure.wrongLoss = 9;
    const Picture written = exposurePicture(in, 720, sayEnglish);
    CHECK(actions(written, "wrong:") == std::vector<std::string>{"wrong:25", "wrong:4", "wrong:7"});
    CHECK(says(written, printProbability(std::exp(-9.0))));
    // A long text: two lines about the chosen place, and on to both sides.
    in.pieces.assign(300, "word");
    in.exposure.from = 150;
    for (std::size_t i = 0; i < 2; ++i) in.exposure.steps[i].position = 150 + static_cast<int>(i);
    const Picture part = exposurePicture(in, 720, sayEnglish);
    const auto chips = actions(part, "from:");
    CHECK(chips.size() > 10);
    CHECK(chips.size() < 60);
    CHECK(std::ranges::count(chips, "from:150") == 1);
    const auto position = [](const std::string& action) { return std::stoi(action.substr(5)); };
    CHECK(position(chips.front()) < 150);
    CHECK(position(chips.back()) > 150);
    for (std::size_t i = 1; i < chips.size(); ++i) CHECK(position(chips[i]) == position(chips[i - 1]) + 1);
    for (const Spot& spot : part.spots) CHECK(spot.rect.right() <= 720.5);
    // At the end there is no rest.
    in.exposure.steps.resize(1);
    CHECK(says(exposurePicture(in, 720, sayEnglish), "no rest comes after it"));
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
    const Picture picture = bestOfPicture(texts, RankBy::Mean, letter, 700, sayEnglish);
    const Spot* first = saying(picture, "seed 8: Σ ln p");
    REQUIRE(first);
    CHECK(first->action == "adopt:0");
    CHECK(*first->value == -1.5);
    CHECK(says(picture, "bc"));
    CHECK(says(picture, "ff"));
    CHECK(says(picture, "the largest (1/T) Σ ln p first"));
    CHECK(saying(picture, "(1/T) Σ ln p")->action == "rank:mean");
    const Picture total = bestOfPicture(texts, RankBy::Total, letter, 700, sayEnglish);
    CHECK(says(total, "2 rolled texts, the largest Σ ln p first"));
    CHECK(*saying(total, "seed 8: Σ ln p")->value == -3);
    const std::vector<TokenId> ids{9, 1, 2, 1, 2, 1, 2, 1, 2};
    CHECK(loopSentence({2, 4, 1}, ids, letter, sayEnglish) ==
          "The text goes round in circles: “bc” stands there 4 times, from position 1 on.");
}
