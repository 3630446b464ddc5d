// The table of capture sites: names that are the field's, and that read back.
#include "core/trace/site.h"

#include <set>

#include "tests/catch.h"
#include "tests/core/trace/small_model.h"

using namespace lw;

TEST_CASE("every site's name reads back to it, with its layer") {
    std::set<std::string> names;
    for (const Site& site : allSites()) {
        const std::string name = siteName(site.id, Layer(12));
        CAPTURE(name);
        CHECK(names.insert(name).second);
        const auto ref = parseSiteName(name);
        REQUIRE(ref);
        CHECK(ref->id == site.id);
        CHECK(ref->layer.value == (site.perLayer ? 12 : 0));
        CHECK_FALSE(site.meaning.empty());
        CHECK_FALSE(axesName(site.axes).empty());
    }
    CHECK(names.contains("blocks.12.attn.hook_pattern"));
    CHECK(names.contains("blocks.12.mlp.hook_pre_linear"));
    CHECK(names.contains("ln_final.hook_normalized"));
}

TEST_CASE("a name that is no site's is refused") {
    for (const char* name : {"", "blocks", "blocks..hook_resid_pre", "blocks.-1.hook_resid_pre", "blocks.x.hook_resid_pre",
                             "blocks.1.nothing", "blocks.99999999999.hook_resid_pre", "hook_embed2"}) {
        CAPTURE(name);
        CHECK_FALSE(parseSiteName(name));
    }
}

TEST_CASE("shapes follow the model: grouped keys, gated neurons") {
    const ModelInfo info = test::smallModel();
    using Shape = std::vector<std::int64_t>;
    CHECK(info.shapeOf(SiteId::Q, Layer(0), 5) == Shape{5, 4, 2});
    CHECK(info.shapeOf(SiteId::RotK, Layer(0), 5) == Shape{5, 2, 2});
    CHECK(info.shapeOf(SiteId::Pattern, Layer(0), 5) == Shape{4, 5, 5});
    CHECK(info.shapeOf(SiteId::Result, Layer(0), 5) == Shape{5, 4, 8});
    CHECK(info.shapeOf(SiteId::VInput, Layer(0), 5) == Shape{5, 2, 8});
    CHECK(info.shapeOf(SiteId::MlpPost, Layer(0), 5) == Shape{5, 12});
    CHECK(info.shapeOf(SiteId::FinalScale, Layer(0), 5) == Shape{5, 1});
    CHECK(info.shapeOf(SiteId::Logits, Layer(0), 5) == Shape{5, 11});
    CHECK_FALSE(info.has(SiteId::PosEmbed));
}
