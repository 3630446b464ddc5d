// The state view with clicks: a cell leads to its number, the place is followed, a hybrid's attention layer offers the way there.
#include "widgets/state/state_view.h"

#include <QSignalSpy>

#include "core/analysis/explain.h"
#include "tests/widgets/view_facts.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Open {
    Stage stage;
    StateView view{stage.services(), nullptr};
    std::shared_ptr<Shown> shown;
    explicit Open(const std::string& name) : shown(zooShown(name)) {
        view.resize(830, 900);
        view.show();
        view.setShown(shown);
        REQUIRE(waitComplete(view));
    }
    void go(const Locus& place) {
        stage.selection.select(place);
        REQUIRE(waitComplete(view));
    }
    const StateArea& area(const std::string& name) {
        for (const StateArea& area : view.areas())
            if (area.name == name) return area;
        FAIL("no area " << name);
        return view.areas().front();
    }
    QPoint middle(const StateArea& area, int row, int column) {
        const Rect cell = area.cellRect(row, column);
        return view.picture()->toWidget(cell.x + cell.w / 2, cell.y + cell.h / 2);
    }
};

}  // namespace

TEST_CASE("A click on a cell of the memory selects that number") {
    Open open("qwen3_next");
    open.go({.layer = Layer(1), .head = Head(2), .position = Position(6)});
    QTest::mouseClick(open.view.picture()->viewport(), Qt::LeftButton, {}, open.middle(open.area("kept"), 4, 2));
    const Locus& place = open.stage.selection.current();
    CHECK(place.site == SiteId::MixerKept);
    CHECK(place.layer == Layer(1));
    CHECK(place.head == Head(2));
    CHECK(place.position == Position(6));
    CHECK(place.unit == Unit(4));
    CHECK(place.unit2 == Unit(2));
    CHECK(saysAnywhere(open.view.picture()->picture(), "row 4, column 2:"));
}

TEST_CASE("Pointing at a cell says its number") {
    Open open("mamba");
    open.go({.layer = Layer(0), .position = Position(6)});
    const std::string number = printNumber(static_cast<double>(open.view.facts()->terms->kept(3, 1)));
    QTest::mouseMove(open.view.picture()->viewport(), open.middle(open.area("kept"), 3, 1));
    REQUIRE(QTest::qWaitFor([&] { return open.stage.selection.hover().unit == Unit(3); }, 2000));
    CHECK(open.stage.selection.hoverText().toStdString().find("channel 3, state 1: " + number) != std::string::npos);
}

TEST_CASE("A click over the text goes to that position, and the step follows") {
    Open open("qwen3_next");
    open.go({.layer = Layer(0), .head = Head(0), .position = Position(9)});
    const StateArea& read = open.area("what is read");
    QTest::mouseClick(open.view.picture()->viewport(), Qt::LeftButton, {}, open.middle(read, 1, 3));
    REQUIRE(waitComplete(open.view));
    CHECK(open.stage.selection.current().position == Position(3));
    CHECK(open.stage.selection.current().site == SiteId::MixerRecurrenceOut);
    CHECK(open.stage.selection.current().unit == Unit(1));
    CHECK(open.view.facts()->place.position == Position(3));
    CHECK(open.view.exportPicture().title.find("layer 0, head 0, at 3") != std::string::npos);
}

TEST_CASE("The chosen channel of a scan has its own hidden attention") {
    Open open("mamba");
    open.go({.layer = Layer(0), .position = Position(8), .unit = Unit(5), .site = SiteId::SsmY});
    CHECK(open.view.facts()->channel == 5);
    const RowVector five = open.view.facts()->effective;
    open.go({.unit = Unit(6), .site = SiteId::SsmY});
    CHECK(open.view.facts()->channel == 6);
    CHECK(open.view.facts()->effective != five);
}

TEST_CASE("A hybrid's attention layer: the nearest state is shown and the way to attention offered") {
    Open open("qwen3_next");
    open.go({.layer = Layer(3), .position = Position(4)});
    CHECK(open.view.facts()->place.layer == Layer(2));
    CHECK(saysAnywhere(open.view.picture()->picture(), "Layer 3 keeps every key and value"));
    QSignalSpy opened(&open.stage.intents, &Intents::openView);
    const Spot* way = findSpot(*open.view.picture(), [](const Spot& s) { return s.action == openAttentionAction; });
    REQUIRE(way);
    clickSpot(*open.view.picture(), *way);
    REQUIRE(opened.count() == 1);
    CHECK(opened.first().first().toString() == "attention");
}

TEST_CASE("B − A takes A’s step off, term by term") {
    for (const char* name : {"mamba2", "qwen3_next", "mamba"}) {
        CAPTURE(name);
        Open open(name);
        const bool heads = open.shown->trace->model().block(Layer(0)).mixer.hasMatrixState();
        open.go({.layer = Layer(0), .head = heads ? Head(1) : Head(0), .position = Position(6)});
        auto a = std::make_shared<Pinned>();
        a->shown = open.shown;
        a->place = {.layer = Layer(0), .head = heads ? Head(2) : Head(0), .position = Position(2)};
        a->name = "A: q2";
        open.view.setDifference(a);
        REQUIRE(waitComplete(open.view));
        CHECK(saysAnywhere(open.view.picture()->picture(), "The step is B − A (A: q2)"));
        CHECK(saysAnywhere(open.view.picture()->picture(), "Δ written"));
        const Model& model = *open.shown->model;
        const auto b = stateTerms(*open.shown->trace, model, Layer(0), Head(heads ? 1 : 0), Position(6)),
                   before = stateTerms(*open.shown->trace, model, Layer(0), Head(heads ? 2 : 0), Position(2));
        REQUIRE((b && before));
        const StateTerms& shown = *open.view.facts()->terms;
        CHECK(shown.written == Matrix(b->written - before->written));
        CHECK(shown.after == Matrix(b->after - before->after));
        CHECK(shown.read == RowVector(b->read - before->read));
        CHECK(open.view.facts()->difference < 1e-5 * std::max(1.0, open.view.facts()->scale));
        open.view.setDifference(nullptr);
        REQUIRE(waitComplete(open.view));
        CHECK(open.view.facts()->terms->after == b->after);
    }
}

TEST_CASE("B alone is shown where A's memory is another one, and it says so") {
    Open open("mamba2");
    auto a = std::make_shared<Pinned>();
    a->shown = zooShown("mamba");
    a->place.position = Position(2);
    a->name = "A: q2";
    open.view.setDifference(a);
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.view.picture()->picture(), "B alone: A’s memory is another one (Mamba, "));
    CHECK_FALSE(saysAnywhere(open.view.picture()->picture(), "Δ written"));
    a = std::make_shared<Pinned>();
    a->shown = zooShown("gpt2");
    open.view.setDifference(a);
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.view.picture()->picture(), "A has no state"));
}

TEST_CASE("A weight of the effective attention is a place that can be explained, of a scan its channel's") {
    for (const char* name : {"qwen3_next", "mamba"}) {
        CAPTURE(name);
        Open open(name);
        open.go({.layer = Layer(0), .position = Position(7)});
        const Picture picture = open.view.exportPicture();
        const StateFacts& facts = *open.view.facts();
        int found = 0;
        for (const Spot& spot : picture.spots) {
            if (spot.place.site != SiteId::MixerEffectivePattern || !spot.place.key) continue;
            const auto why = explain(*open.shown->trace, *open.shown->model, spot.place);
            if (!why) FAIL(why.error().message);
            CHECK(why->value == Approx(static_cast<double>(facts.effective(spot.place.key->value))));
            CHECK(spot.value == Approx(why->value));
            ++found;
        }
        CHECK(found == 8);
        // chosen, it stays that channel's (of a scan the head of the place)
        const int channel = facts.channel;
        Locus place{
            .layer = Layer(0), .head = Head(facts.mixer.isScan() ? channel : 1), .position = Position(7), .key = Position(3)};
        place.site = SiteId::MixerEffectivePattern;
        open.go(place);
        CHECK(open.view.facts()->channel == channel);
    }
}
