// PCG32 against the numbers its authors publish, and the fixed stream the program draws from.
#include <array>

#include "core/base/pcg32.h"
#include "tests/catch.h"

using namespace lw;

TEST_CASE("PCG32 gives the published numbers of the reference demo") {
    // pcg32-demo of pcg-c: pcg32_srandom_r(&rng, 42, 54), round 1; the stream number 54 means the increment 2 · 54 + 1
    constexpr std::uint64_t increment = 109;
    constexpr std::array<std::uint32_t, 6> published{0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e};
    std::uint64_t state = 0;
    Pcg32::seedWith(state, increment, 42);
    for (const std::uint32_t number : published) CHECK(Pcg32::advance(state, increment) == number);
}

TEST_CASE("A seed names one sequence") {
    // Computed by a separate integer implementation of the recurrence with increment 0xda3e39cb94b95bdb.
    Pcg32 zero(0), other(42), largest(~std::uint64_t{0});
    CHECK(zero.state == 0x51ebda032857265aULL);
    for (const std::uint32_t number : {0xcecf5e73u, 0x5e40274au, 0x604debceu, 0xcb667dd6u, 0x1d215321u, 0xb2389993u})
        CHECK(zero.next() == number);
    for (const std::uint32_t number : {0xddaa6c75u, 0x3237b41cu, 0xe070ca56u, 0xc17a7979u}) CHECK(other.next() == number);
    for (const std::uint32_t number : {0x6676ece8u, 0x4aba835fu, 0xe91489f9u}) CHECK(largest.next() == number);
}

TEST_CASE("uniform takes 53 bits from two draws") {
    Pcg32 random(0);
    CHECK(random.uniform() == 0.8078516972673416);
    CHECK(random.uniform() == 0.3761889844725478);
    CHECK(random.uniform() == 0.1137897498620759);

    Pcg32 a(5), b(5);
    for (int i = 0; i < 1000; ++i) {
        const double u = a.uniform();
        const std::uint64_t high = b.next() >> 5, low = b.next() >> 6;
        CHECK(u == static_cast<double>(high * (1u << 26) + low) / 9007199254740992.0);
        CHECK((u >= 0 && u < 1));
    }
}

TEST_CASE("A copy of the dice goes on alike") {
    Pcg32 a(9);
    a.uniform();
    Pcg32 b = a;
    CHECK(a == b);
    const double next = a.uniform();
    CHECK(a != b);
    CHECK(b.uniform() == next);
    CHECK(a == b);
}
