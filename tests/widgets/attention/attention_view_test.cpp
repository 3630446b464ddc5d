// The attention view with clicks: places set and followed, switches, difference, empty states.
#include "widgets/attention/attention_view.h"

#include <QSignalSpy>

#include <algorithm>

#include "core/analysis/head_scores.h"
#include "tests/widgets/view_facts.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Open {
    Stage stage;
    AttentionView view{stage.services(), nullptr};
    std::shared_ptr<Shown> shown;
    PictureWidget* large;
    explicit Open(std::shared_ptr<Shown> facts) : shown(std::move(facts)) {
        view.resize(830, 576);
        view.show();
        view.setShown(shown);
        REQUIRE(waitComplete(view));
        large = pictureWidget(view, "One head: queries and keys");
        REQUIRE(large);
    }
    const Spot* cell(int query, int key) {
        return findSpot(*large,
                        [=](const Spot& s) { return s.place.position == Position(query) && s.place.key == Position(key); });
    }
    void press(const QString& widget, const std::string& action) {
        PictureWidget* w = pictureWidget(view, widget);
        REQUIRE(w);
        const Spot* spot = findSpot(*w, [&](const Spot& s) { return s.action == action; });
        REQUIRE(spot);
        clickSpot(*w, *spot);
        REQUIRE(waitComplete(view));
    }
};

}  // namespace

TEST_CASE("A click on a cell selects query, key, layer and head") {
    Open open(zooShown("llama"));
    const Spot* cell = open.cell(7, 2);
    REQUIRE(cell);
    clickSpot(*open.large, *cell);
    const Locus& place = open.stage.selection.current();
    CHECK(place.position == Position(7));
    CHECK(place.key == Position(2));
    CHECK(place.layer == Layer(2));
    CHECK(place.head == Head(0));
    CHECK(place.site == SiteId::Pattern);
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(pictureWidget(open.view, "Arithmetic of the row")->picture(), "row of query 7"));
}

TEST_CASE("A click on a thumbnail opens that head, and the heading says so") {
    Open open(zooShown("llama"));
    PictureWidget* grid = pictureWidget(open.view, "All heads");
    const Spot* thumb = findSpot(*grid, [](const Spot& s) { return s.place.layer == Layer(1) && s.place.head == Head(3); });
    REQUIRE(thumb);
    clickSpot(*grid, *thumb);
    REQUIRE(waitComplete(open.view));
    CHECK(open.view.exportPicture().title == "Layer 1, head 3");
    const Spot* cell = open.cell(9, 4);
    REQUIRE(cell);
    CHECK(cell->value == static_cast<double>(open.shown->trace->patternRow(Layer(1), Head(3), Position(9))(4)));
}

TEST_CASE("The quantity can be scores or weighted values, the text can be shaded") {
    Open open(zooShown("gpt2"));
    QSignalSpy changed(&open.view, &View::stateChanged);
    open.press("What is shown", "quantity:scores");
    REQUIRE(open.cell(5, 1));
    CHECK(open.cell(5, 1)->place.site == SiteId::AttnScores);
    CHECK(open.cell(5, 1)->value == static_cast<double>(open.shown->trace->scoresRow(Layer(2), Head(0), Position(5))(1)));
    open.press("What is shown", "quantity:weighted-values");
    const double weight = open.shown->trace->patternRow(Layer(2), Head(0), Position(5))(1);
    CHECK(*open.cell(5, 1)->value == Approx(weight * valueLengths(*open.shown->trace, {Layer(2), Head(0)})[1]).epsilon(1e-5));
    open.press("What is shown", "form:reads");
    CHECK(open.large->picture().spots.size() == 17);
    open.press("What is shown", "form:read-by");
    CHECK(saysAnywhere(open.large->picture(), "who reads key"));
    CHECK(changed.count() == 4);
    const QJsonObject state = open.view.saveState();
    Open other(zooShown("gpt2"));
    other.view.restoreState(state);
    REQUIRE(waitComplete(other.view));
    CHECK(other.view.saveState() == state);
    CHECK(saysAnywhere(other.large->picture(), "who reads key"));
}

TEST_CASE("The weighted sum of the values unfolds") {
    Open open(zooShown("llama"));
    open.press("Arithmetic of the row", "fold-values");
    CHECK(saysAnywhere(pictureWidget(open.view, "Arithmetic of the row")->picture(), "= z"));
}

TEST_CASE("Hovering in another view draws lines to what that query reads") {
    Open open(zooShown("llama"));
    const std::size_t before = open.large->picture().items.size();
    Locus hover;
    hover.position = Position(10);
    open.stage.selection.setHover(hover, "elsewhere");
    CHECK(QTest::qWaitFor([&] { return open.large->picture().items.size() > before; }, 2000));
    open.stage.selection.clearHover();
    CHECK(QTest::qWaitFor([&] { return open.large->picture().items.size() == before; }, 2000));
}

TEST_CASE("Steps of generation follow: the row that the chosen step ran is marked, and nothing else was run in it") {
    Open open(zooShown("gpt2", "1.input_ids", 3));
    const int prompt = open.shown->promptLength;
    // The truth: what the cached forward pass of each step was given, counted by running the steps again.
    std::vector<std::pair<int, int>> ran;
    const std::unique_ptr<State> state = open.shown->model->start();
    const auto all = open.shown->trace->ids();
    for (int at = 0; at < static_cast<int>(all.size());) {
        const int rows = at == 0 ? prompt : 1;
        REQUIRE(open.shown->model->forward(all.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(rows)), *state,
                                           Tap(), {}, LogitRows::Last));
        ran.emplace_back(at, state->length());
        at = state->length();
    }
    REQUIRE(ran.size() == 4);
    const auto newRows = [&] {
        std::vector<int> rows;
        const Picture& picture = open.large->picture();
        for (int q = 0; q < static_cast<int>(all.size()); ++q) {
            const Spot* cell = open.cell(q, 0);
            REQUIRE(cell);
            const double right = open.cell(0, static_cast<int>(all.size()) - 1)->rect.right(),
                         y = cell->rect.y + cell->rect.h / 2;
            for (const PictureItem& item : picture.items) {
                const auto* box = std::get_if<Box>(&item);
                if (box && box->fill.ink == Ink::New && box->rect.x >= right && box->rect.y < y && y < box->rect.bottom())
                    rows.push_back(q);
            }
        }
        return rows;
    };
    CHECK(newRows() == std::vector<int>{prompt + 2});  // the step that led here
    for (int s = 0; s <= 3; ++s) {
        CAPTURE(s);
        open.stage.selection.select({.step = Step(s)});
        REQUIRE(waitComplete(open.view));
        std::vector<int> want;
        for (int q = ran[static_cast<std::size_t>(s)].first; q < ran[static_cast<std::size_t>(s)].second; ++q) want.push_back(q);
        CHECK(newRows() == want);
        CHECK(saysAnywhere(open.large->picture(), "new at step " + std::to_string(s)));
    }
}

TEST_CASE("B − A against another text is aligned from the front") {
    Open open(zooShown("llama"));
    auto pinned = std::make_shared<Pinned>();
    pinned->shown = zooShown("llama", "1.input_ids");
    pinned->name = "A";
    open.view.setDifference(pinned);
    REQUIRE(waitComplete(open.view));
    REQUIRE(open.cell(3, 1));
    const double b = open.shown->trace->patternRow(Layer(2), Head(0), Position(3))(1);
    const double a = pinned->shown->trace->patternRow(Layer(2), Head(0), Position(3))(1);
    CHECK(*open.cell(3, 1)->value == Approx(b - a).epsilon(0).margin(1e-6));
    CHECK(open.cell(7, 2) == nullptr);
    CHECK(open.view.exportPicture().title.find("B − A") != std::string::npos);
    open.view.setDifference(nullptr);
    REQUIRE(waitComplete(open.view));
    CHECK(*open.cell(3, 1)->value == Approx(b));
}

TEST_CASE("Sorting the heads orders them by the score on this text") {
    Open open(zooShown("llama"));
    QJsonObject state = open.view.saveState();
    state["order"] = "first";
    open.view.restoreState(state);
    REQUIRE(waitComplete(open.view));
    const auto& spots = pictureWidget(open.view, "All heads")->picture().spots;
    REQUIRE(spots.size() == 12);
    for (std::size_t i = 1; i < spots.size(); ++i) CHECK(*spots[i].value <= *spots[i - 1].value);
}

TEST_CASE("Without a run there is a sentence, and completed() comes with the first") {
    Stage stage;
    AttentionView view(stage.services(), nullptr);
    QSignalSpy completed(&view, &View::completed);
    view.resize(660, 430);
    view.show();
    CHECK(view.complete());
    view.setShown(zooShown("gpt2"));
    REQUIRE(waitComplete(view));
    CHECK(QTest::qWaitFor([&] { return completed.count() > 0; }, 5000));
    const Picture picture = view.exportPicture();
    CHECK(picture.tables.size() >= 2);
    CHECK(picture.width > 600);
}

TEST_CASE("Two rows of one head are compared beside each other, the matrix stays whole") {
    Open open(zooShown("llama"));
    auto pinned = std::make_shared<Pinned>();
    pinned->shown = open.shown;
    pinned->place.layer = Layer(2);
    pinned->place.head = Head(0);
    pinned->place.position = Position(5);
    pinned->name = "A";
    open.view.setDifference(pinned);
    REQUIRE(waitComplete(open.view));
    CHECK(*open.cell(9, 4)->value == static_cast<double>(open.shown->trace->patternRow(Layer(2), Head(0), Position(9))(4)));
    const auto dashed = [&] {
        int count = 0;
        for (const PictureItem& item : open.large->picture().items) {
            const auto* box = std::get_if<Box>(&item);
            count += box && box->dashed;
        }
        return count;
    };
    CHECK(dashed() == 1);
    const Picture& row = pictureWidget(open.view, "Arithmetic of the row")->picture();
    CHECK(saysAnywhere(row, "weight A"));
    const double b = open.shown->trace->patternRow(Layer(2), Head(0), Position(16))(0);
    const double a = open.shown->trace->patternRow(Layer(2), Head(0), Position(5))(0);
    const Spot* difference = findSpot(*pictureWidget(open.view, "Arithmetic of the row"), [](const Spot& s) {
        return s.place.key == Position(0) && s.says.find("B − A") != std::string::npos;
    });
    if (difference) CHECK(*difference->value == Approx(b - a).epsilon(0).margin(1e-6));
}

TEST_CASE("A long text is shown in a window that follows the place, and zooms out to a raster") {
    const auto loaded = openModel(zooPath("llama"));
    auto shown = zooShown("llama");
    const CaptureSpec spec = CaptureSpec::all(loaded->model->info());
    const auto node = root(*loaded->model, repeatedRandomTokens(loaded->model->info(), 30, 1), spec, 0, 0, true);
    REQUIRE(node);
    shown->root = shown->node = *node;
    shown->trace = traceTo(*node, loaded->model->sharedInfo(), spec);
    shown->promptLength = shown->trace->length();
    shown->pieces.clear();
    for (const TokenId id : shown->trace->ids()) shown->pieces.push_back(shown->piece(id));
    const int last = shown->trace->length() - 1;
    Open open(shown);
    open.view.resize(1100, 640);  // with room for the buttons that zoom
    REQUIRE(waitComplete(open.view));
    CHECK(open.cell(last, last));
    CHECK(open.cell(0, 0) == nullptr);
    Locus place;
    place.position = Position(1);
    place.key = Position(0);
    open.stage.selection.select(place);
    REQUIRE(waitComplete(open.view));
    REQUIRE(open.cell(0, 0));
    for (int i = 0; i < 4; ++i) open.press("What is shown", "zoom:out");
    CHECK(open.cell(last, last));  // all of it now
    // The export has the whole matrix whatever is in sight.
    const Picture picture = open.view.exportPicture();
    const auto table = std::find_if(picture.tables.begin(), picture.tables.end(),
                                    [](const DataTable& t) { return t.name.starts_with("pattern"); });
    REQUIRE(table != picture.tables.end());
    CHECK(static_cast<int>(table->rows.size()) == last + 1);
}

TEST_CASE("In a narrow pane the large picture stands alone, its switches in menus") {
    Open open(zooShown("llama"));
    open.view.resize(400, 280);
    REQUIRE(waitComplete(open.view));
    CHECK_FALSE(pictureWidget(open.view, "All heads")->isVisible());
    CHECK(open.large->isVisible());
    CHECK(findSpot(*pictureWidget(open.view, "What is shown"), [](const Spot& s) { return s.action == "menu:quantity"; }));
}
