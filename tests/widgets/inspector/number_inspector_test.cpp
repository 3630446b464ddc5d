#include "widgets/inspector/number_inspector.h"

#include <QApplication>
#include <QClipboard>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>

#include "tests/widgets/view_facts.h"
#include "widgets/shared/format.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Window {
    Stage stage;
    NumberInspector inspector{stage.services()};
    std::shared_ptr<Shown> shown = zooShown("llama", "0.input_ids");
    Window() {
        inspector.resize(308, 800);
        inspector.setShown(shown);
        inspector.show();
        REQUIRE(QTest::qWaitForWindowExposed(&inspector));
    }
    void go(const std::string& place) { stage.selection.replace(*parseLocus(place)); }
    void trigger(const QString& start) {
        for (QAction* action : inspector.findChildren<QAction*>())
            if (action->text().startsWith(start)) action->trigger();
    }
    bool says(const std::string& text) { return saysAnywhere(inspector.upper()->picture(), text); }
    const Spot* link() {
        return findSpot(*inspector.upper(), [](const Spot& spot) { return spot.action.starts_with("follow:"); });
    }
};

PictureWidget* pictureWidgetOf(const QWidget& widget, const QString& name) {
    for (PictureWidget* child : widget.findChildren<PictureWidget*>())
        if (child->accessibleName() == name) return child;
    return nullptr;
}

}  // namespace

TEST_CASE("A selected number is shown with its value from the trace") {
    Window w;
    w.go("L1 H1 q3 k1 blocks.1.attn.hook_pattern");
    REQUIRE(w.inspector.explanation());
    const auto value = w.shown->trace->value(SiteId::Pattern, Layer(1), Head(1), Position(3), Position(1), std::nullopt);
    REQUIRE(value);
    CHECK(w.says(printNumber(*value)));
    CHECK(w.says("blocks.1.attn.hook_pattern"));
    CHECK(saysAnywhere(w.inspector.lower()->picture(), "Next token at position 3"));
}

TEST_CASE("A reading of the lens is explained with its word, its formula and its operands") {
    Window w;
    w.go("L1 q3 m11 blocks.1.hook_resid_mid");
    CHECK_FALSE(w.inspector.complete());
    REQUIRE(QTest::qWaitFor([&] { return w.inspector.complete(); }, 5000));
    REQUIRE(w.inspector.explanation());
    const Matrix logits = w.shown->model->readOut(w.shown->trace->row(SiteId::ResidMid, Layer(1), Position(3)));
    const double max = logits.maxCoeff(), sum = (logits.array().cast<double>() - max).exp().sum();
    CHECK(w.inspector.explanation()->value == Approx(std::exp(static_cast<double>(logits(0, 11)) - max) / sum).epsilon(1e-5));
    CHECK(w.says("Logit lens"));
    CHECK(w.says("“" + w.shown->piece(11) + "”"));
    CHECK(w.says("softmax") + w.says("exp(") >= 1);
    CHECK(w.says("W_U"));
    REQUIRE(w.link());
    clickSpot(*w.inspector.upper(), *w.link());
    CHECK(w.stage.selection.current().unit);
    CHECK(w.stage.selection.current().site == SiteId::ResidMid);
    CHECK(w.inspector.explanation());  // a channel of that state
    // Two places one after the other: only the last is explained.
    w.go("L1 q3 m11 blocks.1.hook_resid_mid");
    w.go("L0 q2 m12 blocks.0.hook_resid_pre");
    REQUIRE(QTest::qWaitFor([&] { return w.inspector.complete(); }, 5000));
    CHECK(print(w.inspector.explanation()->place) == "L0 q2 m12 blocks.0.hook_resid_pre");
    w.go("L1 q3 m11 blocks.1.hook_resid_mid");
    w.go("L1 H1 q3 k1 blocks.1.attn.hook_pattern");
    QTest::qWait(50);
    CHECK(w.inspector.explanation()->place.site == SiteId::Pattern);
}

TEST_CASE("A link leads to its operand and back again") {
    Window w;
    w.go("L1 H1 q3 k1 blocks.1.attn.hook_pattern");
    const Locus start = w.stage.selection.current();
    REQUIRE(w.link());
    const Locus target = *parseLocus(w.link()->action.substr(7));
    clickSpot(*w.inspector.upper(), *w.link());
    CHECK(w.stage.selection.current() == target);
    CHECK(w.says("← back"));
    w.inspector.goBack();
    CHECK(w.stage.selection.current() == start);
    CHECK_FALSE(w.says("← back"));
}

TEST_CASE("Following back from the logits ends at the token") {
    Window w;
    w.go("q3 n5 logits");
    std::vector<std::string> path;
    int steps = 0;
    while (w.inspector.explanation() && !w.inspector.explanation()->operands.empty() && steps < 200) {
        path.push_back(w.inspector.explanation()->site);
        w.inspector.followBack();
        ++steps;
    }
    CAPTURE(path);
    REQUIRE(w.inspector.explanation());
    CHECK(w.inspector.explanation()->site == "hook_embed");
    CHECK(steps > 3);
    for (int i = 0; i < steps; ++i) w.inspector.goBack();
    CHECK(print(w.stage.selection.current()) == "q3 n5 logits");
}

TEST_CASE("Going on from elsewhere drops the way back") {
    Window w;
    w.go("L1 H1 q3 k1 blocks.1.attn.hook_pattern");
    w.inspector.followBack();
    CHECK(w.says("← back"));
    w.go("L0 H0 q1 k0 blocks.0.attn.hook_pattern");
    CHECK_FALSE(w.says("← back"));
}

TEST_CASE("Check is asked for as an intent and its answer shown with the difference") {
    Window w;
    w.go("L1 H1 q3 k1 blocks.1.attn.hook_pattern");
    QSignalSpy asked(&w.stage.intents, &Intents::check);
    w.trigger("From its operands");
    REQUIRE(asked.count() == 1);
    CHECK(asked[0][1].toBool() == false);
    CHECK(w.inspector.checkText().contains("again"));
    w.inspector.setCheckResult(
        checkValue(*w.shown->trace, *w.shown->model, w.stage.selection.current(), CheckPath::FromOperands));
    CHECK(w.inspector.checkText().startsWith("✓"));
    CHECK(w.inspector.checkText().contains("differs by"));

    // an answer that comes after the person has gone on is dropped
    w.trigger("The whole run");
    CHECK(asked[1][1].toBool() == true);
    w.go("L0 H0 q1 k0 blocks.0.attn.hook_pattern");
    CHECK(w.inspector.checkText().isEmpty());
    w.inspector.setCheckResult(fail(ErrorKind::Cancelled, "late"));
    CHECK(w.inspector.checkText().isEmpty());

    w.trigger("From its operands");
    w.inspector.setCheckResult(fail(ErrorKind::NotFound, "q was not captured."));
    CHECK(w.inspector.checkText() == "✗ q was not captured.");
    w.trigger("From its operands");
    w.inspector.setCheckResult(CheckResult{CheckPath::FromOperands, "computed again", 1.0, 1.5, 0.5, 0.3});
    CHECK(w.inspector.checkText().startsWith("✗"));
}

TEST_CASE("Copies: the value with all digits, the row, and a tensor as the window's work") {
    Window w;
    w.go("L1 H1 q3 k1 blocks.1.attn.hook_pattern");
    QSignalSpy spy(&w.inspector, &NumberInspector::copyRequested);
    w.trigger("Value, all digits");
    CHECK(QApplication::clipboard()->text().toFloat() == static_cast<float>(w.inspector.explanation()->value));
    w.trigger("Row");
    CHECK(QApplication::clipboard()->text().split(", ").size() == w.shown->trace->length());
    w.trigger("Whole tensor as NPY");
    REQUIRE(spy.count() == 3);
    CHECK(spy[2][0].value<CopyKind>() == CopyKind::TensorNpy);
}

TEST_CASE("A row without a unit shows its values, a click chooses one") {
    Window w;
    w.go("L1 q2 blocks.1.hook_mlp_out");
    CHECK_FALSE(w.inspector.explanation());
    const Spot* bar = findSpot(*w.inspector.upper(), [](const Spot& s) { return s.place.unit.has_value(); });
    REQUIRE(bar);
    const Locus place = bar->place;
    clickSpot(*w.inspector.upper(), *bar);
    REQUIRE(w.inspector.explanation());
    CHECK(w.stage.selection.current() == place);
}

TEST_CASE("A logit also says its probability") {
    Window w;
    w.go("q3 n5 logits");
    CHECK(w.says("As a probability"));
}

TEST_CASE("No number: a sentence and the next tokens") {
    Window w;
    w.go("q3");
    CHECK_FALSE(w.inspector.explanation());
    CHECK(w.says("Click any number"));
    CHECK_FALSE(w.inspector.lower()->picture().spots.empty());
    w.inspector.setShown(nullptr);
    CHECK(w.says("Nothing has been run"));
}

TEST_CASE("Narrowed it is a line that a click widens") {
    Window w;
    w.go("L1 H1 q3 k1 blocks.1.attn.hook_pattern");
    QSignalSpy changed(&w.inspector, &NumberInspector::narrowChanged);
    w.inspector.setNarrow(true);
    CHECK(w.inspector.width() <= 40);
    auto* line = pictureWidgetOf(w.inspector, "Number inspector, narrowed");
    REQUIRE(line);
    CHECK(saysAnywhere(line->picture(), "Attention weight"));
    REQUIRE_FALSE(line->picture().spots.empty());
    clickSpot(*line, line->picture().spots[0]);
    CHECK_FALSE(w.inspector.narrow());
    CHECK(changed.count() == 2);
}
