#include "widgets/shared/oklab.h"

#include "tests/catch.h"

using namespace lw;

TEST_CASE("OKLab gives the published values") {  // Ottosson's table: XYZ white and red of sRGB
    const Oklab white = toOklab(QColor(255, 255, 255));
    CHECK(white.L == Approx(1).margin(1e-4));
    CHECK(white.a == Approx(0).margin(1e-4));
    const Oklab red = toOklab(QColor(255, 0, 0));
    CHECK(red.L == Approx(0.62796).margin(1e-4));
    CHECK(red.a == Approx(0.22486).margin(1e-4));
    CHECK(red.b == Approx(0.12585).margin(1e-4));
}

TEST_CASE("There and back again is the same colour") {
    int worst = 0;
    for (int r = 0; r < 256; r += 15)
        for (int g = 0; g < 256; g += 15)
            for (int b = 0; b < 256; b += 15) {
                const QColor back = fromOklab(toOklab(QColor(r, g, b)));
                worst = std::max({worst, std::abs(back.red() - r), std::abs(back.green() - g), std::abs(back.blue() - b)});
            }
    CHECK(worst == 0);
}
