// Small pieces of the window without a window.
#include "app/run/branches.h"
#include "app/run/script_knowledge.h"
#include "app/run/shown_from.h"
#include "app/run/trace_prompt.h"
#include "app/run/tree_record.h"
#include "app/window/fuzzy.h"
#include "app/window/place_words.h"
#include "tests/catch.h"

using namespace lw;

namespace {

BranchesPtr traced(const std::string& text) {
    static const auto model = loadModel("stories260K");
    REQUIRE(model);
    const auto result = tracePrompt({.model = *model, .text = text, .seed = 7}, 0);
    REQUIRE(result);
    return result->branches;
}

RunNodePtr stepped(const BranchesPtr& branches, const RunNodePtr& from, StepRequest request) {
    const auto child = step(*branches->model()->model, from, branches->spec(), request);
    REQUIRE(child);
    return branches->add(*child);
}

}  // namespace

TEST_CASE("fuzzy matching", "[logic]") {
    CHECK_FALSE(fuzzyScore("xyz", "Logit lens"));
    REQUIRE(fuzzyScore("ll", "Logit lens"));
    CHECK(*fuzzyScore("ll", "Logit lens") > *fuzzyScore("ll", "Go to the full view"));
    CHECK(*fuzzyScore("resid", "Residual stream") > *fuzzyScore("resid", "reads a hidden state"));
    CHECK(fuzzyScore("stream resid", "Residual stream"));
    CHECK(fuzzyScore("", "anything"));
}

TEST_CASE("branches: hidden nodes, forward, the dice", "[logic]") {
    const BranchesPtr b = traced("Once upon a time");
    const RunNodePtr one = stepped(b, b->root(), {.settings = {.greedy = true}, .forced = {}});
    const RunNodePtr two = stepped(b, b->root(), {.settings = {}, .forced = 300});
    CHECK(b->count() == 3);
    CHECK(stepped(b, b->root(), {.settings = {}, .forced = 300}) == two);
    CHECK(b->leaves() == std::vector<RunNodePtr>{one, two});
    b->walkTo(one);
    CHECK(b->forward(b->root()) == one);
    const auto bytes = b->bytes();
    b->showFirst(2);
    CHECK(b->indexOf(two.get()) == -1);
    CHECK(b->leaves() == std::vector<RunNodePtr>{one});
    b->showFirst(3);
    CHECK(b->indexOf(two.get()) == 2);
    b->showFirst(1);
    CHECK(b->forward(b->root()) == nullptr);
    stepped(b, b->root(), {.settings = {}, .forced = 301});
    CHECK(b->count() == 2);
    b->showFirst(99);
    CHECK(b->count() == 2);  // what was hidden is gone
    CHECK(b->bytes() < bytes);
}

TEST_CASE("a recorded tree is made again exactly", "[logic]") {
    const BranchesPtr b = traced("Once upon a time");
    RunNodePtr at = b->root();
    for (int i = 0; i < 5; ++i) at = stepped(b, at, {.settings = {.temperature = 1.2, .seed = 3}, .forced = {}});
    stepped(b, b->root(), {.settings = {}, .forced = 300});
    const TreeRecord record = recordOf(*b, at);
    const auto again = replay(traced("Once upon a time"), record);
    REQUIRE(again);
    CHECK(again->different == 0);
    REQUIRE(again->branches->count() == b->count());
    for (int i = 1; i < b->count(); ++i) {
        CHECK(again->branches->node(i)->choice().id == b->node(i)->choice().id);
        CHECK(again->branches->node(i)->choice().draw == b->node(i)->choice().draw);
        CHECK(again->branches->node(i)->choice().logit == b->node(i)->choice().logit);
        CHECK(again->branches->node(i)->random() == b->node(i)->random());
    }
    const auto fromThere = stepped(again->branches, again->current, {.settings = {.temperature = 1.2}, .forced = {}});
    CHECK(fromThere->choice().id == stepped(b, at, {.settings = {.temperature = 1.2}, .forced = {}})->choice().id);

    TreeRecord other = record;
    other.nodes[2].logit += 1;
    CHECK(replay(traced("Once upon a time"), other)->different == 1);
    other.nodes[2].id = 1 << 20;
    CHECK_FALSE(replay(traced("Once upon a time"), other));
    const TreeRecord path = recordOf(*b, at, true);
    CHECK(path.nodes.size() == 5);
    CHECK(path.current == 5);
}

TEST_CASE("places are moved inside, or named when they are outside", "[logic]") {
    const BranchesPtr b = traced("Once upon a time");
    const ShownPtr shown = shownFrom(*b, b->root(), "", {}, InformationUnit::Nats);
    const int last = shown->trace->length() - 1;
    CHECK(print(placeWithin(*parseLocus("L99 H99 q99 k99"), *shown)) ==
          "L4 H7 q" + std::to_string(last) + " k" + std::to_string(last));
    for (const char* outside : {"L5", "H8", "q99", "k99", "L0 blocks.0.hook_pos_embed"}) {
        const auto place = parseLocus(outside);
        if (!place) continue;
        INFO(outside);
        const auto inside = checkPlace(*place, *shown);
        REQUIRE_FALSE(inside);
        CHECK(inside.error().message.ends_with("."));
    }
    CHECK(checkPlace(*parseLocus("L4 H7 q1 k0"), *shown));
    const Locus first = firstPlace(*shown);
    CHECK(checkPlace(first, *shown));
    const RowVector row = shown->trace->patternRow(*first.layer, *first.head, *first.position);
    CHECK(row[first.key->value] == row.maxCoeff());
}

TEST_CASE("the place in words", "[logic]") {
    const BranchesPtr b = traced("Once upon a time");
    const ShownPtr shown = shownFrom(*b, b->root(), "", {}, InformationUnit::Nats);
    const PlaceWords words = placeWords(*parseLocus("L3 H5 q3 k2 blocks.3.attn.hook_pattern"), *shown);
    CHECK(words.parts.size() == 5);
    CHECK(words.words == "query “" + shown->pieces[3] + "”, key “" + shown->pieces[2] + "”");
    CHECK(words.value ==
          "pattern " + printNumber(static_cast<double>(shown->trace->patternRow(Layer(3), Head(5), Position(3))[2])));
    CHECK(shortSiteName(SiteId::ResidPost) == "resid_post");
}

TEST_CASE("ids instead of a text", "[logic]") {
    CHECK(*idsFromText("3, 17 5", 20) == std::vector<TokenId>{3, 17, 5});
    CHECK_FALSE(idsFromText("3, 20", 20));
    CHECK_FALSE(idsFromText("hello", 20));
    CHECK_FALSE(idsFromText("99999999999999999999", 20));
}
