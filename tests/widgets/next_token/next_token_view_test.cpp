// The next-token view with clicks: forcing, rolling, settings; the distribution of any position.
#include "widgets/next_token/next_token_view.h"

#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>

#include "tests/widgets/view_facts.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Open {
    Stage stage;
    NextTokenView view{stage.services(), nullptr};
    std::shared_ptr<Shown> shown;
    explicit Open(std::shared_ptr<Shown> facts) : shown(std::move(facts)) {
        view.resize(830, 576);
        view.show();
        view.setShown(shown);
        REQUIRE(waitComplete(view));
    }
};

}  // namespace

TEST_CASE("A click on a bar at the tip forces that token; its number is a place") {
    Open open(zooShown("gpt2", "0.input_ids", 2));
    QSignalSpy forced(&open.stage.intents, &Intents::forceToken);
    const Spot* bar = findSpot(*open.view.picture(), [](const Spot& s) { return s.action.rfind("force:", 0) == 0; });
    REQUIRE(bar);
    const int id = std::stoi(bar->action.substr(6));
    const Rect row = bar->rect;
    QTest::mouseClick(open.view.picture()->viewport(), Qt::LeftButton, {},
                      open.view.picture()->toWidget(row.x + 20, row.y + row.h / 2));
    REQUIRE(forced.count() == 1);
    CHECK(forced[0][0].toInt() == id);

    const Spot* number =
        findSpot(*open.view.picture(), [&](const Spot& s) { return s.action.empty() && s.place.unit == Unit(id); });
    REQUIRE(number);
    clickSpot(*open.view.picture(), *number);
    CHECK(forced.count() == 1);
    CHECK(open.stage.selection.current().site == SiteId::Logits);
    CHECK(open.stage.selection.current().unit == Unit(id));
}

TEST_CASE("Any position's distribution is shown, and what followed it is marked") {
    Open open(zooShown("llama"));
    open.stage.selection.select({.position = Position(4)});
    REQUIRE(waitComplete(open.view));
    const Picture picture = open.view.exportPicture();
    CHECK(picture.title.find("Next token after 4") == 0);
    const TokenId next = open.shown->trace->ids()[5];
    CHECK(saysAnywhere(picture, "surprise of “" + std::to_string(next) + "”"));
    const auto row = open.shown->trace->logits(Position(4));
    REQUIRE(picture.tables.size() == 1);
    for (const auto& bin : picture.tables[0].rows) CHECK(bin[1] == static_cast<double>(row(static_cast<int>(bin[0]))));
}

TEST_CASE("Buttons and fields ask") {
    Open open(zooShown("gpt2"));
    QSignalSpy rolled(&open.stage.intents, &Intents::roll), greedy(&open.stage.intents, &Intents::greedy),
        set(&open.stage.intents, &Intents::setSampling);
    QTest::mouseClick(open.view.rollButton(), Qt::LeftButton);
    QTest::mouseClick(open.view.greedyButton(), Qt::LeftButton);
    CHECK(rolled.count() == 1);
    CHECK(greedy.count() == 1);
    QSpinBox* topK = nullptr;
    for (QSpinBox* box : open.view.controls()->findChildren<QSpinBox*>())
        if (box->isVisible()) topK = box;
    REQUIRE(topK);
    topK->setValue(12);
    REQUIRE(set.count() == 1);
    CHECK(set[0][0].value<SamplingSettings>().topK == 12);
    CHECK(set[0][0].value<SamplingSettings>().temperature == 1.0);
}

TEST_CASE("New settings draw the distribution anew; in a narrow view the fields fold into a button") {
    Open open(zooShown("gpt2"));
    auto changed = std::make_shared<Shown>(*open.shown);
    changed->sampling.topK = 2;
    open.view.setShown(changed);
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.view.picture()->picture(), "2 of "));
    CHECK(saysAnywhere(open.view.picture()->picture(), "top-k 2"));
    CHECK_FALSE(open.view.controls()->folded());
    open.view.resize(520, 400);
    QCoreApplication::processEvents();
    CHECK(open.view.width() == 520);
    CHECK(open.view.controls()->folded());
}

TEST_CASE("B − A") {
    Open open(zooShown("gpt2"));
    auto a = std::make_shared<Pinned>();
    a->shown = open.shown;
    a->place.position = Position(1);
    a->name = "A: q1";
    open.view.setDifference(a);
    REQUIRE(waitComplete(open.view));
    CHECK(open.view.exportPicture().title.find("B − A") != std::string::npos);
}

TEST_CASE("Without a run there is a sentence and nothing to press") {
    Stage stage;
    NextTokenView view(stage.services(), nullptr);
    view.resize(600, 400);
    view.show();
    stage.selection.select({.position = Position(1)});
    auto empty = std::make_shared<Shown>();
    view.setShown(empty);
    CHECK(saysAnywhere(view.picture()->picture(), "Nothing has been traced"));
    CHECK_FALSE(view.rollButton()->isEnabled());
}

TEST_CASE("A thousand rolls are counted beside the bars; nothing is forced") {
    Open open(zooShown("gpt2"));
    QSignalSpy forced(&open.stage.intents, &Intents::forceToken), rolled(&open.stage.intents, &Intents::roll);
    CHECK_FALSE(saysAnywhere(open.view.picture()->picture(), "rolled 1000 times"));
    const Spot* pill = findSpot(*open.view.picture(), [](const Spot& s) { return s.action == rollsAction; });
    REQUIRE(pill);
    clickSpot(*open.view.picture(), *pill);
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.view.picture()->picture(), "rolled 1000 times"));
    CHECK(open.view.saveState()["rolled"].toBool());
    CHECK(forced.count() == 0);
    CHECK(rolled.count() == 0);
    open.view.restoreState({{"rolled", false}});
    REQUIRE(waitComplete(open.view));
    CHECK_FALSE(saysAnywhere(open.view.picture()->picture(), "rolled 1000 times"));
}
