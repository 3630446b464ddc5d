// Pin A, move on: B beside A, or B − A, in every view.
#include "tests/gui/program.h"

using namespace lw;

TEST_CASE("pinned A stays while B moves on", "[compare]") {
    Program program("Once upon a time, there was a little girl");
    program.select("L3 H5 q7 k2");
    program.leaveText();
    program.key(Qt::Key_C);
    REQUIRE(program.workspace().pinned());
    CHECK(program.workspace().compare() == CompareChoice::Beside);
    const ShownPtr a = program.workspace().shown();
    const QString text = program.workspace().text();

    SECTION("another position, beside") {
        for (const ViewRow& row : viewRows()) {
            if (!program.workspace().shown()->trace->model().has(row.needs)) continue;  // says what there is instead
            program.showView(row.id);
            program.select("L3 H5 q4 k1");
            INFO(row.id);
            CHECK(program.workspace().pinned()->place.position == Position(7));
            // Two instances of the view are on the screen.
            int shown = 0;
            for (const View* view : program.window().stage()->findChildren<View*>()) shown += view->isVisible() ? 1 : 0;
            CHECK(shown == 2);
        }
    }
    SECTION("another text and another step") {
        for (const CompareChoice choice : {CompareChoice::Beside, CompareChoice::Difference}) {
            program.workspace().setCompare(choice);
            Q_EMIT program.workspace().intents()->setPrompt("Once upon a time, there was a little boy");
            program.waitUntilComplete();
            for (const ViewRow& row : viewRows()) program.showView(row.id);
            program.step(StepKind::Greedy);
            for (const ViewRow& row : viewRows()) program.showView(row.id);
            CHECK(program.workspace().pinned()->shown == a);
            Q_EMIT program.workspace().intents()->setPrompt(text);
            program.waitUntilComplete();
        }
    }
    SECTION("the difference of a run with itself is nothing") {
        program.workspace().setCompare(CompareChoice::Difference);
        program.waitUntilComplete();
        int differing = 0;
        for (const View* view : program.window().stage()->findChildren<View*>())
            differing += view->isVisible() && view->difference() ? 1 : 0;
        CHECK(differing == 1);
        for (const DataTable& table : program.window().stage()->activeView()->view()->exportPicture().tables) {
            if (!contains(table.name, "difference")) continue;
            for (const auto& row : table.rows) {
                for (const double v : row) CHECK((std::isnan(v) || std::abs(v) < 1e-6));
            }
        }
    }
    SECTION("another model") {
        program.workspace().openModel("gpt-nano-sort");
        REQUIRE(eventually([&] { return !program.workspace().busy(); }));
        Q_EMIT program.workspace().intents()->setPrompt("CBABBC");
        REQUIRE(eventually([&] { return program.workspace().shown()->modelName == "gpt-nano-sort"; }));
        for (const CompareChoice choice : {CompareChoice::Beside, CompareChoice::Difference}) {
            program.workspace().setCompare(choice);
            for (const ViewRow& row : viewRows()) program.showView(row.id);  // a sentence where it cannot be compared
        }
    }
    SECTION("a state beside the attention of a Transformer on the same text") {
        program.workspace().openModel("layerwalk-mamba");
        REQUIRE(eventually([&] { return program.workspace().shown()->modelName == "layerwalk-mamba"; }));
        program.waitUntilComplete();
        CHECK(program.workspace().text() == text);
        program.showView("state");
        std::string names;
        for (const View* view : program.window().stage()->findChildren<View*>())
            if (view->isVisible()) names += view->shown()->modelName + " " + view->parentWidget()->objectName().toStdString() + ". ";
        CHECK(names.find("stories260K attention.") != std::string::npos);
        CHECK(names.find("layerwalk-mamba state.") != std::string::npos);
        CHECK(contains(textsInSight(program.window().stage()), "effective attention"));
    }
    SECTION("unpinned again") {
        program.leaveText();
        program.key(Qt::Key_C);
        CHECK_FALSE(program.workspace().pinned());
        program.waitUntilComplete();
        int shown = 0;
        for (const View* view : program.window().stage()->findChildren<View*>()) shown += view->isVisible() ? 1 : 0;
        CHECK(shown == 1);
    }
}
