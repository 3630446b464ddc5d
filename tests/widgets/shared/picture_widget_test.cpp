#include "widgets/shared/picture_widget.h"

#include <QAccessible>
#include <QApplication>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

#include "tests/catch.h"
#include "widgets/shared/fonts.h"

using namespace lw;

namespace {

// A 4 × 4 table of cells, 30 pixels apart, in a window.
struct Fixture {
    Look look;
    Selection selection;
    PictureWidget widget{&selection, &look};

    Fixture() {
        look.sans = sansFont();
        look.mono = monoFont();
        widget.resize(200, 200);
        widget.setPicture(table());
        widget.show();
        REQUIRE(QTest::qWaitForWindowExposed(&widget));
        widget.activateWindow();
        REQUIRE(QTest::qWaitForWindowActive(&widget));
    }
    static Picture table(double size = 120) {
        Picture picture;
        picture.width = picture.height = size;
        picture.title = "table";
        for (int row = 0; row < 4; ++row)
            for (int col = 0; col < 4; ++col) {
                Locus place;
                place.position = Position(row);
                place.key = Position(col);
                const Rect rect{col * 30.0, row * 30.0, 28, 28};
                picture.box({.rect = rect, .fill = Colour::mapped(ColourMap::Sequential, (row * 4 + col) / 16.0)});
                picture.spot({.rect = rect,
                              .place = place,
                              .says = "cell " + std::to_string(row) + " " + std::to_string(col),
                              .value = (row * 4 + col) / 16.0});
            }
        return picture;
    }
    const Spot& spot(int row, int col) const { return widget.picture().spots[static_cast<std::size_t>(row * 4 + col)]; }
    void click(int row, int col) {
        QTest::mouseClick(widget.viewport(), Qt::LeftButton, {}, widget.toWidget(col * 30 + 10, row * 30 + 10));
    }
};

}  // namespace

TEST_CASE("A click selects the spot's place and is told with a copy of the spot") {
    Fixture f;
    std::string said;
    QObject::connect(&f.widget, &PictureWidget::clicked, [&](const Spot& spot, double, double) {
        f.widget.setPicture({});  // whoever hears of it may show another picture
        said = spot.says;
    });
    f.click(2, 1);
    CHECK(print(f.selection.current()) == "q2 k1");
    CHECK(said == "cell 2 1");
}

TEST_CASE("Hovering says the spot in the selection and leaving takes it back") {
    Fixture f;
    QTest::mouseMove(f.widget.viewport(), f.widget.toWidget(40, 70));
    REQUIRE(QTest::qWaitFor([&] { return f.selection.hoverText() == "cell 2 1"; }, 1000));
    QEvent leave(QEvent::Leave);
    QApplication::sendEvent(f.widget.viewport(), &leave);
    CHECK(f.selection.hoverText().isEmpty());
}

TEST_CASE("An action is asked for") {
    Fixture f;
    Picture picture = Fixture::table();
    picture.spots[0].action = "force:12";
    f.widget.setPicture(picture);
    QSignalSpy spy(&f.widget, &PictureWidget::actionRequested);
    f.click(0, 0);
    REQUIRE(spy.count() == 1);
    CHECK(spy[0][0].toString() == "force:12");
}

TEST_CASE("Arrows walk between spots only after Tab brought the focus, Enter clicks, Esc gives the keys back") {
    Fixture f;
    f.widget.setFocus(Qt::MouseFocusReason);
    QTest::keyClick(&f.widget, Qt::Key_Right);
    CHECK(f.widget.focusSpot() == nullptr);
    QKeyEvent override(QEvent::ShortcutOverride, Qt::Key_Right, Qt::NoModifier);
    override.ignore();
    QApplication::sendEvent(&f.widget, &override);
    CHECK_FALSE(override.isAccepted());  // the window's "step" keeps the key

    f.widget.clearFocus();
    f.widget.setFocus(Qt::TabFocusReason);
    REQUIRE(f.widget.focusSpot());
    CHECK(f.widget.focusSpot()->says == "cell 0 0");
    override.ignore();
    QApplication::sendEvent(&f.widget, &override);
    CHECK(override.isAccepted());
    QTest::keyClick(&f.widget, Qt::Key_Right);
    QTest::keyClick(&f.widget, Qt::Key_Down);
    QTest::keyClick(&f.widget, Qt::Key_Down);
    CHECK(f.widget.focusSpot()->says == "cell 2 1");
    CHECK(f.selection.hoverText() == "cell 2 1");
    QTest::keyClick(&f.widget, Qt::Key_Return);
    CHECK(print(f.selection.current()) == "q2 k1");
    QTest::keyClick(&f.widget, Qt::Key_End);
    QTest::keyClick(&f.widget, Qt::Key_Right);  // nothing further: stays
    CHECK(f.widget.focusSpot()->says == "cell 3 3");
    QTest::keyClick(&f.widget, Qt::Key_Escape);
    CHECK(f.widget.focusSpot() == nullptr);
}

TEST_CASE("The walk begins at what is selected") {
    Fixture f;
    f.selection.replace(*parseLocus("q1 k2"));
    f.widget.clearFocus();
    f.widget.setFocus(Qt::TabFocusReason);
    REQUIRE(f.widget.focusSpot());
    CHECK(f.widget.focusSpot()->says == "cell 1 2");
}

TEST_CASE("A covered spot hides its value until it was guessed") {
    Fixture f;
    f.widget.cover(f.spot(1, 1));
    CHECK(f.widget.isCovered(f.spot(1, 1)));
    CHECK_FALSE(f.widget.isCovered(f.spot(1, 2)));
    QSignalSpy guessed(&f.widget, &PictureWidget::guessed);
    f.widget.setPicture(Fixture::table());  // laid out anew: still covered
    CHECK(f.widget.isCovered(f.spot(1, 1)));
    QTest::mouseMove(f.widget.viewport(), f.widget.toWidget(40, 40));
    QTest::qWait(10);
    CHECK_FALSE(f.selection.hoverText().contains("cell"));

    f.click(1, 1);
    CHECK(f.selection.current() == Locus{});  // a click asks, it does not look
    auto* field = f.widget.findChild<QLineEdit*>();
    REQUIRE(field);
    QTest::keyClicks(field, "0.5");
    QTest::keyClick(field, Qt::Key_Return);
    REQUIRE(guessed.count() == 1);
    CHECK_FALSE(f.widget.isCovered(f.spot(1, 1)));
    CHECK(f.widget.lastJudgement().contains("0.3125"));  // 5/16
    CHECK(f.widget.lastJudgement().contains("0.188 too high"));
    f.click(1, 1);
    CHECK(print(f.selection.current()) == "q1 k1");
}

TEST_CASE("Q covers the spot the keys are at") {
    Fixture f;
    f.widget.clearFocus();
    f.widget.setFocus(Qt::TabFocusReason);
    QTest::keyClick(&f.widget, Qt::Key_Q);
    CHECK(f.widget.isCovered(f.spot(0, 0)));
}

TEST_CASE("The picture scrolls when it is larger, and a rectangle is brought into sight") {
    Fixture f;
    Picture large = Fixture::table(1000);
    f.widget.setPicture(large);
    CHECK(f.widget.verticalScrollBar()->maximum() >= 800);
    f.widget.ensureVisible({900, 900, 20, 20});
    const QPoint at = f.widget.toWidget(910, 910);
    CHECK(f.widget.viewport()->rect().contains(at));
    const QPointF back = f.widget.toPicture(at);
    CHECK(std::abs(back.x() - 910) <= 1);
    const int before = f.widget.verticalScrollBar()->value();
    f.widget.setPicture(large);
    CHECK(f.widget.verticalScrollBar()->value() == before);
}

TEST_CASE("A larger font size enlarges picture and spots alike") {
    Fixture f;
    f.look.fontScale = 1.5;
    f.widget.setPicture(Fixture::table());
    CHECK(f.widget.toWidget(100, 100) == QPoint(150, 150));
    f.click(2, 2);
    CHECK(print(f.selection.current()) == "q2 k2");
    CHECK(f.widget.availableWidth() < 200 / 1.5);
}

TEST_CASE("Layouts do not depend on whether the scroll bar shows") {
    Fixture f;
    const double before = f.widget.availableWidth();
    QSignalSpy resized(&f.widget, &PictureWidget::resized);
    Picture tall = Fixture::table();
    tall.height = 2000;
    f.widget.setPicture(tall);
    QTest::qWait(10);
    CHECK(f.widget.availableWidth() == before);
    CHECK(resized.count() == 0);
}

TEST_CASE("Every spot is an accessible child with its text, value and press") {
    Fixture f;
    QAccessibleInterface* list = QAccessible::queryAccessibleInterface(&f.widget);
    REQUIRE(list);
    CHECK(list->role() == QAccessible::List);
    REQUIRE(list->childCount() == 16);
    QAccessibleInterface* cell = list->child(6);
    REQUIRE(cell);
    CHECK(cell->text(QAccessible::Name) == "cell 1 2");
    CHECK(cell->text(QAccessible::Value).toDouble() == Approx(6 / 16.0));
    CHECK(cell->parent() == list);
    CHECK(list->indexOfChild(cell) == 6);
    CHECK(cell->rect().width() >= 27);
    REQUIRE(cell->actionInterface());
    cell->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
    CHECK(print(f.selection.current()) == "q1 k2");
    f.widget.cover(f.spot(1, 2));
    CHECK_FALSE(cell->text(QAccessible::Name).contains("cell"));
    CHECK(cell->text(QAccessible::Value).isEmpty());
    f.widget.setPicture({});
    CHECK_FALSE(cell->isValid());
    CHECK(list->childCount() == 0);
}

TEST_CASE("Stale pictures are greyed") {
    Fixture f;
    const QImage fresh = f.widget.grab().toImage();
    f.widget.setOutdated(true);
    f.widget.setPicture(f.widget.picture());
    CHECK(f.widget.stale());  // drawn again, and still of an older text
    f.widget.setOutdated(false);
    f.widget.setStale(true);
    const QImage stale = f.widget.grab().toImage();
    f.widget.setPicture(Fixture::table());
    CHECK_FALSE(f.widget.stale());
    CHECK(fresh != stale);
    // less contrast than before, at a dark cell
    const QPoint dark = f.widget.toWidget(100, 100) * static_cast<int>(f.widget.devicePixelRatioF());
    CHECK(contrast(stale.pixelColor(dark), f.look.palette.of(Ink::Panel)) <
          contrast(fresh.pixelColor(dark), f.look.palette.of(Ink::Panel)));
}
