#include "widgets/inspector/explanation_picture.h"

#include <algorithm>
#include <cmath>

#include "tests/catch.h"
#include "widgets/inspector/next_tokens_picture.h"
#include "widgets/shared/format.h"

using namespace lw;

namespace {

double measure(std::string_view text, TypeSize size, bool bold, bool mono) { return textWidth(text, size, bold, mono); }

InspectorFacts weight() {
    InspectorFacts facts;
    Explanation& e = facts.explanation;
    e.place = *parseLocus("L24 H4 q13 k1 blocks.24.attn.hook_pattern");
    e.title = "Attention weight";
    e.value = 0.81020518;
    e.site = "blocks.24.attn.hook_pattern";
    e.inWords = "how much query 13 reads key 1";
    e.indices = "head 4, query 13, key 1";
    e.shape = "9 × 14 × 14, rows sum to 1";
    const Locus score = *parseLocus("L24 H4 q13 k1 blocks.24.attn.hook_attn_scores");
    e.formula = {{{"weight = exp(s − max) / Σ", std::nullopt}},
                 {{"= exp(", std::nullopt}, {"3.53301", score}, {") / 1.234", std::nullopt}},
                 {{"= 0.810205", std::nullopt}}};
    e.contributions =
        Contributions{.caption = "3 products, sum 1.5", .values = {2, -1, 0.5}, .labels = {"a", "b", "c"}, .sum = 1.5};
    e.operands = {score};
    facts.more = {{"key", "“·Mary”"}};
    return facts;
}

bool says(const Picture& picture, const std::string& text) { return std::ranges::count(picture.texts(), text) > 0; }

}  // namespace

TEST_CASE("The inspector says the number, its names and its formula") {
    const Picture picture = explanationPicture(weight(), 300, measure);
    for (const char* text : {"Attention weight", "0.8102", "blocks.24.attn.hook_pattern", "“·Mary”", "head 4, query 13, key 1",
                             "3.53301", "= 0.810205"}) {
        CAPTURE(text);
        CHECK(says(picture, text));
    }
    InspectorFacts all = weight();
    all.allDigits = true;
    CHECK(says(explanationPicture(all, 300, measure), printFull(static_cast<float>(all.explanation.value))));
}

TEST_CASE("An operand is a link to its place") {
    const Picture picture = explanationPicture(weight(), 300, measure);
    const auto link = std::ranges::find_if(picture.spots, [](const Spot& spot) { return spot.action.starts_with("follow:"); });
    REQUIRE(link != picture.spots.end());
    const auto place = parseLocus(link->action.substr(7));
    REQUIRE(place);
    CHECK(place->site == SiteId::AttnScores);
    CHECK(place->key == Position(1));
    CHECK(link->place == Locus{});  // the way back must know where it came from: the inspector replaces the place itself
}

TEST_CASE("Bars are proportional and stand on their zero line") {
    const Picture picture = explanationPicture(weight(), 300, measure);
    std::vector<Box> bars;
    for (const PictureItem& item : picture.items)
        if (const auto* box = std::get_if<Box>(&item); box && box->fill.map) bars.push_back(*box);
    REQUIRE(bars.size() == 3);
    CHECK(bars[0].rect.h / bars[1].rect.h == Approx(2));
    CHECK(bars[0].rect.h / bars[2].rect.h == Approx(4));
    CHECK(bars[0].rect.bottom() == Approx(bars[1].rect.y));
    CHECK(bars[0].fill.value > 0);
    CHECK(bars[1].fill.value < 0);
    const auto spot = std::ranges::find_if(picture.spots, [](const Spot& s) { return s.value == -1.0; });
    REQUIRE(spot != picture.spots.end());
    CHECK(spot->says == "part b: −1");
    REQUIRE(picture.tables.size() == 1);
    CHECK(picture.tables[0].rows[2] == std::vector<double>{2, 0.5});
}

TEST_CASE("More parts than pixels: the largest of neighbours is shown, and said") {
    InspectorFacts facts = weight();
    facts.explanation.contributions->values.assign(5000, 0.001);
    facts.explanation.contributions->values[4321] = -3;
    facts.explanation.contributions->labels.clear();
    const Picture picture = explanationPicture(facts, 300, measure);
    CHECK(std::ranges::any_of(picture.spots, [](const Spot& s) { return s.value == -3.0 && s.says == "part 4321: −3"; }));
    CHECK(
        std::ranges::any_of(picture.texts(), [](const std::string& t) { return t.find("largest of its") != std::string::npos; }));
    CHECK(picture.spots.size() < 200);
}

TEST_CASE("Nothing leaves the inspector's width") {
    for (const double width : {220.0, 300.0, 420.0}) {
        const Picture picture = explanationPicture(weight(), width, measure);
        CHECK(picture.width == width);
        for (const PictureItem& item : picture.items)
            if (const auto* label = std::get_if<Label>(&item)) {
                CAPTURE(width, label->text);
                CHECK(label->rect.right() <= width - 14 + 2);
                CHECK(label->rect.bottom() <= picture.height + 1);
            }
    }
}

TEST_CASE("A row without a chosen value shows all of them, each a place") {
    VectorFacts facts;
    facts.title = "Addition of attention";
    facts.values = {3, -4};
    facts.places = {*parseLocus("L1 q2 n0 blocks.1.hook_attn_out"), *parseLocus("L1 q2 n1 blocks.1.hook_attn_out")};
    const Picture picture = vectorPicture(facts, 300, measure);
    CHECK(says(picture, "5"));  // its length
    CHECK(std::ranges::count_if(picture.spots, [](const Spot& s) { return s.place.site == SiteId::AttnOut; }) == 2);
}

TEST_CASE("The way back is offered only where there is one") {
    InspectorFacts facts = weight();
    CHECK_FALSE(says(explanationPicture(facts, 300, measure), "← back"));
    facts.canGoBack = true;
    CHECK(says(explanationPicture(facts, 300, measure), "← back"));
}

TEST_CASE("Next tokens are bars that lead to their logits") {
    const Picture picture = nextTokensPicture({{"·Mary", 5099, 0.923}, {"·the", 260, 0.022}}, Position(13), 300, measure);
    CHECK(says(picture, "0.923"));
    CHECK(says(picture, "Next token at position 13"));
    REQUIRE(picture.spots.size() == 2);
    CHECK(print(picture.spots[0].place) == "q13 n5099 logits");
    std::vector<double> lengths;
    for (const PictureItem& item : picture.items)
        if (const auto* box = std::get_if<Box>(&item); box && box->fill.ink == Ink::Accent) lengths.push_back(box->rect.w);
    REQUIRE(lengths.size() == 2);
    CHECK(lengths[0] / lengths[1] == Approx(0.923 / 0.022));
}

TEST_CASE("Narrowed, it still says what and how much") {
    const Picture picture = narrowPicture("Attention weight", "0.8102", 600, measure);
    CHECK(picture.width == 32);
    CHECK(says(picture, "0.8102"));
    CHECK(says(picture, "Attention weight"));
    REQUIRE(picture.spots.size() == 1);
    CHECK(picture.spots[0].action == "widen");
}

TEST_CASE("A small probability is written whole") {
    const Picture picture = nextTokensPicture({{"f", 7, 1.0}, {"g", 8, 2.2e-12}}, Position(3), 260, measure);
    bool found = false;
    for (const PictureItem& item : picture.items) {
        const auto* label = std::get_if<Label>(&item);
        if (!label || label->text != printProbability(2.2e-12)) continue;
        found = true;
        CHECK(measure(label->text, label->size, label->bold, label->mono) <= label->rect.w);
    }
    CHECK(found);
}
