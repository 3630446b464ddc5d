// Places: one grammar, printed = parsed.
#include "core/trace/locus.h"

#include "tests/catch.h"

using namespace lw;

TEST_CASE("a place prints as it is parsed") {
    for (const char* text : {"", "L3 H5 q7 k2", "s2 L0 H0 q0 k0 n40 m1", "q7 hook_embed", "L3 q7 n1 blocks.3.hook_resid_pre",
                             "L3 H5 q7 k2 blocks.3.attn.hook_pattern", "q4 n17 logits"}) {
        const auto place = parseLocus(text);
        REQUIRE(place);
        CHECK(print(*place) == text);
    }
    CHECK(print(*parseLocus("  k2   q7\tL1 ")) == "L1 q7 k2");
    CHECK(parseLocus("blocks.4.hook_mlp_out")->layer == Layer(4));
}

TEST_CASE("what is no part of a place is named") {
    for (const char* text : {"L", "x3", "L3 H-5", "q1.5", "L99999999999", "blocks.2.nothing", "L3 blocks.4.hook_resid_pre"}) {
        CAPTURE(text);
        const auto place = parseLocus(text);
        REQUIRE_FALSE(place);
        CHECK_FALSE(place.error().message.empty());
    }
    CHECK(parseLocus("L1 wobble").error().message.find("wobble") != std::string::npos);
}

TEST_CASE("laying one place over another keeps what the other leaves open") {
    const Locus under = *parseLocus("L3 H5 q7"), over = *parseLocus("H1 k2");
    CHECK(print(under.with(over)) == "L3 H1 q7 k2");
}
