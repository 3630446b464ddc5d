// One place, many views: a click anywhere moves all of them.
#include <QLabel>
#include <QMenu>
#include <QPushButton>

#include "tests/gui/program.h"
#include "widgets/shared/empty_state.h"

using namespace lw;

namespace {

bool isPattern(const Spot& spot, int query, int key) {
    return spot.place.site == SiteId::Pattern && spot.place.position == Position(query) && spot.place.key == Position(key);
}

}  // namespace

TEST_CASE("a click on a cell changes the place everywhere", "[place]") {
    Program program;
    program.showView("attention");
    program.select("L3 H5 q7 k2");
    REQUIRE(clickSpot(program.window().stage(), [](const Spot& s) {
        return isPattern(s, 6, 3) || (s.place.key == Position(3) && s.place.position == Position(6));
    }));
    program.waitUntilComplete();
    const Locus place = program.place();
    INFO(print(place));
    CHECK(place.position == Position(6));
    CHECK(place.key == Position(3));
    CHECK(place.layer == Layer(3));
    CHECK(place.head == Head(5));

    const ShownPtr shown = program.workspace().shown();
    const float weight = shown->trace->patternRow(Layer(3), Head(5), Position(6))[3];
    INFO(program.status().toStdString());
    CHECK(program.status().startsWith("L3 H5 q6 k3"));
    REQUIRE(program.window().inspector()->explanation());
    CHECK(program.window().inspector()->explanation()->value == Approx(weight));
    CHECK(contains(program.status().toStdString(), "pattern " + printNumber(static_cast<double>(weight))));
    CHECK(program.window().layerMap()->position() == Position(6));

    for (const char* id : {"residual-stream", "block", "logit-lens"}) {
        program.showView(id);
        CHECK(program.place() == place);
        INFO(id << ": " << textsIn(program.window().stage()->activeView()));
        CHECK(contains(textsIn(program.window().stage()->activeView()), shown->pieces[6]));
    }
}

TEST_CASE("the layer map keeps the lens's words when only the sampling or the unit changes", "[place]") {
    Program program("Once upon a time, there was a little girl");
    program.waitUntilComplete();
    const auto words = [&] { return program.window().layerMap()->picture().spots.size(); };
    const std::size_t before = words();
    SamplingSettings warmer = program.workspace().sampling();
    warmer.temperature = 1.5;
    program.workspace().setSampling(warmer);
    program.waitUntilComplete();
    CHECK(words() == before);
    program.workspace().setUnit(InformationUnit::Bits);
    program.waitUntilComplete();
    CHECK(words() == before);
}

TEST_CASE("a cell of the logit lens says its word, how it is made, and can be checked", "[place]") {
    Program program("Once upon a time, there was a little girl");
    program.showView("logit-lens");
    const auto isCell = [](const Spot& s) {
        return s.place.layer == Layer(2) && s.place.site == SiteId::ResidMid && s.place.position == Position(6) && s.value;
    };
    REQUIRE(clickSpot(program.window().stage(), isCell));
    program.waitUntilComplete();
    const Shown& shown = *program.workspace().shown();
    const Matrix logits = shown.model->readOut(Matrix(shown.trace->row(SiteId::ResidMid, Layer(2), Position(6))));
    Eigen::Index word = 0;
    const double max = logits.row(0).maxCoeff(&word), sum = (logits.array().cast<double>() - max).exp().sum();
    NumberInspector& inspector = *program.window().inspector();
    REQUIRE(inspector.explanation());
    CHECK(inspector.explanation()->value == Approx(1 / sum).epsilon(1e-5));
    const std::string said = textsIn(&inspector);
    INFO(said);
    CHECK(contains(said, "“" + shown.piece(static_cast<TokenId>(word)) + "”"));
    CHECK(contains(said, printNumber(1 / sum)));
    CHECK(contains(said, "exp("));
    CHECK(contains(said, "W_U"));
    CHECK(contains(said, "scale = √"));
    CHECK(contains(program.status().toStdString(), shown.piece(static_cast<TokenId>(word))));
    for (const bool wholeRun : {false, true}) {
        Q_EMIT program.workspace().intents()->check(inspector.explanation()->place, wholeRun);
        std::shared_ptr<const CheckAnswer> answer;
        const auto keep = QObject::connect(&program.workspace(), &Workspace::checked,
                                           [&](const std::shared_ptr<const CheckAnswer>& made) { answer = made; });
        REQUIRE(eventually([&] { return answer != nullptr; }));
        QObject::disconnect(keep);
        REQUIRE(answer->result);
        CHECK(answer->result->relative < 1e-4);
    }
    // Follow back: a channel of that very state.
    inspector.followBack();
    program.waitUntilComplete();
    CHECK(program.place().site == SiteId::ResidMid);
    CHECK(program.place().unit);
    CHECK(inspector.explanation()->title == "Residual stream after attention");
    // A place that is typed is printed the same way.
    program.select("L2 q6 m5 blocks.2.hook_resid_mid");
    CHECK(inspector.explanation()->place == *parseLocus("L2 q6 m5 blocks.2.hook_resid_mid"));
}

TEST_CASE("the token strip and the layer map set their parts", "[place]") {
    Program program;
    REQUIRE(clickSpot(program.window().strip(), [](const Spot& s) { return s.place.position == Position(4); }));
    CHECK(program.place().position == Position(4));
    REQUIRE(clickSpot(
        program.window().strip(), [](const Spot& s) { return s.place.position == Position(2); }, Qt::ShiftModifier));
    CHECK(program.place().position == Position(4));
    CHECK(program.place().key == Position(2));
    REQUIRE(clickSpot(program.window().layerMap(), [](const Spot& s) { return s.place.layer == Layer(1); }));
    CHECK(program.place().layer == Layer(1));
}

TEST_CASE("every site of the model has an explanation that the inspector shows", "[place]") {
    Program program;
    for (const Site& site : allSites()) {
        if (!program.workspace().shown()->model->info().has(site.id)) continue;
        Locus place;
        place.layer = Layer(2);
        place.head = Head(1);
        place.position = Position(5);
        place.key = Position(3);
        place.unit = Unit(0);
        place.site = site.id;
        program.workspace().selection()->replace(place);
        INFO(site.name);
        REQUIRE(program.window().inspector()->explanation());
        CHECK(program.window().inspector()->explanation()->site == siteName(site.id, Layer(2)));
    }
}

TEST_CASE("Check computes the number again along both paths", "[place]") {
    Program program;
    program.select("L2 H1 q5 k3 blocks.2.attn.hook_pattern");
    QAction* last = nullptr;
    for (const char* how : {"From its operands", "The whole run"}) {
        QAction* check = nullptr;
        for (const QMenu* menu : program.window().inspector()->findChildren<QMenu*>()) {
            for (QAction* action : menu->actions()) check = action->text().startsWith(QLatin1String(how)) ? action : check;
        }
        REQUIRE(check);
        REQUIRE(check != last);
        last = check;
        check->trigger();
        REQUIRE(eventually([&] { return !program.workspace().busy(); }));
        INFO(program.window().inspector()->checkText().toStdString());
        CHECK_FALSE(program.window().inspector()->checkText().isEmpty());
        CHECK(program.problem().isEmpty());
    }
}

TEST_CASE("a hover is answered in the status line and in other views, and goes again", "[place]") {
    Program program;
    program.workspace().selection()->setHover(*parseLocus("q3"), "hovered");
    CHECK(program.workspace().selection()->hover().position == Position(3));
    program.workspace().selection()->clearHover();
    CHECK(program.workspace().selection()->hoverText().isEmpty());
}

TEST_CASE("a shorter text moves the place inside", "[place]") {
    Program program;
    program.select("L3 H5 q12 k10");
    program.type("Tom ran");
    CHECK(program.place().position->value < program.tokens());
    CHECK(program.place().key->value < program.tokens());
    CHECK(program.place().layer == Layer(3));
}

TEST_CASE("a view for which a model has nothing offers what the model has instead", "[place]") {
    Program program;
    program.workspace().openModel("layerwalk-lstm");
    REQUIRE(eventually([&] { return program.workspace().shown()->modelName == "layerwalk-lstm"; }));
    for (const char* id : {"attention", "logit-lens", "residual-stream", "block"}) {
        INFO(id);
        program.showView(id);
        EmptyState* empty = nullptr;
        for (EmptyState* one : program.window().stage()->findChildren<EmptyState*>()) {
            if (one->isVisible()) empty = one;
        }
        REQUIRE(empty);
        CHECK(empty->findChild<QLabel*>()->text().contains("Its cells carry numbers"));
        CHECK(empty->button()->text() == "Show State");
        QTest::mouseClick(empty->button(), Qt::LeftButton);
        REQUIRE(eventually([&] { return program.window().stage()->activeView()->objectName() == "state"; }));
        program.waitUntilComplete();
    }
    // A model that carries no state either: what comes next is always there.
    program.workspace().openModel("layerwalk-ngram");
    REQUIRE(eventually([&] { return program.workspace().shown()->modelName == "layerwalk-ngram"; }));
    for (const char* id : {"block", "state"}) {
        program.showView(id);
        bool offered = false;
        for (EmptyState* one : program.window().stage()->findChildren<EmptyState*>())
            offered = offered || (one->isVisible() && one->button()->text() == "Show Next token" &&
                                  one->findChild<QLabel*>()->text().contains("counts runs of tokens") &&
                                  !one->findChild<QLabel*>()->text().contains("Attention"));
        CHECK(offered);
    }
}
