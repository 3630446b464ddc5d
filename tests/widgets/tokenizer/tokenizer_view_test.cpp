// The Tokenizer view with clicks: forward and back, another tokenizer's steps, side by side.
#include "widgets/tokenizer/tokenizer_view.h"

#include <QMenu>
#include <QSignalSpy>

#include "core/load.h"
#include "tests/widgets/view_facts.h"
#include "widgets/tokenizer_shelf.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Open {
    Stage stage;
    TokenizerShelf shelf;
    QSignalSpy wanted{&stage.intents, &Intents::wantTokenizers};
    TokenizerView view{{&stage.selection, &stage.intents, &stage.look, nullptr, &shelf}, nullptr};
    std::shared_ptr<Shown> shown = zooShown("llama");

    explicit Open(const std::string& text = "The unhappiest child") {
        shown->tokenizer = *loadTokenizer("gpt2");
        shown->modelName = "open";
        shown->text = text;
        shelf.set({{.name = "characters", .what = "", .tokenizer = *loadTokenizer("characters")},
                   {.name = "bytes", .what = "", .tokenizer = *loadTokenizer("bytes")}},
                  true);
        view.resize(900, 500);
        view.show();
        view.setShown(shown);
        REQUIRE(waitComplete(view));
    }
    void press(const std::string& action) {
        const Spot* pill = findSpot(*view.heading(), [&](const Spot& s) { return s.action == action; });
        REQUIRE(pill);
        clickSpot(*view.heading(), *pill);
        REQUIRE(waitComplete(view));
    }
};

}  // namespace

TEST_CASE("It shows the tokens, and goes through the merges forward and back") {
    Open open;
    CHECK(open.wanted.size() == 1);
    REQUIRE(open.view.steps() > 3);
    CHECK(open.view.step() == -1);
    CHECK(saysAnywhere(open.view.heading()->picture(), "Step " + std::to_string(open.view.steps()) + " of"));
    open.press("first");
    CHECK(open.view.step() == 0);
    CHECK(saysAnywhere(open.view.picture()->picture(), "nothing is joined yet"));
    open.press("forward");
    open.press("forward");
    CHECK(open.view.step() == 2);
    CHECK(saysAnywhere(open.view.picture()->picture(), "become one"));
    open.press("back");
    CHECK(open.view.step() == 1);
    open.press("last");
    CHECK(open.view.step() == -1);
}

TEST_CASE("Playing goes on to the last step and stops") {
    Open open("an apple");
    open.press("first");
    open.press("play");
    REQUIRE(QTest::qWaitFor([&] { return open.view.step() != 0; }, 3000));
    REQUIRE(QTest::qWaitFor([&] { return open.view.step() == -1; }, 10000));
}

TEST_CASE("Side by side through those on the shelf, the open model's first") {
    Open open("ab 床");
    open.press("beside");
    const Picture& picture = open.view.picture()->picture();
    for (const char* name : {"open", "characters", "bytes"}) CHECK(saysAnywhere(picture, name));
    CHECK(saysAnywhere(picture, "6 tokens"));
    QSignalSpy asks(&open.stage.intents, &Intents::openTokenizer);
    open.press("open");
    CHECK(asks.size() == 1);
    TokenizerView again({&open.stage.selection, &open.stage.intents, &open.stage.look, nullptr, &open.shelf}, nullptr);
    again.restoreState(open.view.saveState());
    CHECK(again.saveState() == open.view.saveState());
}

TEST_CASE("Another tokenizer's steps") {
    Open open("ab");
    open.view.setWatched("bytes");
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.view.heading()->picture(), (*loadTokenizer("bytes"))->kind()));
    open.view.setWatched({});
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.view.heading()->picture(), "byte-level BPE"));
}

TEST_CASE("A model without tokenizer says so") {
    Open open;
    auto without = std::make_shared<Shown>(*open.shown);
    without->tokenizer = nullptr;
    without->text.clear();
    TokenizerView view({&open.stage.selection, &open.stage.intents, &open.stage.look, nullptr, &open.shelf}, nullptr);
    view.resize(800, 400);
    view.setShown(without);
    CHECK(saysAnywhere(view.picture()->picture(), "no tokenizer"));
}

TEST_CASE("A tokenizer that is still being read is waited for, and its absence is told") {
    Open open("ab");
    TokenizerShelf shelf;
    TokenizerView view({&open.stage.selection, &open.stage.intents, &open.stage.look, nullptr, &shelf}, nullptr);
    view.resize(900, 400);
    view.setShown(open.shown);
    view.restoreState({{"watched", "bytes"}, {"beside", false}});
    CHECK_FALSE(view.complete());
    CHECK_FALSE(saysAnywhere(view.heading()->picture(), "byte-level BPE"));  // never another's steps
    CHECK(saysAnywhere(view.picture()->picture(), "“bytes” is not here"));
    shelf.set({{.name = "bytes", .what = "", .tokenizer = *loadTokenizer("bytes")}}, true);
    REQUIRE(waitComplete(view));
    CHECK(saysAnywhere(view.heading()->picture(), "bytes ▾"));
    CHECK(saysAnywhere(view.heading()->picture(), "2 of 2") != saysAnywhere(view.heading()->picture(), "2 / 2"));
}

TEST_CASE("Of a long text the beginning is shown, and how much of it that is") {
    std::string text;
    while (text.size() < 10'000) text += "Once upon a time 床前明月光 ";
    Open open(text);
    CHECK(saysAnywhere(open.view.picture()->picture(), "of the text’s " + std::to_string(text.size()) + " bytes"));
    open.press("beside");
    CHECK(saysAnywhere(open.view.picture()->picture(), "of the text’s " + std::to_string(text.size()) + " bytes"));
    Open shorter("Once upon a time");
    CHECK_FALSE(saysAnywhere(shorter.view.picture()->picture(), "bytes:"));
}
