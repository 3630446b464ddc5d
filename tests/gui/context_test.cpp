// Texts longer than the context: nothing is lost, both numbers are said, and three choices are offered.
#include <QPushButton>
#include <QTemporaryDir>

#include "app/run/trace_prompt.h"
#include "tests/gui/program.h"

using namespace lw;

namespace {

QString story(int sentences) { return QString("Once upon a time there was a little girl. ").repeated(sentences); }

}  // namespace

TEST_CASE("a text longer than the context", "[context]") {
    const QString text = story(80);
    Program program(text);
    const int context = program.workspace().model()->model->info().context;
    REQUIRE(context == 512);
    CHECK(program.tokens() == context);
    const PromptFit& fit = program.workspace().branches()->fit();
    REQUIRE(fit.over());
    const int total = fit.total();
    MessageBar* messages = program.window().messages();
    REQUIRE(messages->has("context"));
    const QString said = messages->text("context");
    INFO(said.toStdString());
    CHECK(said.contains(QLocale().toString(total)));
    CHECK(said.contains(QLocale().toString(context)));
    CHECK(said.contains(QLocale().toString(total - context)));
    CHECK(program.prompt().text() == text);

    SECTION("cut front keeps what is put in front and the end") {
        auto* button = qobject_cast<QPushButton*>(messages->button("context", 0));
        REQUIRE(button);
        QTest::mouseClick(button, Qt::LeftButton);
        REQUIRE(eventually([&] { return !program.workspace().branches()->fit().cutFront.empty(); }));
        program.waitUntilComplete();
        CHECK(program.tokens() == context);
        CHECK(program.workspace().shown()->pieces.front() == "<s>");
        CHECK(program.workspace().text() == text);
    }
    SECTION("go beyond runs all of it") {
        REQUIRE(program.workspace().model()->model->info().canGoBeyondContext);
        auto* button = qobject_cast<QPushButton*>(messages->button("context", 2));
        REQUIRE(button);
        QTest::mouseClick(button, Qt::LeftButton);
        REQUIRE(eventually([&] { return program.tokens() == total; }, 60000));
        CHECK(messages->has("context"));
        program.waitUntilComplete();
        program.step(StepKind::Greedy);
        CHECK(program.tokens() == total + 1);
    }
    SECTION("stepping past the context says both numbers") {
        program.workspace().steps(StepKind::Greedy, 1);
        REQUIRE(eventually([&] { return !program.problem().isEmpty(); }));
        INFO(program.problem().toStdString());
        CHECK(program.problem().contains("512"));
        CHECK(program.tokens() == context);
    }
    SECTION("a shorter text takes the bar away") {
        Q_EMIT program.workspace().intents()->setPrompt("Once");
        program.waitUntilComplete();
        CHECK_FALSE(messages->has("context"));
    }
}

TEST_CASE("200,000 characters", "[context]") {
    Program program;
    const QString text = story(4800).left(200000);
    program.prompt().setText(text);
    Q_EMIT program.prompt().edited(text);
    REQUIRE(eventually([&] { return program.workspace().branches()->origin().text.size() == 200000; }, 60000));
    program.waitUntilComplete();
    CHECK(program.tokens() == 512);
    CHECK(program.workspace().branches()->fit().total() > 50000);
    CHECK(program.prompt().text() == text);
}

TEST_CASE("fitting a prompt", "[context][logic]") {
    const std::vector<TokenId> ids{1, 10, 11, 12, 13, 14};
    const PromptFit all = fitPrompt(ids, 1, 6, true, ContextChoice::CutEnd);
    CHECK(all.kept == ids);
    CHECK_FALSE(all.over());
    const PromptFit end = fitPrompt(ids, 1, 4, true, ContextChoice::CutEnd);
    CHECK(end.kept == std::vector<TokenId>{1, 10, 11, 12});
    CHECK(end.cutEnd == std::vector<TokenId>{13, 14});
    CHECK(end.total() == 6);
    const PromptFit front = fitPrompt(ids, 1, 4, true, ContextChoice::CutFront);
    CHECK(front.kept == std::vector<TokenId>{1, 12, 13, 14});
    CHECK(front.cutFront == std::vector<TokenId>{10, 11});
    const PromptFit beyond = fitPrompt(ids, 1, 4, true, ContextChoice::Beyond);
    CHECK(beyond.kept == ids);
    CHECK(beyond.beyond);
    CHECK(fitPrompt(ids, 1, 4, false, ContextChoice::Beyond).kept == end.kept);  // positions are a table that ends
    CHECK(fitPrompt(ids, 0, 0, false, ContextChoice::CutEnd).kept == ids);       // no limit
}

TEST_CASE("over the memory budget: a sentence, and the cheaper run is one click away", "[context]") {
    Settings settings;
    settings.captureBudget = 3'000'000;
    Program program("Once upon a time", settings);
    const ShownPtr before = program.workspace().shown();
    Q_EMIT program.workspace().intents()->setPrompt(story(20));
    REQUIRE(eventually([&] { return !program.problem().isEmpty(); }));
    INFO(program.problem().toStdString());
    CHECK(program.workspace().shown() == before);
    auto* button = qobject_cast<QPushButton*>(program.window().messages()->button("problem", 0));
    REQUIRE(button);
    QTest::mouseClick(button, Qt::LeftButton);
    REQUIRE(eventually([&] { return program.workspace().shown() != before; }));
    program.waitUntilComplete();
    CHECK(program.problem().isEmpty());
    CHECK_FALSE(program.workspace().shown()->trace->has(SiteId::MlpPre, Layer(0)));
    CHECK(program.workspace().shown()->trace->has(SiteId::Pattern, Layer(0)));
    for (const ViewRow& row : viewRows()) program.showView(row.id);  // a view says what it lacks, and nothing breaks
}
