#include "widgets/shared/selection.h"

#include <QSignalSpy>

#include "tests/catch.h"

using namespace lw;

TEST_CASE("A click lays its parts over the place") {
    Selection selection;
    QSignalSpy spy(&selection, &Selection::currentChanged);
    Locus head;
    head.layer = Layer(3);
    head.head = Head(5);
    selection.select(head);
    Locus query;
    query.position = Position(7);
    selection.select(query);
    CHECK(print(selection.current()) == "L3 H5 q7");
    CHECK(spy.count() == 2);
    selection.select(query);
    CHECK(spy.count() == 2);  // nothing changed
}

TEST_CASE("A click on another site does not keep the former site's unit") {
    Selection selection;
    selection.replace(*parseLocus("L3 q7 n40 blocks.3.mlp.hook_post"));
    selection.select(*parseLocus("L2 blocks.2.hook_resid_mid"));
    CHECK(print(selection.current()) == "L2 q7 blocks.2.hook_resid_mid");
    selection.select(*parseLocus("m262 blocks.2.hook_resid_mid"));
    selection.select(*parseLocus("n5 blocks.2.hook_resid_mid"));
    CHECK(print(selection.current()) == "L2 q7 n5 blocks.2.hook_resid_mid");
    selection.select(*parseLocus("L4"));  // no site: the channel is followed through the layers
    CHECK(print(selection.current()) == "L4 q7 n5 blocks.4.hook_resid_mid");
}

TEST_CASE("Esc unpins one part at a time and keeps the position") {
    Selection selection;
    selection.replace(*parseLocus("L3 H5 q7 k2 n4 blocks.3.attn.hook_pattern"));
    std::vector<std::string> seen;
    for (int i = 0; i < 7; ++i) {
        selection.unpinOne();
        seen.push_back(print(selection.current()));
    }
    CHECK(seen == std::vector<std::string>{"L3 H5 q7 k2 n4", "L3 H5 q7 k2", "L3 H5 q7", "L3 q7", "q7", "q7", "q7"});
}

TEST_CASE("Hovering says once what it points at") {
    Selection selection;
    QSignalSpy spy(&selection, &Selection::hoverChanged);
    Locus place;
    place.position = Position(1);
    selection.setHover(place, "one");
    selection.setHover(place, "one");
    CHECK(spy.count() == 1);
    selection.clearHover();
    CHECK(spy.count() == 2);
    CHECK(selection.hoverText().isEmpty());
}
