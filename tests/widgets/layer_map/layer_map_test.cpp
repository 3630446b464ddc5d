#include "widgets/layer_map/layer_map.h"

#include "tests/widgets/view_facts.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Window {
    Stage stage;
    LayerMap map{stage.services()};
    std::shared_ptr<Shown> shown = zooShown("gpt2", "0.input_ids");
    Window() {
        map.resize(244, 700);
        map.setShown(shown);
        map.show();
        REQUIRE(QTest::qWaitForWindowExposed(&map));
    }
    const Spot* at(const std::string& place) {
        return findSpot(*map.pictureWidget(), [&](const Spot& spot) { return print(spot.place) == place; });
    }
};

}  // namespace

TEST_CASE("A click on a layer unfolds it, a click on a part selects its site") {
    Window w;
    const Spot* row = findSpot(*w.map.pictureWidget(), [](const Spot& s) { return s.place.layer == Layer(1) && !s.place.site; });
    REQUIRE(row);
    w.stage.selection.select(row->place);
    CHECK(saysAnywhere(w.map.picture(), "Layer 1"));
    const std::string last = std::to_string(w.shown->trace->length() - 1);
    const Spot* part = w.at("L1 q" + last + " blocks.1.hook_attn_out");
    REQUIRE(part);
    clickSpot(*w.map.pictureWidget(), *part);
    CHECK(w.stage.selection.current().site == SiteId::AttnOut);
    CHECK(w.stage.selection.current().layer == Layer(1));
    const Spot* norm = w.at("L1 q" + last + " blocks.1.ln2.hook_normalized");
    REQUIRE(norm);
    clickSpot(*w.map.pictureWidget(), *norm);
    CHECK(w.stage.selection.current().site == SiteId::Ln2Normalized);
}

TEST_CASE("Moving to another position changes the sizes and forgets the words of the old one") {
    Window w;
    w.map.setLens({{.site = SiteId::ResidPre, .layer = Layer(1), .piece = "oldword", .probability = 0.5}});
    CHECK(saysAnywhere(w.map.picture(), "oldword"));
    const auto before = w.map.picture().tables.at(0).rows;
    w.stage.selection.select(*parseLocus("q1"));
    CHECK(w.map.position() == Position(1));
    CHECK_FALSE(saysAnywhere(w.map.picture(), "oldword"));
    CHECK(w.map.picture().tables.at(0).rows[0][1] != before[0][1]);
    CHECK(saysAnywhere(w.map.picture(), "position 1"));
}

TEST_CASE("With no run the map is empty and nothing breaks") {
    Stage stage;
    LayerMap map(stage.services());
    map.resize(244, 500);
    map.setShown(nullptr);
    stage.selection.select(*parseLocus("L1 q1"));
    CHECK(map.picture().spots.empty());
}
