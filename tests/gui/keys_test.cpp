// All of it by keyboard; keys leave text fields alone; one table.
#include <QAccessible>
#include <QApplication>
#include <QLineEdit>
#include <QListWidget>
#include <QSet>

#include "app/window/actions.h"
#include "app/window/key_guard.h"
#include "app/window/key_table.h"
#include "tests/gui/program.h"

using namespace lw;

TEST_CASE("a walk by keys alone", "[keys]") {
    Program program;
    program.select("L2 H3 q5 k1");
    program.leaveText();
    program.key(Qt::Key_Up);
    CHECK(program.place().layer == Layer(3));
    program.key(Qt::Key_Down);
    program.key(Qt::Key_Down);
    CHECK(program.place().layer == Layer(1));
    program.key(Qt::Key_BracketRight);
    CHECK(program.place().head == Head(4));
    program.key(Qt::Key_BracketLeft);
    program.key(Qt::Key_BracketLeft);
    CHECK(program.place().head == Head(2));
    program.key(Qt::Key_Period);
    CHECK(program.place().position == Position(6));
    program.key(Qt::Key_Comma);
    program.key(Qt::Key_Comma);
    CHECK(program.place().position == Position(4));

    for (int i = 0; i < static_cast<int>(viewRows().size()); ++i) {
        program.key(i == 9 ? Qt::Key_0 : Qt::Key_1 + i);
        CHECK(program.window().stage()->activeId() == QLatin1String(viewRows()[static_cast<std::size_t>(i)].id));
    }
    const int tokens = program.tokens();
    program.key(Qt::Key_G);
    REQUIRE(eventually([&] { return program.tokens() == tokens + 1; }));
    program.key(Qt::Key_R);
    REQUIRE(eventually([&] { return program.tokens() == tokens + 2; }));
    program.key(Qt::Key_Left);
    REQUIRE(eventually([&] { return program.tokens() == tokens + 1; }));
    program.key(Qt::Key_Right);
    REQUIRE(eventually([&] { return program.tokens() == tokens + 2; }));
    CHECK(program.workspace().branches()->count() == 3);
    program.key(Qt::Key_Z, Qt::ControlModifier);
    CHECK(program.tokens() == tokens + 1);
    program.key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    CHECK(program.tokens() == tokens + 2);

    program.key(Qt::Key_F);
    CHECK_FALSE(program.window().topBar()->isVisible());
    CHECK_FALSE(program.window().layerMap()->isVisible());
    CHECK(program.window().stage()->activeView()->isVisible());
    program.key(Qt::Key_Escape);
    CHECK(program.window().topBar()->isVisible());
    const bool hadSite = program.place().site.has_value();
    const Locus before = program.place();
    program.key(Qt::Key_Escape);
    CHECK((hadSite || program.place() != before));

    program.key(Qt::Key_P);
    CHECK(program.window().appearance()->look()->projector);
    program.key(Qt::Key_P);
    CHECK_FALSE(program.window().appearance()->look()->projector);
    program.key(Qt::Key_I);
    CHECK(program.window().inspector()->narrow());
    program.key(Qt::Key_I);
    CHECK_FALSE(program.window().inspector()->narrow());
}

TEST_CASE("Tab goes round the parts of the window", "[keys]") {
    Program program;
    program.prompt().setFocus();
    QSet<QString> parts;
    for (int i = 0; i < 8; ++i) {
        program.key(Qt::Key_Tab);
        REQUIRE(QApplication::focusWidget());
        for (const QWidget* at = QApplication::focusWidget(); at; at = at->parentWidget()) {
            if (at->parentWidget() && !at->accessibleName().isEmpty()) parts.insert(at->accessibleName());
        }
        program.key(Qt::Key_F6);  // within a part one gets on too
        REQUIRE(QApplication::focusWidget());
    }
    INFO(QStringList(parts.values()).join(", ").toStdString());
    for (const char* part : {"Model and text", "Token strip", "Layer map", "Stage", "Number inspector", "Generation"}) {
        INFO(part);
        CHECK(parts.contains(QLatin1String(part)));
    }
    const QWidget* here = QApplication::focusWidget();
    program.key(Qt::Key_Tab);
    program.key(Qt::Key_Tab, Qt::ShiftModifier);
    CHECK(QApplication::focusWidget());
    CHECK(here);
}

TEST_CASE("letters typed into the text stay there", "[keys]") {
    Program program("Once");
    program.prompt().setFocus();
    program.prompt().moveCursor(QTextCursor::End);
    QTest::keyClicks(&program.prompt(), " rgcfpe1/[].,");
    CHECK(program.prompt().text() == "Once rgcfpe1/[].,");
    QTest::keyClick(&program.prompt(), Qt::Key_Left);
    QTest::keyClick(&program.prompt(), Qt::Key_Up);
    program.waitUntilComplete();
    CHECK(program.workspace().shown()->node->depth() == 0);
    CHECK_FALSE(program.workspace().pinned());
    CHECK(program.window().stage()->activeId() == "attention");
}

TEST_CASE("the command palette finds views, tokens, sites, places and actions", "[keys]") {
    Program program("Once upon a time there was a dragon");
    const auto run = [&](const char* typed, bool waits = true) {
        program.leaveText();
        program.key(Qt::Key_Slash);
        REQUIRE(program.window().palette()->isVisible());
        QTest::keyClicks(program.window().palette()->field(), typed);
        const QString first = program.window().palette()->list()->item(0)->text();
        QTest::keyClick(program.window().palette()->field(), Qt::Key_Return);
        CHECK_FALSE(program.window().palette()->isVisible());
        if (waits) program.waitUntilComplete();
        return first.toStdString();
    };
    INFO(run("resid stream"));
    CHECK(program.window().stage()->activeId() == "residual-stream");
    INFO(run("L3 H5 q4"));
    CHECK(program.place().layer == Layer(3));
    CHECK(program.place().head == Head(5));
    CHECK(program.place().position == Position(4));
    INFO(run("token time"));
    CHECK(program.workspace().shown()->pieces[static_cast<std::size_t>(program.place().position->value)] == "·time");
    INFO(run("site hook_resid_post"));
    CHECK(program.place().site == SiteId::ResidPost);
    CHECK(program.place().layer == Layer(3));
    INFO(run("pin this run"));
    CHECK(program.workspace().pinned());
    INFO(run("model nano sort", false));  // its three letters cannot spell this text: that is said, and the old run stays
    REQUIRE(eventually([&] { return program.workspace().model()->name == "gpt-nano-sort"; }));
    program.leaveText();
    program.key(Qt::Key_Slash);
    QTest::keyClicks(program.window().palette()->field(), "zzzzqqq");
    QTest::keyClick(program.window().palette()->field(), Qt::Key_Return);
    QTest::keyClick(program.window().palette()->field(), Qt::Key_Escape);
    CHECK_FALSE(program.window().palette()->isVisible());
}

TEST_CASE("the key table", "[keys][logic]") {
    QSet<QString> ids, keys;
    for (const KeyRow& row : keyTable()) {
        INFO(row.id);
        CHECK_FALSE(ids.contains(QLatin1String(row.id)));
        ids.insert(QLatin1String(row.id));
        REQUIRE_FALSE(keysOf(row, {}).isEmpty());
        for (const QKeySequence& key : keysOf(row, {})) {
            CHECK_FALSE(key.isEmpty());
            CHECK_FALSE(keys.contains(key.toString()));
            keys.insert(key.toString());
        }
    }
    CHECK(keysOf(*findKey("roll"), {{"roll", "Ctrl+R"}}) == QList<QKeySequence>{QKeySequence("Ctrl+R")});
    CHECK(ownerOf(QKeySequence("R"), {}) == findKey("roll"));
    CHECK(ownerOf(QKeySequence("R"), {{"roll", "Ctrl+R"}}) == nullptr);
}

TEST_CASE("a key of the person's own", "[keys]") {
    Settings settings;
    settings.keys["greedy"] = "Ctrl+J";
    Program program({}, settings);
    program.leaveText();
    const int tokens = program.tokens();
    program.key(Qt::Key_G);
    QTest::qWait(60);
    CHECK(program.tokens() == tokens);
    program.key(Qt::Key_J, Qt::ControlModifier);
    REQUIRE(eventually([&] { return program.tokens() == tokens + 1; }));
}

TEST_CASE("type size, theme and window sizes do not break anything", "[keys]") {
    Program program;
    for (int i = 0; i < 4; ++i) program.key(Qt::Key_Plus, Qt::ControlModifier);
    CHECK(program.window().settings().fontScale > 1.3);
    program.waitUntilComplete();
    for (const QSize size : {QSize(1280, 720), QSize(900, 560), QSize(2200, 1300)}) {
        program.window().resize(size);
        for (const ViewRow& row : viewRows()) program.showView(row.id);
    }
    program.key(Qt::Key_0, Qt::ControlModifier);
    CHECK(program.window().settings().fontScale == Approx(1));
    program.window().stage()->setPanes(4);
    program.waitUntilComplete();
    CHECK(program.window().stage()->visibleViews().size() == 4);
    program.window().stage()->setPanes(1);
}

TEST_CASE("every widget that takes the focus has a name for screen readers", "[keys]") {
    Program program;
    for (const ViewRow& row : viewRows()) program.showView(row.id);
    QStringList nameless;
    for (const QWidget* widget : program.window().findChildren<QWidget*>()) {
        if (!widget->isVisible() || !(widget->focusPolicy() & Qt::TabFocus)) continue;
        const QAccessibleInterface* accessible = QAccessible::queryAccessibleInterface(const_cast<QWidget*>(widget));
        if (accessible && accessible->text(QAccessible::Name).isEmpty())
            nameless.append(QLatin1String(widget->metaObject()->className()) + "/" + widget->objectName());
    }
    INFO(nameless.join(", ").toStdString());
    CHECK(nameless.isEmpty());
}
