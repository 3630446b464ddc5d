// The Compare view with clicks: it asks for readings when it is shown, steps through the text, and follows the place.
#include "widgets/compare/compare_view.h"

#include <QJsonArray>
#include <QMenu>
#include <QSignalSpy>

#include "tests/widgets/view_facts.h"
#include "widgets/readings.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Open {
    Stage stage;
    Readings readings;
    std::shared_ptr<Shown> shown = zooShown("llama");
    QSignalSpy asked{&stage.intents, &Intents::readWith};
    CompareView view{{&stage.selection, &stage.intents, &stage.look, &readings}, nullptr};

    Open() {
        view.resize(900, 700);
        view.show();
    }
    // As the workspace does: every token of the run is one byte of a text.
    void read() {
        ReadingFacts facts;
        for (int i = 0; i < shown->trace->length(); ++i)
            facts.columns.push_back({shown->trace->ids()[static_cast<std::size_t>(i)], i, i + 1});
        auto reading = std::make_shared<Reading>();
        for (const Token& token : facts.columns) {
            ReadToken read{.id = token.id, .from = token.from, .to = token.to, .bytes = "x"};
            read.surprise = 1.0;
            read.next = {{{1, 0.0F, 0.5}, "y"}};
            reading->tokens.push_back(read);
        }
        facts.rows = {{.asked = "llama", .name = "llama", .open = true, .reading = reading},
                      {.asked = "other", .name = "other", .reading = reading}};
        facts.offers = {{"other", "other", "another one"}, {"third", "third", "a third one"}};
        facts.complete = true;
        readings.set(facts);
    }
};

}  // namespace

TEST_CASE("It asks for readings when it gets a run, and is complete when they are there") {
    Open open;
    CHECK(open.asked.isEmpty());
    QSignalSpy completed(&open.view, &View::completed);
    open.view.setShown(open.shown);
    REQUIRE(open.asked.size() == 1);
    CHECK(open.asked[0][0].toStringList().isEmpty());
    CHECK_FALSE(open.view.complete());
    open.read();
    CHECK(open.view.complete());
    CHECK(completed.size() == 1);
    CHECK(saysAnywhere(open.view.table()->picture(), "other"));
    CHECK(saysAnywhere(open.view.expected()->picture(), "what each expects next"));
}

TEST_CASE("Step goes through the text and at its end asks for a step") {
    Open open;
    open.view.setShown(open.shown);
    open.read();
    QSignalSpy steps(&open.stage.intents, &Intents::step);
    const int last = open.shown->trace->length() - 1;
    open.stage.selection.select({.position = Position(last - 1)});
    const auto step = [&] {
        const Spot* pill = findSpot(*open.view.heading(), [](const Spot& s) { return s.action == "step"; });
        REQUIRE(pill);
        clickSpot(*open.view.heading(), *pill);
    };
    step();
    CHECK(open.stage.selection.current().position == Position(last));
    CHECK(steps.isEmpty());
    step();
    CHECK(steps.size() == 1);
}

TEST_CASE("A cell goes to its position, a name asks for its model") {
    Open open;
    open.view.setShown(open.shown);
    open.read();
    const Spot* cell = findSpot(*open.view.table(), [](const Spot& s) { return s.value && s.place.position == Position(2); });
    REQUIRE(cell);
    clickSpot(*open.view.table(), *cell);
    CHECK(open.stage.selection.current().position == Position(2));
    QSignalSpy use(&open.stage.intents, &Intents::useModel);
    const Spot* name = findSpot(*open.view.table(), [](const Spot& s) { return s.action == "use:other"; });
    REQUIRE(name);
    clickSpot(*open.view.table(), *name);
    REQUIRE(use.size() == 1);
    CHECK(use[0][0].toString() == "other");
}

TEST_CASE("Models are chosen in a menu, and the choice is kept") {
    Open open;
    open.view.setShown(open.shown);
    open.read();
    QSignalSpy changed(&open.view, &View::stateChanged);
    const Spot* pill = findSpot(*open.view.heading(), [](const Spot& s) { return s.action == "choose"; });
    REQUIRE(pill);
    clickSpot(*open.view.heading(), *pill);
    auto* menu = open.view.findChild<QMenu*>("models");
    REQUIRE(menu);
    REQUIRE(menu->actions().size() == 4);
    CHECK(menu->actions()[0]->isChecked());
    CHECK_FALSE(menu->actions()[1]->isChecked());
    menu->actions()[1]->trigger();
    menu->close();
    CHECK(open.view.chosen() == QStringList{"other", "third"});
    CHECK(changed.size() == 1);
    REQUIRE(open.asked.size() == 2);
    CHECK(open.asked[1][0].toStringList() == QStringList{"other", "third"});

    CompareView again({&open.stage.selection, &open.stage.intents, &open.stage.look, &open.readings}, nullptr);
    again.restoreState(open.view.saveState());
    CHECK(again.chosen() == open.view.chosen());
}

TEST_CASE("Columns of another run are not drawn under this one") {
    Open open;
    open.view.setShown(open.shown);
    open.read();
    const auto longer = zooShown("llama", "0.input_ids", 2);
    open.view.setShown(longer);
    CHECK_FALSE(findSpot(*open.view.table(), [](const Spot& s) { return s.value.has_value(); }));
    CHECK(saysAnywhere(open.view.table()->picture(), "is reading"));
}
