// The block view with clicks: a cell leads to its unit, a head to its pattern, the layer follows the place.
#include "widgets/block/block_view.h"

#include "core/analysis/explain.h"
#include "tests/widgets/view_facts.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Open {
    Stage stage;
    BlockView view{stage.services(), nullptr};
    std::shared_ptr<Shown> shown;
    explicit Open(std::shared_ptr<Shown> facts) : shown(std::move(facts)) {
        view.resize(830, 576);
        view.show();
        view.setShown(shown);
        REQUIRE(waitComplete(view));
    }
    const NamedStrip& strip(SiteId site) {
        for (const NamedStrip& s : view.strips())
            if (s.strip.place.site == site) return s;
        FAIL("no strip");
        return view.strips().front();
    }
};

}  // namespace

TEST_CASE("A click on a cell of a strip selects that number") {
    Open open(zooShown("gpt2"));
    const NamedStrip& strip = open.strip(SiteId::AttnOut);
    const Rect cell = strip.strip.cellRect(13);
    const auto position = strip.strip.place.position;
    QTest::mouseClick(open.view.picture()->viewport(), Qt::LeftButton, {},
                      open.view.picture()->toWidget(cell.x + cell.w / 2, cell.y + cell.h / 2));
    const Locus& place = open.stage.selection.current();
    CHECK(place.site == SiteId::AttnOut);
    CHECK(place.unit == Unit(13));
    CHECK(place.position == position);
    CHECK(place.layer == Layer(open.shown->trace->model().layers() - 1));
}

TEST_CASE("Pointing at a cell says its number") {
    Open open(zooShown("llama"));
    const NamedStrip& strip = open.strip(SiteId::MlpOut);
    const Rect cell = strip.strip.cellRect(5);
    const std::string number = printNumber(static_cast<double>(strip.values(5)));
    QTest::mouseMove(open.view.picture()->viewport(), open.view.picture()->toWidget(cell.x + cell.w / 2, cell.y + cell.h / 2));
    REQUIRE(QTest::qWaitFor([&] { return open.stage.selection.hover().unit == Unit(5); }, 2000));
    CHECK(open.stage.selection.hoverText().toStdString().find(number) != std::string::npos);
}

TEST_CASE("The block follows the place's layer, position and head") {
    Open open(zooShown("llama"));
    open.stage.selection.select({.layer = Layer(0), .head = Head(2), .position = Position(6)});
    REQUIRE(waitComplete(open.view));
    CHECK(open.view.exportPicture().title.find("Block 0 at 6") == 0);
    CHECK(open.strip(SiteId::Q).strip.place.head == Head(2));
    CHECK(open.strip(SiteId::K).strip.place.head == open.strip(SiteId::Q).strip.place.head);  // places name query heads
    Locus key = open.strip(SiteId::K).strip.place;
    key.unit = Unit(2);
    const auto why = explain(*open.shown->trace, *open.shown->model, key);
    REQUIRE(why);
    CHECK(why->value == static_cast<double>(open.strip(SiteId::K).values(2)));
    CHECK(open.strip(SiteId::ResidPre).values == open.shown->trace->row(SiteId::ResidPre, Layer(0), Position(6)));
}

TEST_CASE("B − A, and what cannot be subtracted is said") {
    Open open(zooShown("gpt2"));
    auto a = std::make_shared<Pinned>();
    a->shown = open.shown;
    a->place.position = Position(2);
    a->name = "A: q2";
    open.view.setDifference(a);
    REQUIRE(waitComplete(open.view));
    CHECK(open.view.exportPicture().title.find("B − A") != std::string::npos);

    auto other = std::make_shared<Pinned>();
    other->shown = zooShown("llama");
    open.view.setDifference(other);
    REQUIRE(waitComplete(open.view));
    CHECK(open.view.exportPicture().title.find("B − A") == std::string::npos);
    CHECK(saysAnywhere(open.view.exportPicture(), "cannot be subtracted"));
}

TEST_CASE("Without a run there is a sentence") {
    Stage stage;
    BlockView view(stage.services(), nullptr);
    view.resize(600, 400);
    view.show();
    stage.look.fontScale = 1.25;
    QEvent change(QEvent::FontChange);
    QCoreApplication::sendEvent(&view, &change);
    CHECK(saysAnywhere(view.picture()->picture(), "Nothing has been traced"));
}
