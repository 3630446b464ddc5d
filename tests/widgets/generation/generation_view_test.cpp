// The generation view with clicks: the tree, the steps, and a walk into a beam.
#include "widgets/generation/generation_view.h"

#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>

#include "core/generate/beam.h"
#include "core/generate/best_of.h"
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

TEST_CASE("A beam is searched in the background, and a click on a kept candidate asks for the path to it") {
    Open open(1);
    open.view.restoreState({{"beam", true}, {"beams", 2}, {"tokens", 4}});
    REQUIRE(waitComplete(open.view));
    QSignalSpy kept(&open.stage.intents, &Intents::keepPaths);
    const auto wishes = [&](int i) { return kept[i][1].value<std::vector<PathWish>>(); };
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
    REQUIRE(kept.count() == 1);
    CHECK(kept[0][0].value<RunNodePtr>() == open.shown->node);
    REQUIRE(wishes(0).size() == 1);
    CHECK(wishes(0)[0].ids == result->beams[0].ids);
    CHECK(wishes(0)[0].name == "beam 1 of 2");

    // The path begins at the node of the search, wherever one is by now; before the last step it has no name.
    auto later = std::make_shared<Shown>(*open.shown);
    later->node = open.shown->root;
    open.view.setShown(later);
    const Spot* again = findSpot(*open.view.beam(), [](const Spot& s) { return s.action == "walk:0:0"; });
    REQUIRE(again);
    open.view.beam()->ensureVisible(again->rect);
    clickSpot(*open.view.beam(), *again);
    REQUIRE(kept.count() == 2);
    CHECK(kept[1][0].value<RunNodePtr>() == open.shown->node);
    CHECK(wishes(1)[0].ids.size() == 1);
    CHECK(wishes(1)[0].name.empty());
    CHECK(open.view.saveState()["beam"].toBool());

    // All of them, also of a search with a length penalty, which the names tell.
    open.view.restoreState({{"beam", true}, {"beams", 2}, {"tokens", 4}, {"penalty", 0.6}});
    open.view.setShown(open.shown);
    open.view.search();
    REQUIRE(waitComplete(open.view));
    REQUIRE(open.view.keepButton()->isEnabled());
    QTest::mouseClick(open.view.keepButton(), Qt::LeftButton);
    REQUIRE(kept.count() == 3);
    request.lengthPenalty = 0.6;
    const auto penalised = beamSearch(*open.shown->model, {ids.begin(), ids.end()}, request);
    REQUIRE(penalised);
    REQUIRE(wishes(2).size() == 2);
    for (std::size_t i = 0; i < 2; ++i) CHECK(wishes(2)[i].ids == penalised->beams[i].ids);
    CHECK(wishes(2)[1].name == "beam 2 of 2 ÷ T^0.6");
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

TEST_CASE("Pages beside the tree: all at once, best of; each is computed for the shown node") {
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

    open.view.restoreState({{"page", 3}, {"count", 4}});
    REQUIRE(waitComplete(open.view));
    QSignalSpy kept(&open.stage.intents, &Intents::keepPaths);
    const Spot* best = findSpot(*open.view.page(), [](const Spot& s) { return s.action == "adopt:0"; });
    REQUIRE(best);
    clickSpot(*open.view.page(), *best);
    CHECK(open.view.shownPage() == GenerationView::Page::Tree);
    REQUIRE(kept.count() == 1);
    GenerateRequest request;
    request.count = 12;
    request.ends = open.shown->ends;
    const auto texts = bestOf(*open.shown->model, ids, 4, request);
    REQUIRE(texts);
    const auto wishes = kept[0][1].value<std::vector<PathWish>>();
    REQUIRE(wishes.size() == 1);
    REQUIRE(wishes[0].ids.size() == texts->front().steps.size());
    for (std::size_t i = 0; i < wishes[0].ids.size(); ++i) CHECK(wishes[0].ids[i] == texts->front().steps[i].id);
    CHECK(wishes[0].name == "best of 4, seed " + std::to_string(texts->front().seed));
}

TEST_CASE("Rolled texts are ranked anew without being rolled anew, and the state keeps by what") {
    Open open(1);
    open.view.restoreState({{"page", 3}, {"count", 5}});
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.view.page()->picture(), "the largest (1/T) Σ ln p first"));
    QSignalSpy changed(&open.view, &View::stateChanged);
    const Spot* total = findSpot(*open.view.page(), [](const Spot& s) { return s.action == "rank:total"; });
    REQUIRE(total);
    clickSpot(*open.view.page(), *total);
    CHECK(open.view.complete());
    CHECK(changed.count() == 1);
    CHECK(saysAnywhere(open.view.page()->picture(), "5 rolled texts, the largest Σ ln p first"));
    CHECK(open.view.saveState()["rank"].toString() == "total");
    open.view.restoreState({{"page", 3}, {"count", 5}, {"rank", "mean"}});
    CHECK(saysAnywhere(open.view.page()->picture(), "the largest (1/T) Σ ln p first"));
}

TEST_CASE("Own words: the place and the wrong token are chosen, kept in the state, and what is shown is computed from them") {
    Open open(2);
    const auto all = open.shown->trace->ids();
    const std::vector<TokenId> ids(all.begin(), all.end());
    const int T = static_cast<int>(ids.size());
    const auto press = [&](const std::string& action) {
        const Spot* spot = findSpot(*open.view.page(), [&](const Spot& s) { return s.action == action; });
        REQUIRE(spot);
        const Rect rect = spot->rect;
        open.view.page()->ensureVisible(rect);
        QTest::mouseClick(open.view.page()->viewport(), Qt::LeftButton, {},
                          open.view.page()->toWidget(rect.x + rect.w / 2, rect.y + rect.h / 2));
        REQUIRE(waitComplete(open.view));
    };
    const auto shows = [&](int from, TokenId wrong) {
        const auto read = exposure(*open.shown->model, ids, from, wrong);
        REQUIRE(read);
        CAPTURE(from, wrong);
        CHECK(saysAnywhere(open.view.page()->picture(), "With “" + open.shown->piece(wrong) + "” forced at position " +
                                                            std::to_string(from) + " the rest costs " +
                                                            printNumber(read->wrongMean(), 4)));
        CHECK(saysAnywhere(open.view.page()->picture(),
                           "From position " + std::to_string(from) + " on: " + printNumber(read->taughtMean(), 4)));
    };
    // What the model finds most probable and the text does not say, from a whole run by hand.
    const auto likely = [&](int from) {
        const ConstRow row = open.shown->trace->logits(Position(from - 1));
        TokenId best = -1;
        for (TokenId id = 0; id < row.size(); ++id)
            if (id != ids[static_cast<std::size_t>(from)] && (best < 0 || row(id) > row(best))) best = id;
        return best;
    };
    open.view.setPage(GenerationView::Page::Exposure);
    REQUIRE(waitComplete(open.view));
    shows(T / 2, likely(T / 2));

    QSignalSpy changed(&open.view, &View::stateChanged);
    press("from:5");
    shows(5, likely(5));
    CHECK(open.view.saveState()["from"].toInt() == 5);
    CHECK(open.view.saveState()["wrong"].toInt() == -1);
    // A row of the table is a place to look at elsewhere; it does not begin anew.
    open.stage.selection.select({.position = Position(7)});
    REQUIRE(waitComplete(open.view));
    shows(5, likely(5));

    TokenId other = -1;
    for (const Spot& spot : open.view.page()->picture().spots)
        if (spot.action.starts_with("wrong:")) {
            const TokenId id = std::stoi(spot.action.substr(6));
            if (id != likely(5) && other < 0) other = id;
        }
    REQUIRE(other >= 0);
    press("wrong:" + std::to_string(other));
    shows(5, other);
    CHECK(changed.count() == 2);
    const QJsonObject state = open.view.saveState();
    CHECK(state["wrong"].toInt() == other);

    Open again(2);
    again.view.restoreState(state);
    REQUIRE(waitComplete(again.view));
    CHECK(again.view.saveState() == state);
    CHECK(again.view.page()->picture().texts() == open.view.page()->picture().texts());
    // In another vocabulary the id would be another word.
    again.view.setShown(zooShown("gpt2", "1.input_ids"));
    CHECK(again.view.saveState()["wrong"].toInt() == -1);
    // Without a tokenizer nothing can be written; it is said.
    open.view.wrongField()->setText("cat");
    QTest::keyClick(open.view.wrongField(), Qt::Key_Return);
    CHECK(open.view.saveState()["wrong"].toInt() == other);
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
    CHECK(saysAnywhere(open.view.beam()->picture(), "÷ T^0.7"));
    CHECK(saysAnywhere(open.view.beam()->picture(), "Greedy"));
    CHECK(open.view.saveState()["penalty"].toDouble() == 0.7);
    QSignalSpy text(&open.stage.intents, &Intents::setPrompt), model(&open.stage.intents, &Intents::useModel);
    open.view.showExample();
    REQUIRE(text.count() == 1);
    CHECK(text[0][0].toString() == "The dog");
    CHECK(model.count() == 1);
    CHECK(open.view.saveState()["beams"].toInt() == 2);
}
