// Stepping, rewinding, forcing: the tree grows, and undo brings text, place and tree back.
#include <QElapsedTimer>
#include <QPushButton>

#include <algorithm>

#include "app/session.h"
#include "app/window/actions.h"
#include "core/generate/beam.h"
#include "core/text/one_token.h"
#include "tests/gui/program.h"
#include "widgets/generation/generation_view.h"

using namespace lw;

TEST_CASE("step, rewind, force: the tree grows", "[tree]") {
    Program program;
    const int prompt = program.tokens();
    program.step(StepKind::Greedy);
    program.step(StepKind::Greedy);
    CHECK(program.tokens() == prompt + 2);
    CHECK(program.workspace().shown()->leaves.size() == 1);
    CHECK(program.place().position == Position(prompt + 1));
    CHECK(program.place().step == Step(2));
    const TokenId greedy = program.workspace().shown()->trace->ids().back();

    program.workspace().stepBack();
    program.waitUntilComplete();
    CHECK(program.tokens() == prompt + 1);
    const TokenId other = greedy == 300 ? 301 : 300;
    program.step(StepKind::Force, other);
    CHECK(program.tokens() == prompt + 2);
    CHECK(program.workspace().shown()->trace->ids().back() == other);
    CHECK(program.workspace().shown()->leaves.size() == 2);
    CHECK(program.workspace().branches()->count() == 4);

    // Forward follows the way that was walked last; forcing a child that is there walks to it.
    program.workspace().stepBack();
    program.workspace().stepForward();
    program.waitUntilComplete();
    CHECK(program.workspace().shown()->trace->ids().back() == other);
    program.workspace().stepBack();
    program.step(StepKind::Force, greedy);
    CHECK(program.workspace().branches()->count() == 4);
}

TEST_CASE("clicking a node of the tree and a bar of the distribution", "[tree]") {
    Program program;
    program.step(StepKind::Greedy);
    program.showView("next-token");
    const ShownPtr before = program.workspace().shown();
    REQUIRE(clickSpot(program.window().stage(), [](const Spot& s) { return s.action.starts_with("force:"); }));
    REQUIRE(eventually([&] { return program.workspace().shown() != before; }));
    program.waitUntilComplete();
    CHECK(program.workspace().shown()->node->depth() == 2);
    CHECK(program.workspace().shown()->node->choice().forced);
    REQUIRE(clickSpot(program.window().generation(), [](const Spot& s) { return s.action == "node:0"; }));
    program.waitUntilComplete();
    CHECK(program.workspace().shown()->node->depth() == 0);
    CHECK(program.workspace().branches()->count() == 3);
}

TEST_CASE("many steps asked for at once are all taken", "[tree]") {
    Program program;
    program.workspace().steps(StepKind::Greedy, 12);
    REQUIRE(eventually([&] { return program.workspace().shown()->node->depth() == 12; }));
}

TEST_CASE("rolling again at the same place rolls anew, and the same seed rolls the same", "[tree]") {
    const auto rolls = [](Program& program) {
        std::vector<double> draws;
        for (int i = 0; i < 4; ++i) {
            program.step(StepKind::Roll);
            REQUIRE(program.workspace().shown()->node->choice().draw);
            draws.push_back(*program.workspace().shown()->node->choice().draw);
            program.workspace().stepBack();
            program.waitUntilComplete();
        }
        return draws;
    };
    Program one, two;
    const std::vector<double> first = rolls(one), second = rolls(two);
    CHECK(first == second);
    CHECK(first[0] != first[1]);
    CHECK(first[1] != first[2]);
    // A seed chosen at a node begins there anew: the same draws again.
    SamplingSettings settings = one.workspace().sampling();
    settings.seed = 99;
    one.workspace().setSampling(settings);
    const std::vector<double> third = rolls(one);
    settings.seed = 98;
    one.workspace().setSampling(settings);
    settings.seed = 99;
    one.workspace().setSampling(settings);
    CHECK(rolls(one) == third);
}

TEST_CASE("beam search hangs its best paths into the tree, and the tree says where they came from", "[tree][undo]") {
    Program program;
    program.showView("generation");
    auto* view = program.window().stage()->findChild<GenerationView*>();
    REQUIRE(view);
    const double penalty = GENERATE(0.0, 0.7);
    view->restoreState({{"beam", true}, {"beams", 3}, {"tokens", 4}, {"penalty", penalty}});
    view->search();
    REQUIRE(eventually([&] { return view->complete(); }));
    QUndoStack* undo = program.window().history()->stack();
    const int steps = undo->count();
    REQUIRE(view->keepButton()->isEnabled());
    QTest::mouseClick(view->keepButton(), Qt::LeftButton);
    REQUIRE(eventually([&] { return !program.workspace().busy() && program.workspace().shown()->node->depth() == 4; }));
    program.waitUntilComplete();
    CHECK(program.workspace().shown()->leaves.size() == 3);
    const auto names = [&] {
        std::vector<std::string> all;
        for (const RunNodePtr& leaf : program.workspace().shown()->leaves) {
            const auto found = program.workspace().shown()->names.find(leaf.get());
            all.push_back(found == program.workspace().shown()->names.end() ? std::string() : found->second);
        }
        return all;
    };
    const std::string ranked = penalty == 0 ? "" : " ÷ T^0.7";
    const std::vector<std::string> want{"beam 1 of 3" + ranked, "beam 2 of 3" + ranked, "beam 3 of 3" + ranked};
    CHECK(names() == want);
    CHECK(contains(textsIn(program.window().generation()), want[0]));
    // Its tokens were kept with their path: nobody forced them one by one.
    CHECK(program.workspace().shown()->node->choice().kept);
    CHECK(contains(textsInSight(view), "kept"));
    CHECK_FALSE(contains(textsInSight(view), "forced"));
    // The best beam is shown: what a search by itself finds.
    BeamRequest request{.beams = 3, .count = 4, .lengthPenalty = penalty, .ends = program.workspace().model()->ends};
    const auto all = program.workspace().shown()->trace->ids();
    const auto prompt = static_cast<std::size_t>(program.workspace().shown()->promptLength);
    const auto found = beamSearch(*program.workspace().model()->model,
                                  {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(prompt)}, request);
    REQUIRE(found);
    CHECK(std::vector<TokenId>(all.begin() + static_cast<std::ptrdiff_t>(prompt), all.end()) == found->beams[0].ids);
    CHECK(undo->count() == steps + 1);
    undo->undo();
    program.waitUntilComplete();
    CHECK(program.workspace().shown()->leaves.size() == 1);
    CHECK(program.workspace().shown()->node->depth() == 0);
    undo->redo();
    program.waitUntilComplete();
    CHECK(names() == want);
    CHECK(program.workspace().shown()->node->choice().kept);
}

TEST_CASE("the place and the wrong token of own words are kept in the session and undone", "[undo]") {
    Program program;
    program.showView("generation");
    auto* view = program.window().stage()->findChild<GenerationView*>();
    REQUIRE(view);
    view->setPage(GenerationView::Page::Exposure);
    program.waitUntilComplete();
    QUndoStack* undo = program.window().history()->stack();
    constexpr int pause = 450;  // longer than changes of views merge
    QTest::qWait(pause);
    const auto press = [&](const std::string& action) {
        REQUIRE(eventually([&] { return view->complete(); }));
        REQUIRE(clickSpot(view, [&](const Spot& s) { return s.action == action; }));
        program.waitUntilComplete();
        QTest::qWait(pause);
    };
    press("from:4");
    const auto state = [&](const char* key) { return view->saveState()[QLatin1String(key)].toInt(); };
    CHECK(state("from") == 4);
    const auto write = [&](const QString& text) {
        view->wrongField()->setText(text);
        QTest::keyClick(view->wrongField(), Qt::Key_Return);
        program.waitUntilComplete();
    };
    write("little dog");
    CHECK(state("wrong") == -1);
    CHECK(contains(view->pageStatus().toStdString(), "“little dog” is no single token of this vocabulary; it becomes"));
    write("little");
    const auto id = oneToken(*program.workspace().model()->tokenizer, "little");
    REQUIRE(id);
    CHECK(state("wrong") == *id);
    CHECK(contains(textsInSight(view), "forced at position 4"));
    const auto saved = sessionFromJson(toJson(program.workspace().session()));
    REQUIRE(saved);
    const QJsonObject kept = saved->views.states["0"].toObject()["generation"].toObject();  // of the first pane
    CHECK(kept["from"].toInt() == 4);
    CHECK(kept["wrong"].toInt() == *id);
    undo->undo();
    program.waitUntilComplete();
    CHECK(state("wrong") == -1);
    CHECK(state("from") == 4);
    undo->undo();
    program.waitUntilComplete();
    CHECK(state("from") != 4);
    undo->redo();
    undo->redo();
    program.waitUntilComplete();
    CHECK(state("wrong") == *id);
}

TEST_CASE("undo and redo return text, place and tree", "[undo]") {
    Program program;
    QUndoStack* undo = program.window().history()->stack();
    const QString text = program.workspace().text();
    const RunNodePtr root = program.workspace().branches()->root();

    SECTION("the place") {
        program.select("L1 H1 q3 k1");
        QTest::qWait(400);  // past the pause up to which moves are one step
        program.select("L4 H2 q9 k2");
        undo->undo();
        CHECK(print(program.place()) == "L1 H1 q3 k1");
        undo->redo();
        CHECK(print(program.place()) == "L4 H2 q9 k2");
        CHECK(program.workspace().branches()->root() == root);
    }
    SECTION("a new text: the old tree comes back, not a new run of it") {
        program.step(StepKind::Greedy);
        program.step(StepKind::Greedy);
        const RunNodePtr tip = program.workspace().shown()->node;
        program.type("Tom ran");
        CHECK(program.workspace().branches()->root() != root);
        undo->undo();
        program.waitUntilComplete();
        CHECK(program.workspace().text() == text);
        CHECK(program.prompt().text() == text);
        CHECK(program.workspace().shown()->node == tip);
        undo->redo();
        program.waitUntilComplete();
        CHECK(program.workspace().text() == "Tom ran");
        CHECK(program.prompt().text() == "Tom ran");
    }
    SECTION("a step: its branch goes, and comes again") {
        program.step(StepKind::Greedy);
        const RunNodePtr node = program.workspace().shown()->node;
        undo->undo();
        CHECK(program.workspace().shown()->node == root);
        CHECK(program.workspace().shown()->leaves.size() == 1);
        CHECK(program.workspace().shown()->leaves.front() == root);
        undo->redo();
        CHECK(program.workspace().shown()->node == node);
    }
    SECTION("views, sampling and pins") {
        program.showView("block");
        undo->undo();
        CHECK(program.window().stage()->activeId() == "attention");
        undo->redo();
        CHECK(program.window().stage()->activeId() == "block");
        SamplingSettings settings = program.workspace().sampling();
        settings.temperature = 0.3;
        program.workspace().setSampling(settings);
        program.workspace().togglePin();
        CHECK(program.workspace().pinned());
        undo->undo();
        CHECK_FALSE(program.workspace().pinned());
        undo->undo();
        CHECK(program.workspace().sampling().temperature == Approx(0.8));
        CHECK(program.workspace().shown()->sampling.temperature == Approx(0.8));
        undo->redo();
        undo->redo();
        CHECK(program.workspace().pinned());
        CHECK(program.workspace().sampling().temperature == Approx(0.3));
    }
    SECTION("another model") {
        program.workspace().openModel("gpt-nano-sort");
        REQUIRE(eventually([&] { return program.workspace().shown()->modelName == "gpt-nano-sort"; }));
        program.waitUntilComplete();
        CHECK(program.workspace().text() == "CBABBC");
        undo->undo();
        program.waitUntilComplete();
        CHECK(program.workspace().shown()->modelName == "stories260K");
        CHECK(program.workspace().text() == text);
    }
}

TEST_CASE("the prompt's own undo comes first", "[undo]") {
    Program program;
    const QString text = program.workspace().text();
    program.select("L1 H1 q3");
    program.prompt().setFocus();
    program.prompt().moveCursor(QTextCursor::End);
    QTest::keyClicks(&program.prompt(), " x");
    program.waitUntilComplete();
    program.key(Qt::Key_Z, Qt::ControlModifier);
    program.waitUntilComplete();
    CHECK(program.prompt().text() == text);
    CHECK(program.workspace().text() == text);
}

TEST_CASE("a tree that had to be let go is run again by undo", "[undo]") {
    Settings settings;
    settings.captureBudget = 600'000;  // room for one run of this size, not for two
    Program program({}, settings);
    program.step(StepKind::Greedy);
    const std::vector<TokenId> ids(program.workspace().shown()->trace->ids().begin(),
                                   program.workspace().shown()->trace->ids().end());
    const std::weak_ptr<Branches> old = program.workspace().branches();
    program.type("Tom ran to the park to play with his red ball");
    REQUIRE(eventually([&] { return old.expired(); }));
    program.window().history()->stack()->undo();
    REQUIRE(eventually([&] { return !program.workspace().busy() && program.workspace().shown()->node->depth() == 1; }));
    program.waitUntilComplete();
    const auto again = program.workspace().shown()->trace->ids();
    CHECK(std::vector<TokenId>(again.begin(), again.end()) == ids);
}

TEST_CASE("a branch keeps its name in the tree, in a session, and through undo and redo", "[tree][undo]") {
    Program program;
    QUndoStack* undo = program.window().history()->stack();
    program.step(StepKind::Greedy);
    program.step(StepKind::Greedy);
    const RunNodePtr tip = program.workspace().shown()->node;
    const auto name = [&] {
        const auto& names = program.workspace().shown()->names;
        const auto found = names.find(program.workspace().shown()->node.get());
        return found == names.end() ? std::string() : found->second;
    };
    Q_EMIT program.workspace().intents()->nameBranch(tip, "  first try ");
    CHECK(name() == "first try");
    CHECK(contains(textsIn(program.window().generation()), "first try"));
    Q_EMIT program.workspace().intents()->nameBranch(tip, "second try");
    undo->undo();
    program.waitUntilComplete();
    CHECK(name() == "first try");
    undo->undo();
    program.waitUntilComplete();
    CHECK(name().empty());
    undo->redo();
    undo->redo();
    program.waitUntilComplete();
    CHECK(name() == "second try");
    // the root's path is the prompt, which has no name
    Q_EMIT program.workspace().intents()->nameBranch(program.workspace().branches()->root(), "prompt");
    CHECK(program.workspace().shown()->names.size() == 1);

    const auto saved = sessionFromJson(toJson(program.workspace().session()));
    REQUIRE(saved);
    CHECK(saved->tree.nodes.back().name == "second try");
    program.type("Tom ran");
    CHECK(program.workspace().shown()->names.empty());
    program.workspace().apply(*saved);
    REQUIRE(eventually([&] { return !program.workspace().busy() && program.workspace().shown()->node->depth() == 2; }));
    program.waitUntilComplete();
    CHECK(name() == "second try");
}

TEST_CASE("many tokens are generated in the background, can be stopped, and the window goes on", "[tree]") {
    Program program("The king");
    program.workspace().openModel("lstm-shakespeare");
    REQUIRE(eventually([&] { return program.workspace().shown()->modelName == "lstm-shakespeare"; }));
    program.waitUntilComplete();
    const int prompt = program.tokens();
    SamplingSettings settings = program.workspace().sampling();
    settings.greedy = false;
    program.workspace().setSampling(settings);
    QUndoStack* undo = program.window().history()->stack();
    const int steps = undo->count();

    SECTION("2,000 tokens join the tree as one step, the same as single rolls") {
        double longest = 0;  // ms between two turns of the window's loop while it works
        QElapsedTimer turn, all;
        all.start();
        Q_EMIT program.window().generation()->generateWanted(2000);
        REQUIRE(program.workspace().generating());
        turn.start();
        while (program.workspace().generating() && all.elapsed() < 120000) {
            QTest::qWait(2);
            if (program.workspace().generating()) longest = std::max(longest, static_cast<double>(turn.nsecsElapsed()) / 1e6);
            turn.start();
        }
        program.waitUntilComplete();
        WARN("2,000 tokens in " << all.elapsed() << " ms; the window was away for " << longest << " ms at most");
        CHECK(program.tokens() == prompt + 2000);
        CHECK(longest < 1000);
        CHECK(undo->count() == steps + 1);
        const auto long_ids = program.workspace().shown()->trace->ids();
        const std::vector<TokenId> first(long_ids.begin() + prompt, long_ids.begin() + prompt + 5);
        undo->undo();
        program.waitUntilComplete();
        CHECK(program.tokens() == prompt);
        for (const TokenId id : first) {
            program.step(StepKind::Roll);
            CHECK(program.workspace().shown()->trace->ids().back() == id);
        }
    }
    SECTION("stopped: what was made stays") {
        Q_EMIT program.window().generation()->generateWanted(50000);
        QTest::qWait(200);
        CHECK(program.workspace().generating());
        // a single step meanwhile is declined, and a click elsewhere is answered
        program.workspace().steps(StepKind::Greedy, 1);
        Q_EMIT program.window().generation()->stopWanted();
        REQUIRE(eventually([&] { return !program.workspace().generating(); }));
        program.waitUntilComplete();
        CHECK(program.tokens() > prompt);
        CHECK(program.tokens() < prompt + 50000);
        CHECK(program.workspace().shown()->leaves.size() == 1);
    }
    SECTION("another text ends it at once") {
        Q_EMIT program.window().generation()->generateWanted(50000);
        program.type("Tom ran");
        CHECK_FALSE(program.workspace().generating());
        CHECK(program.workspace().text() == "Tom ran");
        CHECK(program.workspace().shown()->node->depth() == 0);
    }
}
