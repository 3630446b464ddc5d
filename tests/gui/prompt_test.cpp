// Typing: tokens appear, nothing is traced while an input method composes, the text is never changed.
#include <QElapsedTimer>
#include <QInputMethodEvent>

#include <algorithm>

#include "tests/gui/program.h"

using namespace lw;

TEST_CASE("typing a text shows its tokens", "[prompt]") {
    Program program;
    program.type("Once upon a time");
    const std::string strip = textsIn(program.window().strip());
    INFO(strip);
    CHECK(contains(strip, "·Once"));
    CHECK(contains(strip, "·upon"));
    CHECK(contains(strip, "<s>"));
    CHECK(program.workspace().text() == "Once upon a time");
    CHECK(program.workspace().shown()->promptLength == program.tokens());
}

TEST_CASE("several scripts stay whole", "[prompt]") {
    Program program;
    const QString text = QString::fromUtf8("小貓🙂 שלום\u00a0e\u0301");
    Q_EMIT program.workspace().intents()->setPrompt(text);
    program.waitUntilComplete();
    CHECK(program.prompt().text() == text);  // the no-break space too
    const auto& shown = *program.workspace().shown();
    const auto decoded = shown.tokenizer->decode({shown.trace->ids().begin() + 1, shown.trace->ids().end()});
    REQUIRE(decoded);
    CHECK(contains(*decoded, text.toStdString()));
    CHECK(contains(textsIn(program.window().strip()), "小"));
    CHECK(program.window().messages()->has("script"));
    CHECK(contains(program.window().messages()->text("script").toStdString(), "parts of characters"));
    program.type("Once upon a time, there was a little girl");
    CHECK_FALSE(program.window().messages()->has("script"));
}

TEST_CASE("a text the model hardly knows is said", "[prompt]") {
    Program program("for (int i = 0; i < n; ++i) { sum += values[i] * weights[i]; } return sum;");
    CHECK(program.window().messages()->has("script"));
}

TEST_CASE("nothing is traced while an input method composes", "[prompt]") {
    Program program;
    const ShownPtr before = program.workspace().shown();
    program.prompt().setFocus();
    program.prompt().moveCursor(QTextCursor::End);
    QInputMethodEvent composing("ni", {});
    QApplication::sendEvent(&program.prompt(), &composing);
    CHECK(program.prompt().composing());
    QTest::qWait(250);
    CHECK(program.workspace().shown() == before);
    QInputMethodEvent done;
    done.setCommitString(QString::fromUtf8("你"));
    QApplication::sendEvent(&program.prompt(), &done);
    CHECK_FALSE(program.prompt().composing());
    REQUIRE(eventually([&] { return program.workspace().shown() != before; }));
    CHECK(program.workspace().text().endsWith(QString::fromUtf8("你")));
}

TEST_CASE("an empty text says so and keeps the last picture", "[prompt]") {
    Program program;
    const ShownPtr before = program.workspace().shown();
    program.prompt().setFocus();
    program.prompt().selectAll();
    QTest::keyClick(&program.prompt(), Qt::Key_Delete);
    REQUIRE(eventually([&] { return program.window().messages()->has("empty"); }));
    CHECK(program.workspace().shown() == before);
    CHECK(program.workspace().stale());
    const auto pictures = program.window().stage()->activeView()->findChildren<PictureWidget*>();
    REQUIRE_FALSE(pictures.isEmpty());
    CHECK(std::all_of(pictures.begin(), pictures.end(), [](const PictureWidget* p) { return p->stale(); }));
    program.type("Once");
    CHECK_FALSE(program.window().messages()->has("empty"));
    CHECK_FALSE(program.workspace().stale());
}

TEST_CASE("Enter traces, Shift+Enter breaks the line", "[prompt]") {
    Program program;
    program.type("One\nTwo");
    CHECK(program.workspace().text() == "One\nTwo");
    CHECK(program.prompt().document()->blockCount() == 2);
    program.prompt().setFocus();
    QTest::keyClicks(&program.prompt(), " upon");
    QTest::keyClick(&program.prompt(), Qt::Key_Return);
    CHECK(program.prompt().document()->blockCount() == 2);
    program.waitUntilComplete();
    CHECK(contains(textsIn(program.window().strip()), "·upon"));
}

TEST_CASE("the picture follows a key within a moment", "[prompt][!mayfail]") {
    // 100 tokens; the goal is 50 ms after the debounce. Printed, and held only against gross regressions.
    Program program(QString("Once upon a time there was a cat. ").repeated(10));
    program.prompt().setFocus();
    program.prompt().moveCursor(QTextCursor::End);
    double best = 1e9;
    for (int i = 0; i < 5; ++i) {
        const ShownPtr before = program.workspace().shown();
        QElapsedTimer timer;
        timer.start();
        QTest::keyClick(&program.prompt(), 'a');
        REQUIRE(eventually([&] { return program.workspace().shown() != before && program.window().complete(); }));
        best = std::min(best, static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
    WARN(program.tokens() << " tokens: key to complete picture " << best << " ms (70 of them wait for the next key)");
    CHECK(best < 400);
}
