// The logit lens view with clicks: cells selected, tokens followed, rows and curves switched.
#include "widgets/logit_lens/logit_lens_view.h"

#include <QSignalSpy>

#include "tests/widgets/view_facts.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Open {
    Stage stage;
    LogitLensView view{stage.services(), nullptr};
    std::shared_ptr<Shown> shown;
    PictureWidget* table;
    explicit Open(std::shared_ptr<Shown> facts, QSize size = {900, 576}) : shown(std::move(facts)) {
        view.resize(size);
        view.show();
        view.setShown(shown);
        REQUIRE(waitComplete(view));
        table = pictureWidget(view, "What each state says");
        REQUIRE(table);
    }
    const Spot* cell(int layer, SiteId site, int position) {
        return findSpot(*table, [=](const Spot& s) {
            return s.place.layer == Layer(layer) && s.place.site == site && s.place.position == Position(position);
        });
    }
    void press(const QString& widget, const std::string& action) {
        PictureWidget* w = pictureWidget(view, widget);
        REQUIRE(w);
        const Spot* spot = findSpot(*w, [&](const Spot& s) { return s.action == action; });
        REQUIRE(spot);
        clickSpot(*w, *spot);
        REQUIRE(waitComplete(view));
    }
    PictureWidget* panel() { return pictureWidget(view, "One cell: its most probable tokens"); }
};

}  // namespace

TEST_CASE("A click on a cell selects its state and the panel shows it") {
    Open open(zooShown("gpt2"));
    const Spot* cell = open.cell(1, SiteId::ResidPre, 16);
    REQUIRE(cell);
    clickSpot(*open.table, *cell);
    const Locus& place = open.stage.selection.current();
    CHECK(place.layer == Layer(1));
    CHECK(place.position == Position(16));
    CHECK(place.site == SiteId::ResidPre);
    const Matrix logits = open.shown->model->readOut(open.shown->trace->row(SiteId::ResidPre, Layer(1), Position(16)));
    Eigen::Index first = 0;
    logits.row(0).maxCoeff(&first);
    CHECK(place.unit2 == Unit(static_cast<int>(first)));  // the word that the cell says
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.panel()->picture(), "1_pre · q16"));
}

TEST_CASE("Mid rows come and go") {
    Open open(zooShown("llama"));
    REQUIRE(open.cell(1, SiteId::ResidMid, 16));  // few layers: they fit
    CHECK(open.cell(1, SiteId::ResidMid, 16)->value);
    open.press("What is shown", "rows:mid");
    CHECK(open.cell(1, SiteId::ResidMid, 16) == nullptr);
}

TEST_CASE("A token of the panel is followed through all cells and along the curve") {
    Open open(zooShown("gpt2"));
    const Spot* bar = findSpot(*open.panel(), [](const Spot& s) { return s.action.starts_with("follow:"); });
    REQUIRE(bar);
    const std::string action = bar->action;
    const TokenId token = std::stoi(action.substr(7));
    open.press("One cell: its most probable tokens", action);
    open.press("What is shown", "show:rank");
    const auto path = followToken(*open.shown->trace, *open.shown->model, token, 16, true);
    REQUIRE(path);
    CHECK(open.cell(2, SiteId::ResidPre, 16)->value == path->rank[4]);
    auto* chart = open.view.findChild<Chart*>();
    REQUIRE(chart);
    REQUIRE(chart->data().series.size() == 1);
    REQUIRE(chart->data().series[0].points.size() == 7);
    CHECK(chart->data().series[0].points[2].y == path->probability[2]);
    open.press("What the curve shows", "curve:rank");
    CHECK(chart->data().series[0].points[1].y == path->rank[1]);
    open.press("What the curve shows", "curve:entropy");
    CHECK(chart->data().series.size() == 2);
    CHECK(chart->data().series[1].points.back().y == Approx(0).margin(1e-9));
    const QJsonObject state = open.view.saveState();
    Open other(zooShown("gpt2"));
    other.view.restoreState(state);
    REQUIRE(waitComplete(other.view));
    CHECK(other.view.saveState() == state);
}

TEST_CASE("A longer run keeps the readings it shares with the shorter one") {
    const auto long_ = zooShown("gpt2", "1.input_ids", 2);
    auto short_ = std::make_shared<Shown>(*long_);
    short_->node = long_->root;
    short_->trace = traceTo(long_->root, long_->model->sharedInfo(), long_->trace->spec());
    Open open(short_);
    auto* columns = open.view.findChild<LensColumns*>();
    REQUIRE(columns);
    REQUIRE(columns->column(2));
    open.view.setShown(long_);
    CHECK(columns->column(2));  // at once
    CHECK(columns->column(6) == nullptr);
    REQUIRE(waitComplete(open.view));
    CHECK(columns->column(6));
}

TEST_CASE("B − A colours what B's token gained") {
    Open open(zooShown("gpt2"));
    auto pinned = std::make_shared<Pinned>();
    pinned->shown = zooShown("gpt2", "1.input_ids");
    pinned->name = "A";
    open.view.setDifference(pinned);
    REQUIRE(waitComplete(open.view));
    const Spot* cell = open.cell(2, SiteId::ResidPost, 3);
    REQUIRE(cell);
    CHECK(cell->says.find("B − A") != std::string::npos);
    open.view.setDifference(nullptr);
    REQUIRE(waitComplete(open.view));
    CHECK(open.cell(2, SiteId::ResidPost, 3)->says.find("says") != std::string::npos);
}

TEST_CASE("In a narrow window the columns are a part of the text that follows the place") {
    Open open(zooShown("llama"), {430, 430});
    CHECK(open.cell(0, SiteId::ResidPre, 16));
    CHECK(open.cell(0, SiteId::ResidPre, 0) == nullptr);
    Locus place;
    place.position = Position(0);
    open.stage.selection.select(place);
    REQUIRE(waitComplete(open.view));
    CHECK(open.cell(0, SiteId::ResidPre, 0));
}

TEST_CASE("Without a run there is a sentence; a new run completes") {
    Stage stage;
    LogitLensView view(stage.services(), nullptr);
    QSignalSpy completed(&view, &View::completed);
    view.resize(660, 430);
    view.show();
    CHECK(view.complete());
    CHECK(view.exportPicture().texts().size() == 2);
    view.setShown(zooShown("gpt2"));
    REQUIRE(waitComplete(view));
    CHECK(QTest::qWaitFor([&] { return completed.count() > 0; }, 5000));
    CHECK(view.exportPicture().tables.size() >= 3);
}
