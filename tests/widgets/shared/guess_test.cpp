#include "widgets/shared/guess.h"

#include "tests/catch.h"

using namespace lw;

TEST_CASE("A guess is read as people write numbers") {
    CHECK(parseGuess("0.5") == 0.5);
    CHECK(parseGuess(" 0,5 ") == 0.5);
    CHECK(parseGuess("50 %") == 0.5);
    CHECK(parseGuess("−3") == -3.0);
    CHECK(parseGuess("-3e-2") == -0.03);
    CHECK_FALSE(parseGuess("cat"));
    CHECK_FALSE(parseGuess(""));
    CHECK_FALSE(parseGuess("inf"));
}

TEST_CASE("The judgement names guess, truth and distance") {
    Spot spot;
    spot.value = 0.4127;
    const Judgement high = judge(spot, "0.5");
    REQUIRE(high.distance);
    CHECK(*high.distance == Approx(0.0873));
    CHECK(high.sentence.contains("0.5"));
    CHECK(high.sentence.contains("0.4127"));
    CHECK(high.sentence.contains("0.0873 too high"));
    CHECK(judge(spot, "-1").sentence.contains("too low"));
    CHECK(judge(spot, "0.4127").sentence.contains("and it is"));
    CHECK_FALSE(judge(spot, "many").distance);
    Spot words;
    words.says = "·cat";
    CHECK(judge(words, "dog").sentence.contains("·cat"));
}
