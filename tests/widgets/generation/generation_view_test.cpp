// The generation view with clicks: the tree, the steps, and a walk into a beam.
#include "widgets/generation/generation_view.h"

#include <QLineEdit>
#include <QSignalSpy>

#include "core/generate/beam.h"
#include "core/generate/exposure.h"
#include "core/generate/jacobi.h"
#include "tests/widgets/view_facts.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Open {
    Stage stage;
    GenerationView view{stage.services(), nullptr};
    std::shared_ptr<Shown> shown;
    explicit Open(int steps) : shown(zooShown("llama", "0.input_ids", steps)) {
        view.resize(830, 576);
        view.show();
        view.setShown(shown);
        REQUIRE(waitComplete(view));
    }
};

}  // namespace

TEST_CASE("The tree, its steps and a click that goes back") {
    Open open(3);
    QSignalSpy went(&open.stage.intents, &Intents::goTo);
    CHECK(saysAnywhere(open.view.path()->picture(), "this path, step by step"));
    const Spot* node = findSpot(*open.view.tree(), [](const Spot& s) { return s.action == "node:2"; });
    REQUIRE(node);
    clickSpot(*open.view.tree(), *node);
    REQUIRE(went.count() == 1);
    CHECK(went[0][0].value<RunNodePtr>() == open.shown->node->parent());
    CHECK(open.view.exportPicture().tables.size() == 2);
}

TEST_CASE("A beam is searched in the background, and a click on a kept candidate forces the tokens on its way") {
    Open open(1);
    open.view.restoreState({{"beam", true}, {"beams", 2}, {"tokens", 4}});
    REQUIRE(waitComplete(open.view));
    QSignalSpy forced(&open.stage.intents, &Intents::forceToken), went(&open.stage.intents, &Intents::goTo);
    const auto ids = open.shown->trace->ids();
    BeamRequest request;
    request.beams = 2;
    request.count = 4;
    const auto result = beamSearch(*open.shown->model, {ids.begin(), ids.end()}, request);
    REQUIRE(result);
    const Spot* best = findSpot(*open.view.beam(), [](const Spot& s) { return s.action == "walk:3:0"; });
    REQUIRE(best);
    const Rect rect = best->rect;
    open.view.beam()->ensureVisible(rect);
    QTest::mouseClick(open.view.beam()->viewport(), Qt::LeftButton, {},
                      open.view.beam()->toWidget(rect.x + 10, rect.y + rect.h / 2));
    REQUIRE(forced.count() == 4);
    CHECK(went.count() == 0);
    for (int i = 0; i < 4; ++i) CHECK(forced[i][0].toInt() == result->beams[0].ids[static_cast<std::size_t>(i)]);

    // from another node the walk begins with the way back
    auto later = std::make_shared<Shown>(*open.shown);
    later->node = open.shown->root;
    open.view.setShown(later);
    const Spot* again = findSpot(*open.view.beam(), [](const Spot& s) { return s.action == "walk:0:0"; });
    REQUIRE(again);
    open.view.beam()->ensureVisible(again->rect);
    clickSpot(*open.view.beam(), *again);
    REQUIRE(went.count() == 1);
    CHECK(went[0][0].value<RunNodePtr>() == open.shown->node);
    CHECK(open.view.saveState()["beam"].toBool());
}

TEST_CASE("Another text clears the search") {
    Open open(0);
    open.view.setBeamOpen(true);
    REQUIRE(waitComplete(open.view));
    CHECK_FALSE(open.view.beam()->picture().spots.empty());
    open.view.setBeamOpen(false);
    open.view.setShown(zooShown("gpt2", "1.input_ids"));
    CHECK(open.view.beam()->picture().spots.empty());
}

TEST_CASE("Path B stands beside path A") {
    Open open(2);
    auto a = std::make_shared<Pinned>();
    a->shown = open.shown;
    a->name = "A: s2";
    open.view.setDifference(a);
    CHECK(saysAnywhere(open.view.path()->picture(), "beside A: s2"));
}

TEST_CASE("Pages beside the tree: all at once, own words, best of; each is computed for the shown node") {
    Open open(2);
    const auto all = open.shown->trace->ids();
    const std::vector<TokenId> ids(all.begin(), all.end());
    open.view.restoreState({{"page", 1}, {"count", 6}});
    REQUIRE(waitComplete(open.view));
    CHECK(open.view.shownPage() == GenerationView::Page::Rounds);
    CHECK(open.view.page()->isVisible());
    CHECK_FALSE(open.view.tree()->isVisible());
    const auto rounds = jacobi(*open.shown->model, ids, {.count = 6});
    REQUIRE(rounds);
    CHECK(saysAnywhere(open.view.page()->picture(), "6 tokens in " + std::to_string(rounds->passes()) + " passes"));
    CHECK(open.view.saveState()["page"].toInt() == 1);

    open.view.setPage(GenerationView::Page::Exposure);
    open.stage.selection.select({.position = Position(5)});
    REQUIRE(waitComplete(open.view));
    const auto read = exposure(*open.shown->model, ids, 5);
    REQUIRE(read);
    CHECK(saysAnywhere(open.view.page()->picture(), "From position 5 on: " + printNumber(read->taughtMean(), 4)));
    CHECK(saysAnywhere(open.view.page()->picture(), "forced at position 5"));
    const Spot* row = findSpot(*open.view.page(), [](const Spot& s) { return s.place.position == Position(7); });
    REQUIRE(row);
    clickSpot(*open.view.page(), *row);
    CHECK(open.stage.selection.current().position == Position(7));
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.view.page()->picture(), "From position 7 on"));

    open.view.restoreState({{"page", 3}, {"count", 4}});
    REQUIRE(waitComplete(open.view));
    QSignalSpy forced(&open.stage.intents, &Intents::forceToken);
    const Spot* best = findSpot(*open.view.page(), [](const Spot& s) { return s.action == "adopt:0"; });
    REQUIRE(best);
    clickSpot(*open.view.page(), *best);
    CHECK(open.view.shownPage() == GenerationView::Page::Tree);
    CHECK(forced.count() > 0);
    CHECK(forced.count() <= 12);
}

TEST_CASE("A branch is named where it stands, and another path is laid beside the shown one") {
    Open open(3);
    auto forked = std::make_shared<Shown>(*open.shown);
    const CaptureSpec spec = CaptureSpec::all(open.shown->model->info());
    const auto other = step(*open.shown->model, open.shown->root, spec, {.settings = {}, .forced = 5});
    REQUIRE(other);
    forked->leaves = {open.shown->node, *other};
    open.view.setShown(forked);
    QSignalSpy named(&open.stage.intents, &Intents::nameBranch), went(&open.stage.intents, &Intents::goTo);

    REQUIRE(open.view.namer()->open(*other));
    QLineEdit* field = open.view.namer()->field();
    REQUIRE(field);
    QTest::keyClicks(field, "my way");
    QTest::keyClick(field, Qt::Key_Return);
    REQUIRE(named.count() == 1);
    CHECK(named[0][0].value<RunNodePtr>() == *other);
    CHECK(named[0][1].toString() == "my way");
    CHECK_FALSE(open.view.namer()->open(open.shown->root));

    auto called = std::make_shared<Shown>(*forked);
    called->names[other->get()] = "my way";
    open.view.setShown(called);
    CHECK(saysAnywhere(open.view.tree()->picture(), "my way"));
    open.view.setPage(GenerationView::Page::Paths);
    CHECK(saysAnywhere(open.view.page()->picture(), "my way"));
    CHECK(saysAnywhere(open.view.page()->picture(), "here they part"));
    const Spot* there = findSpot(*open.view.page(), [](const Spot& s) { return s.action == "path:0"; });
    REQUIRE(there);
    clickSpot(*open.view.page(), *there);
    REQUIRE(went.count() == 1);
    CHECK(went[0][0].value<RunNodePtr>() == *other);
}

TEST_CASE("With one path there is a sentence; the page of the cache measures, and measures again") {
    Open open(2);
    open.view.setPage(GenerationView::Page::Paths);
    CHECK(saysAnywhere(open.view.page()->picture(), "There is one path so far"));
    open.view.restoreState({{"page", 5}});
    CHECK(open.view.shownPage() == GenerationView::Page::Cache);
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.view.page()->picture(), "The logits differ by"));
    CHECK(saysAnywhere(open.view.page()->picture(), "cells new"));
    const Spot* again = findSpot(*open.view.page(), [](const Spot& s) { return s.action == "measure"; });
    REQUIRE(again);
    clickSpot(*open.view.page(), *again);
    CHECK_FALSE(open.view.complete());
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.view.page()->picture(), "The logits differ by"));
}

TEST_CASE("A search says what greedy found; the length penalty is searched with and kept; the example is asked for") {
    Open open(1);
    open.view.restoreState({{"beam", true}, {"beams", 3}, {"tokens", 4}, {"penalty", 0.7}});
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.view.beam()->picture(), "length^0.7"));
    CHECK(saysAnywhere(open.view.beam()->picture(), "Greedy"));
    CHECK(open.view.saveState()["penalty"].toDouble() == 0.7);
    QSignalSpy text(&open.stage.intents, &Intents::setPrompt), model(&open.stage.intents, &Intents::useModel);
    open.view.showExample();
    REQUIRE(text.count() == 1);
    CHECK(text[0][0].toString() == "The dog");
    CHECK(model.count() == 1);
    CHECK(open.view.saveState()["beams"].toInt() == 2);
}
