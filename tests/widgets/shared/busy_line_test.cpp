#include "widgets/shared/busy_line.h"

#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include "tests/catch.h"
#include "widgets/shared/empty_state.h"

#include <QPushButton>

using namespace lw;

TEST_CASE("Short work shows nothing") {
    const Look look;
    BusyLine line(&look);
    line.begin();
    QTest::qWait(30);
    CHECK_FALSE(line.showing());
    line.end();
    QTest::qWait(180);
    CHECK_FALSE(line.showing());
}

TEST_CASE("After 150 ms there is a line, after a second a cancel button") {
    const Look look;
    BusyLine line(&look);
    line.resize(400, 24);
    line.show();
    QSignalSpy cancelled(&line, &BusyLine::cancelRequested);
    QSignalSpy what(&line, &BusyLine::whatChanged);
    line.begin();
    line.setProgress(0.4, "layer 2 of 5");
    CHECK(what.count() == 1);
    REQUIRE(QTest::qWaitFor([&] { return line.showing(); }, 1000));
    auto* cancel = line.findChild<QToolButton*>();
    REQUIRE(cancel);
    CHECK(cancel->isHidden());
    REQUIRE(QTest::qWaitFor([&] { return !cancel->isHidden(); }, 3000));
    cancel->click();
    CHECK(cancelled.count() == 1);
    line.end();
    CHECK(cancel->isHidden());
    CHECK_FALSE(line.showing());
}

TEST_CASE("An empty state is a sentence and an action") {
    EmptyState state;
    QSignalSpy requested(&state, &EmptyState::requested);
    state.set("This model has no attention.", "Show its state");
    CHECK(state.sentence() == "This model has no attention.");
    CHECK_FALSE(state.button()->isHidden());
    state.button()->click();
    CHECK(requested.count() == 1);
    state.set("Nothing to show.");
    CHECK(state.button()->isHidden());
}
