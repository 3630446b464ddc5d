#include "widgets/shared/axis.h"

#include "tests/catch.h"

using namespace lw;

TEST_CASE("Linear ticks are round and inside the range") {
    const auto ticks = linearTicks(0, 1, 5);
    REQUIRE(ticks.size() == 6);
    CHECK(ticks[1].value == Approx(0.2));
    CHECK(ticks[1].text == "0.2");
    CHECK(ticks[0].text == "0");
    const auto signedTicks = linearTicks(-3.2, 4.1, 5);
    REQUIRE(signedTicks.size() == 4);
    CHECK(signedTicks.front().text == "−2");
    CHECK(signedTicks[1].text == "0");
    CHECK(signedTicks.back().value == Approx(4));
    for (const int count : {2, 3, 5, 9}) {
        for (const auto& [low, high] : {std::pair{0.0, 7.3}, std::pair{-1e-3, 2e-3}, std::pair{12345.0, 99999.0}}) {
            const auto some = linearTicks(low, high, count);
            CAPTURE(low, high, count, some.size());
            CHECK(some.size() >= 1);
            CHECK(some.size() <= static_cast<std::size_t>(count) + 1);
            for (const Tick& tick : some) {
                CHECK(tick.value >= low - 1e-9);
                CHECK(tick.value <= high * (1 + 1e-9) + 1e-12);
            }
        }
    }
}

TEST_CASE("An empty range has one tick") {
    REQUIRE(linearTicks(2, 2, 5).size() == 1);
    CHECK(linearTicks(2, 2, 5)[0].text == "2");
}

TEST_CASE("Logarithmic ticks are powers of ten") {
    const auto ticks = logTicks(1e-3, 1e4, 10);
    REQUIRE(ticks.size() == 8);
    CHECK(ticks.front().text == "0.001");
    CHECK(ticks.back().text == "10000");
    const auto wide = logTicks(1e-9, 1e12, 6);
    CHECK(wide.size() <= 7);
    CHECK(wide.front().text == "10⁻⁹");
    const auto narrow = logTicks(2, 9, 5);
    REQUIRE(narrow.size() == 2);
    CHECK(narrow[0].value == Approx(2));
    CHECK(narrow[1].value == Approx(5));
    CHECK(logTicks(0, 10, 5).empty());
}

TEST_CASE("A range is widened to round ends") {
    const Range range = niceRange(0.13, 0.87, 5);
    CHECK(range.low == Approx(0.0).margin(1e-12));
    CHECK(range.high == Approx(1.0));
    const Range point = niceRange(4, 4, 5);
    CHECK(point.low < 4);
    CHECK(point.high > 4);
}
