#include "widgets/shared/format.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "tests/catch.h"

using namespace lw;

TEST_CASE("Numbers have three or four digits and a real minus") {
    CHECK(printNumber(0.41268f) == "0.4127");
    CHECK(printNumber(-3.21) == "−3.21");
    CHECK(printNumber(204) == "204");
    CHECK(printNumber(2.3e-6) == "2.3e−6");
    CHECK(printNumber(0) == "0");
    CHECK(printNumber(-0.0) == "0");
    CHECK(printNumber(28.264098) == "28.26");
    CHECK(printNumber(1.0) == "1");
    CHECK(printNumber(0.99996) == "1.000");
    CHECK(printNumber(9.99961) == "10.00");
    CHECK(printNumber(99.9968) == "100.0");
    CHECK(printNumber(12345.6) == "12346");
    CHECK(printNumber(1.23456e9) == "1.235e9");
    CHECK(printNumber(-1.23456e-7) == "−1.235e−7");
    CHECK(printNumber(0.0123456) == "0.01235");
    CHECK(printNumber(3.14159, 3) == "3.14");
    CHECK(printNumber(-std::numeric_limits<double>::infinity()) == "−∞");
    CHECK(printNumber(std::nan("")) == "NaN");
}

TEST_CASE("A measured number keeps its width where a digit happens to be zero") {
    CHECK(printNumber(3.2100004) == "3.210");
    CHECK(printNumber(0.41300021) == "0.4130");
}

TEST_CASE("Probabilities are three decimals, or two digits when small") {
    CHECK(printProbability(0.9228) == "0.923");
    CHECK(printProbability(1) == "1.000");
    CHECK(printProbability(0) == "0.000");
    CHECK(printProbability(2.31e-6) == "2.3e−6");
    CHECK(printProbability(1e-4) == "1.0e−4");
    CHECK(printProbability(0.00999) == "0.010");
}

TEST_CASE("All digits read back to the same float") {
    std::mt19937 random(1);
    for (int i = 0; i < 2000; ++i) {
        const auto bits = static_cast<std::uint32_t>(random());
        const auto value = std::bit_cast<float>(bits);
        if (!std::isfinite(value)) continue;
        CAPTURE(bits, printFull(value));
        CHECK(std::strtof(printFull(value).c_str(), nullptr) == value);
    }
}

TEST_CASE("What cannot be seen is made visible") {
    CHECK(visiblePiece(" the") == "·the");
    CHECK(visiblePiece("\n") == "↵");
    CHECK(visiblePiece("\t\t") == "⇥⇥");
    CHECK(visiblePiece("") == "∅");
    CHECK(visiblePiece("\xE4") == "\\xE4");
    CHECK(visiblePiece("a\xE4\xBD") == "a\\xE4\\xBD");
    CHECK(visiblePiece("\xE2\x80\x8B") == "ZWSP");
    CHECK(visiblePiece("\xC2\xA0x") == "NBSPx");
    CHECK(visiblePiece("\xE2\x80\x8E") == "LRM");
    CHECK(visiblePiece(std::string_view("\0", 1)) == "NUL");
    CHECK(visiblePiece("\x02") == "U+0002");
    CHECK(visiblePiece("\xEE\x80\x80") == "U+E000");  // private use
    CHECK(visiblePiece("你好") == "你好");
    CHECK(visiblePiece("مرحبا") == "مرحبا");
}

TEST_CASE("Characters of several code points stay whole") {
    const std::string family = "👩‍👩‍👧", thumb = "👍🏽", flag = "🏴󠁧󠁢󠁥󠁮󠁧󠁿", heart = "❤️";
    CHECK(visiblePiece(family) == family);
    CHECK(visiblePiece(thumb) == thumb);
    CHECK(visiblePiece(flag) == flag);
    CHECK(visiblePiece(heart) == heart);
    CHECK(visiblePiece("e\xCC\x81") == "e\xCC\x81");
    CHECK(visiblePiece("می‌خواهم") == "می‌خواهم");  // Persian with a non-joiner inside
    CHECK(visiblePiece("\xE2\x80\x8D") == "ZWJ");                     // alone it joins nothing
    CHECK(visiblePiece("a\xE2\x80\x8D") == "aZWJ");
    CHECK(visiblePiece("\xCC\x81") == "◌\xCC\x81");  // a lone mark stands on a circle
    CHECK(visiblePiece("\xEF\xB8\x8F") == "U+FE0F");
}

TEST_CASE("Bytes of every kind give valid text that is not empty") {
    std::mt19937 random(7);
    for (int i = 0; i < 3000; ++i) {
        std::string bytes;
        for (auto n = random() % 6; n > 0; --n) bytes += static_cast<char>(random() % 256);
        const std::string shown = visiblePiece(bytes);
        REQUIRE(!shown.empty());
        for (std::size_t at = 0; at < shown.size();) {  // valid UTF-8, no control
            const auto lead = static_cast<unsigned char>(shown[at]);
            REQUIRE(lead >= 0x20);
            REQUIRE((lead < 0x80 || (lead >= 0xc2 && lead < 0xf5)));
            std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
            REQUIRE(at + length <= shown.size());
            for (std::size_t j = 1; j < length; ++j) REQUIRE((static_cast<unsigned char>(shown[at + j]) & 0xc0) == 0x80);
            at += length;
        }
    }
}

TEST_CASE("Nats and bits") {
    CHECK(inUnit(std::log(2.0), InformationUnit::Bits) == Approx(1));
    CHECK(inUnit(1.5, InformationUnit::Nats) == 1.5);
    CHECK(unitName(InformationUnit::Bits) == "bits");
}
