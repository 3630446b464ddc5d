// Numbers for people.
#include <array>
#include <cmath>

#include "core/analysis/numbers.h"
#include "tests/catch.h"

using namespace lw;

TEST_CASE("Numbers have a real minus sign and no idle digits") {
    CHECK(printNumber(0.4127, 4) == "0.4127");
    CHECK(printNumber(-3.21, 4) == "−3.21");
    CHECK(printNumber(0) == "0");
    CHECK(printNumber(-0.0) == "0");
    CHECK(printNumber(12345.6, 4) == "12346");
    CHECK(printNumber(0.00001, 4) == "1e−5");
    CHECK(printNumber(-2.346e-12, 3) == "−2.35e−12");
    CHECK(printNumber(1.5e21, 4) == "1.5e21");
    CHECK(printNumber(INFINITY) == "∞");
    CHECK(printNumber(-INFINITY) == "−∞");
    CHECK(printNumber(NAN) == "not a number");
    CHECK(printOperand(-1.5) == "(−1.5)");
    CHECK(printOperand(1.5) == "1.5");
}

TEST_CASE("Operands get as many digits as give the result again") {
    const auto difference = [](std::span<const double> x) { return x[0] - x[1]; };
    CHECK(digitsThatReproduce(std::array{3.25, 1.5}, difference) == 4);
    // 1000.1234 − 1000.1233: the result's 1e-6 needs ten digits of each and more.
    const std::array close{1000.123456784, 1000.123355123};
    const int digits = digitsThatReproduce(close, difference);
    CHECK(digits > 9);
    CHECK(rounded(close[0], digits) - rounded(close[1], digits) == Approx(close[0] - close[1]).epsilon(1e-6));
    CHECK(rounded(close[0], digits - 1) - rounded(close[1], digits - 1) != Approx(close[0] - close[1]).epsilon(1e-6));
}
