#include "widgets/tokens/token_strip_picture.h"

#include <algorithm>
#include <cmath>

#include "tests/catch.h"

using namespace lw;

namespace {

double measure(std::string_view text, TypeSize size, bool bold, bool mono) { return textWidth(text, size, bold, mono); }

StripFacts someFacts() {
    StripFacts facts;
    facts.context = 512;
    facts.tokens = {{.text = "When", .id = 2427, .logProbability = {}},
                    {.text = "·Mary", .id = 5099, .logProbability = std::log(2.3e-6)},
                    {.text = "·and", .id = 284, .logProbability = std::log(0.0059)},
                    {.text = "·to", .id = 288, .logProbability = std::log(0.76), .generated = true}};
    facts.ghosts = {{"·Mary", 5099, 0.923}, {"·the", 260, 0.022}};
    return facts;
}

bool says(const Picture& picture, const std::string& text) {
    return std::ranges::any_of(picture.texts(), [&](const std::string& t) { return t.find(text) != std::string::npos; });
}

std::vector<Box> boxesWith(const Picture& picture, Ink frame) {
    std::vector<Box> boxes;
    for (const PictureItem& item : picture.items)
        if (const auto* box = std::get_if<Box>(&item); box && box->frame.ink == frame) boxes.push_back(*box);
    return boxes;
}

}  // namespace

TEST_CASE("Every chip says its text, id and probability; the first has none") {
    const StripLayout strip = tokenStrip(someFacts(), measure);
    CHECK(says(strip.picture, "2427 · —"));
    CHECK(says(strip.picture, "5099 · 2.3e−6"));
    CHECK(says(strip.picture, "284 · 0.006"));
    CHECK(says(strip.picture, "288 · 0.760"));
    CHECK(says(strip.picture, "next · 0.923"));
    REQUIRE(strip.chips.size() == 4);
    REQUIRE(strip.picture.spots.size() == 6);
    CHECK(strip.picture.spots[1].place.position == Position(1));
    CHECK(strip.picture.spots[1].value == Approx(2.3e-6));
    CHECK(strip.picture.spots[1].says.find("surprise 13.0 nats") != std::string::npos);
    CHECK_FALSE(strip.picture.spots[0].value);
    CHECK(strip.picture.spots[4].action == "force:5099");
    CHECK(strip.picture.spots[4].place == Locus{});
}

TEST_CASE("Chips stand side by side and hold their texts") {
    const StripLayout strip = tokenStrip(someFacts(), measure);
    for (std::size_t i = 1; i < strip.chips.size(); ++i) CHECK(strip.chips[i].x >= strip.chips[i - 1].right() + 4);
    // the generated part stands apart
    CHECK(strip.chips[3].x - strip.chips[2].right() >= 16);
    CHECK(says(strip.picture, "generated"));
    for (const PictureItem& item : strip.picture.items)
        if (const auto* label = std::get_if<Label>(&item))
            CHECK(measure(label->text, label->size, label->bold, label->mono) <= label->rect.w + 4);
    CHECK(strip.picture.width > strip.chips.back().right());
    CHECK(strip.picture.height == tokenStripHeight());
}

TEST_CASE("Shade grows with surprise on a fixed scale, and can be switched off") {
    StripFacts facts = someFacts();
    const auto shades = [](const Picture& picture) {
        std::vector<double> values;
        for (const PictureItem& item : picture.items)
            if (const auto* box = std::get_if<Box>(&item); box && box->fill.map) values.push_back(box->fill.value);
        return values;
    };
    const auto values = shades(tokenStrip(facts, measure).picture);
    REQUIRE(values.size() == 3);
    CHECK(values[0] == Approx(0.7 * std::log(1 / 2.3e-6) / surpriseAtFullShade));
    CHECK(values[0] > values[1]);
    CHECK(values[1] > values[2]);
    facts.shaded = false;
    CHECK(shades(tokenStrip(facts, measure).picture).empty());
}

TEST_CASE("A probability that is being computed is a mark, not a number") {
    StripFacts facts = someFacts();
    facts.tokens[2].logProbability.reset();
    const StripLayout strip = tokenStrip(facts, measure);
    CHECK(says(strip.picture, "284 · …"));
    CHECK_FALSE(strip.picture.spots[2].value);
}

TEST_CASE("A bracket joins the tokens of one character") {
    StripFacts facts = someFacts();
    facts.characters = {{1, 2, "你"}};
    const StripLayout strip = tokenStrip(facts, measure);
    CHECK(says(strip.picture, "你"));
    double left = 1e9, right = 0;
    for (const PictureItem& item : strip.picture.items)
        if (const auto* stroke = std::get_if<Stroke>(&item); stroke && !stroke->dashed)
            for (const Point& p : stroke->points) {
                left = std::min(left, p.x);
                right = std::max(right, p.x);
                CHECK(p.y < strip.chips[1].y);
            }
    CHECK(left == Approx(strip.chips[1].x + 2));
    CHECK(right == Approx(strip.chips[2].right() - 2));
}

TEST_CASE("What exceeds the context is greyed, counted, and no place") {
    StripFacts facts = someFacts();
    facts.ghosts.clear();
    facts.beyond = {{.text = "·more", .id = 7, .logProbability = {}}, {.text = "·text", .id = 8, .logProbability = {}}};
    const StripLayout after = tokenStrip(facts, measure);
    CHECK(says(after.picture, "2 tokens beyond the context of 512: not run"));
    CHECK(after.picture.spots.back().place == Locus{});
    CHECK(after.picture.spots.back().says.find("512") != std::string::npos);
    CHECK(after.picture.spots.back().rect.x > after.chips.back().right());
    facts.beyondLeftOut = 998;
    const StripLayout many = tokenStrip(facts, measure);
    CHECK(says(many.picture, "1000 tokens beyond the context of 512: not run"));
    CHECK(says(many.picture, "998 more"));
    facts.beyondLeftOut = 0;
    facts.beyondInFront = true;
    const StripLayout before = tokenStrip(facts, measure);
    CHECK(before.picture.spots.front().rect.right() < before.chips.front().x);
    CHECK(before.chips.size() == 4);
}

TEST_CASE("The selected chip has an amber frame, the key a blue dashed one") {
    const StripLayout strip = tokenStrip(someFacts(), measure);
    Picture picture = strip.picture;
    addStripFrames(picture, strip.chips, *parseLocus("q3 k1"));
    const auto amber = boxesWith(picture, Ink::SelectedFrame), blue = boxesWith(picture, Ink::Accent);
    REQUIRE(amber.size() == 1);
    REQUIRE(blue.size() == 1);
    CHECK(amber[0].rect.x == Approx(strip.chips[3].x - 1));
    CHECK_FALSE(amber[0].dashed);
    CHECK(blue[0].rect.x == Approx(strip.chips[1].x - 1));
    CHECK(blue[0].dashed);
    // a place outside of this text frames nothing
    Picture none = strip.picture;
    addStripFrames(none, strip.chips, *parseLocus("q30 k99"));
    CHECK(none.items.size() == strip.picture.items.size());
}

TEST_CASE("The strip's numbers come out as a table") {
    const StripLayout strip = tokenStrip(someFacts(), measure);
    REQUIRE(strip.picture.tables.size() == 1);
    const DataTable& table = strip.picture.tables[0];
    REQUIRE(table.rows.size() == 4);
    CHECK(std::isnan(table.rows[0][2]));
    CHECK(table.rows[1][2] == Approx(2.3e-6));
    CHECK(table.rows[3][4] == 1);
}
