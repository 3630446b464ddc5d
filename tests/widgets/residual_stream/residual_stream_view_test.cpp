// The residual-stream view with clicks: places, the order of the bars, the token that is explained, difference, state.
#include "widgets/residual_stream/residual_stream_view.h"

#include <QSignalSpy>

#include "core/analysis/softmax_stats.h"
#include "tests/widgets/view_facts.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Open {
    Stage stage;
    ResidualStreamView view{stage.services(), nullptr};
    std::shared_ptr<Shown> shown;
    explicit Open(std::shared_ptr<Shown> facts) : shown(std::move(facts)) {
        view.resize(830, 576);
        view.show();
        view.setShown(shown);
        REQUIRE(waitComplete(view));
    }
    const Spot* spot(const std::function<bool(const Spot&)>& wanted) { return findSpot(*view.picture(), wanted); }
    TokenId top(int position) {
        const auto row = shown->trace->logits(Position(position));
        return topTokens({row.data(), static_cast<std::size_t>(row.size())}, 1).front().id;
    }
};

}  // namespace

TEST_CASE("The last position's most probable token is explained at first, and a click on a head selects it") {
    Open open(zooShown("gpt2"));
    const int last = open.shown->trace->length() - 1;
    CHECK(saysAnywhere(open.view.picture()->picture(), std::to_string(open.top(last)) + " ▾"));
    const Spot* head = open.spot([](const Spot& s) { return s.place.head.has_value(); });
    REQUIRE(head);
    const Locus wanted = head->place;
    clickSpot(*open.view.picture(), *head);
    CHECK(open.stage.selection.current().head == wanted.head);
    CHECK(open.stage.selection.current().site == SiteId::Result);
}

TEST_CASE("The bars can stand by layer, and the state comes back") {
    Open open(zooShown("llama"));
    QSignalSpy changed(&open.view, &View::stateChanged);
    const Spot* pill = open.spot([](const Spot& s) { return s.action == "order:layer"; });
    REQUIRE(pill);
    clickSpot(*open.view.picture(), *pill);
    CHECK(saysAnywhere(open.view.picture()->picture(), "heads 0–3"));
    CHECK(changed.count() == 1);
    open.view.setToken(42);
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.view.picture()->picture(), "42 ▾"));

    Open other(zooShown("llama"));
    other.view.restoreState(open.view.saveState());
    REQUIRE(waitComplete(other.view));
    CHECK(saysAnywhere(other.view.picture()->picture(), "heads 0–3"));
    CHECK(saysAnywhere(other.view.picture()->picture(), "42 ▾"));
}

TEST_CASE("A token pointed at in another view is the one to explain") {
    Open open(zooShown("gpt2"));
    open.stage.selection.select({.position = Position(3), .unit = Unit(17), .site = SiteId::Logits});
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.view.picture()->picture(), "17 ▾"));
    CHECK(open.view.exportPicture().title.find("Residual stream at 3") == 0);
    const double logit = open.shown->trace->logits(Position(3))(17);
    CHECK(saysAnywhere(open.view.exportPicture(), printNumber(logit, 6)));
}

TEST_CASE("B − A against itself is nothing but zeros") {
    Open open(zooShown("gpt2"));
    auto a = std::make_shared<Pinned>();
    a->shown = open.shown;
    a->place.position = Position(open.shown->trace->length() - 1);
    a->name = "A: q16";
    open.view.setDifference(a);
    REQUIRE(waitComplete(open.view));
    const Picture picture = open.view.exportPicture();
    CHECK(picture.title.find("B − A") != std::string::npos);
    for (const DataTable& table : picture.tables) {
        if (table.name != "direct_logit_attribution_B_minus_A") continue;
        for (const auto& row : table.rows) CHECK(row[0] == 0);
    }
    open.view.setDifference(nullptr);
    REQUIRE(waitComplete(open.view));
    CHECK(open.view.exportPicture().title.find("B − A") == std::string::npos);
}

TEST_CASE("A model of another size is not subtracted, and the view says so") {
    Open open(zooShown("gpt2"));
    auto a = std::make_shared<Pinned>();
    a->shown = zooShown("llama");
    open.view.setDifference(a);
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.view.picture()->picture(), "A is a model of another"));
}

TEST_CASE("Without a run there is a sentence") {
    Stage stage;
    ResidualStreamView view(stage.services(), nullptr);
    view.resize(600, 400);
    view.show();
    view.restoreState({});
    CHECK(saysAnywhere(view.picture()->picture(), "Nothing has been traced"));
}
