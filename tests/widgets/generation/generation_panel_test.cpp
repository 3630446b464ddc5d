// The bottom lane with clicks: stepping, rewinding, walking to another branch.
#include "widgets/generation/generation_panel.h"

#include <QPushButton>
#include <QSignalSpy>

#include "tests/widgets/view_facts.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Open {
    Stage stage;
    GenerationPanel panel{stage.services(), nullptr};
    std::shared_ptr<Shown> shown;
    explicit Open(int steps) : shown(zooShown("gpt2", "0.input_ids", steps)) {
        panel.resize(900, 130);
        panel.show();
        panel.setShown(shown);
    }
    // The same tree seen from another node.
    std::shared_ptr<Shown> at(const RunNodePtr& node) {
        auto other = std::make_shared<Shown>(*shown);
        other->node = node;
        return other;
    }
};

}  // namespace

TEST_CASE("Back and rewind go to the parent and the prompt; at the prompt they rest") {
    Open open(3);
    QSignalSpy went(&open.stage.intents, &Intents::goTo);
    QTest::mouseClick(open.panel.backButton(), Qt::LeftButton);
    REQUIRE(went.count() == 1);
    CHECK(went[0][0].value<RunNodePtr>() == open.shown->node->parent());
    QTest::mouseClick(open.panel.rewindButton(), Qt::LeftButton);
    REQUIRE(went.count() == 2);
    CHECK(went[1][0].value<RunNodePtr>() == open.shown->root);
    open.panel.setShown(open.at(open.shown->root));
    CHECK_FALSE(open.panel.backButton()->isEnabled());
    CHECK_FALSE(open.panel.rewindButton()->isEnabled());
}

TEST_CASE("Step goes forward on the way that was walked, and rolls at its end") {
    Open open(3);
    QSignalSpy went(&open.stage.intents, &Intents::goTo), rolled(&open.stage.intents, &Intents::roll),
        greedy(&open.stage.intents, &Intents::greedy);
    QTest::mouseClick(open.panel.stepButton(), Qt::LeftButton);
    CHECK(rolled.count() == 1);
    CHECK(went.count() == 0);
    open.panel.setShown(open.at(open.shown->root));
    QTest::mouseClick(open.panel.stepButton(), Qt::LeftButton);
    REQUIRE(went.count() == 1);
    CHECK(went[0][0].value<RunNodePtr>() == open.shown->node->parent()->parent());
    auto by = std::make_shared<Shown>(*open.shown);
    by->sampling.greedy = true;
    open.panel.setShown(by);
    QTest::mouseClick(open.panel.stepButton(), Qt::LeftButton);
    CHECK(greedy.count() == 1);
}

TEST_CASE("A click on a node goes there") {
    Open open(3);
    QSignalSpy went(&open.stage.intents, &Intents::goTo);
    const Spot* node = findSpot(*open.panel.lane(), [](const Spot& s) { return s.action == "node:1"; });
    REQUIRE(node);
    clickSpot(*open.panel.lane(), *node);
    REQUIRE(went.count() == 1);
    CHECK(went[0][0].value<RunNodePtr>()->parent() == open.shown->root);
}

TEST_CASE("The lane scrolls to the shown node, and an empty panel says what grows there") {
    Open open(14);
    open.panel.resize(500, 120);
    QCoreApplication::processEvents();
    open.panel.setShown(open.at(open.shown->node->parent()));
    const Spot* here = findSpot(*open.panel.lane(), [&](const Spot& s) { return s.action == "node:13"; });
    REQUIRE(here);
    const QPoint at = open.panel.lane()->toWidget(here->rect.x, here->rect.y);
    CHECK(at.x() >= 0);
    CHECK(at.x() + here->rect.w <= open.panel.lane()->viewport()->width());

    Stage stage;
    GenerationPanel empty(stage.services(), nullptr);
    CHECK(saysAnywhere(empty.lane()->picture(), "Trace a text first"));
    CHECK_FALSE(empty.stepButton()->isEnabled());
}

TEST_CASE("While tokens are being generated the button stops them, and single steps rest") {
    Open open(1);
    QSignalSpy stop(&open.panel, &GenerationPanel::stopWanted);
    open.panel.setGenerating(true);
    CHECK_FALSE(open.panel.stepButton()->isEnabled());
    QTest::mouseClick(open.panel.moreButton(), Qt::LeftButton);
    CHECK(stop.count() == 1);
    open.panel.setShown(open.shown);
    CHECK_FALSE(open.panel.rollButton()->isEnabled());
    open.panel.setGenerating(false);
    CHECK(open.panel.stepButton()->isEnabled());
    CHECK(open.panel.moreButton()->isEnabled());
}
