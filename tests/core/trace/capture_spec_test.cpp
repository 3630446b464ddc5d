// What a run keeps: patterns of names, what must be stored for a derived site, and the bytes told before the run.
#include "core/trace/capture_spec.h"

#include "tests/catch.h"
#include "tests/core/trace/small_model.h"

using namespace lw;

namespace {
CaptureSpec parsed(std::initializer_list<std::string> patterns) {
    const std::vector<std::string> list(patterns);
    auto spec = CaptureSpec::parse(list, test::smallModel());
    REQUIRE(spec);
    return *spec;
}
}  // namespace

TEST_CASE("a derived site stores its sources and nothing else") {
    const CaptureSpec spec = parsed({"blocks.1.attn.hook_pattern"});
    CHECK(spec.wants(SiteId::Pattern, Layer(1)));
    CHECK_FALSE(spec.stores(SiteId::Pattern, Layer(1)));
    CHECK(spec.stores(SiteId::RotQ, Layer(1)));
    CHECK(spec.stores(SiteId::RotK, Layer(1)));
    CHECK_FALSE(spec.stores(SiteId::RotQ, Layer(0)));
    CHECK_FALSE(spec.wants(SiteId::RotQ, Layer(1)));
    CHECK(spec.wanted().size() == 1);
    const CaptureSpec final = parsed({"ln_final.hook_normalized"});
    CHECK(final.stores(SiteId::ResidPre, Layer(1)));
    CHECK(final.stores(SiteId::FinalScale, Layer(0)));
    CHECK_FALSE(final.stores(SiteId::ResidPre, Layer(0)));
}

TEST_CASE("patterns, lists and all") {
    CHECK(parsed({"blocks.*.hook_resid_pre, hook_embed"}).wanted().size() == 3);
    CHECK(parsed({"blocks.*.attn.hook_?"}).wanted().size() == 8);  // q k v z in two layers
    const CaptureSpec all = parsed({"all"});
    CHECK_FALSE(all.wants(SiteId::Result, Layer(0)));
    CHECK_FALSE(all.wants(SiteId::QInput, Layer(0)));
    CHECK(all.wants(SiteId::Pattern, Layer(1)));
    CHECK(parsed({"*"}).wants(SiteId::Result, Layer(0)));
    const std::vector<std::string> bad{"all,blocks.9.nothing"};
    const auto refused = CaptureSpec::parse(bad, test::smallModel());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("blocks.9.nothing") != std::string::npos);
}

TEST_CASE("bytes, counted by hand") {
    const ModelInfo info = test::smallModel();
    CHECK(CaptureSpec::none().bytes(info, 5) == 5 * 11 * 4);
    CHECK(parsed({"blocks.0.attn.hook_pattern"}).bytes(info, 5) == (5 * 11 + 5 * 8 + 5 * 4) * 4);
    CHECK(parsed({"blocks.0.attn.hook_pattern"}).materialisedBytes(info, 5) == 4 * 5 * 5 * 4);
    // Memory grows with T, not with its square.
    const CaptureSpec all = CaptureSpec::all(info);
    CHECK(all.bytes(info, 1000) == 100 * all.bytes(info, 10));
    CHECK(printBytes(1900000) == "1.9 MB");
    CHECK(printBytes(999) == "999 bytes");
    CHECK(printBytes(2400000000) == "2.4 GB");
}
