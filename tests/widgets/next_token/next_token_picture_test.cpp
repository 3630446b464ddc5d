// The next-token picture as numbers: bars as long as their probabilities, struck-out bars still there, the needle in its bin.
#include "widgets/next_token/next_token_picture.h"

#include <algorithm>
#include <cmath>

#include "tests/catch.h"
#include "widgets/next_token/cumulative_bar.h"
#include "widgets/shared/format.h"

using namespace lw;

namespace {

const std::vector<float> logits = {2.0f, 1.5f, 0.3f, -0.2f, 1.1f, -1.0f, 0.9f, -3.0f};

NextTokenInput inputFor(const SamplingSettings& settings, bool tip) {
    NextTokenInput in;
    in.facts = nextTokenFacts(logits, settings, Position(6), tip ? std::nullopt : std::optional<TokenId>(2), std::nullopt, 400);
    in.pieceHere = "·to";
    in.piece = [](TokenId id) { return "tok" + std::to_string(id); };
    in.tip = tip;
    return in;
}

bool says(const Picture& picture, const std::string& text) {
    const auto texts = picture.texts();
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& t) { return t.find(text) != std::string::npos; });
}

std::vector<Box> boxesOf(const Picture& picture, Ink ink) {
    std::vector<Box> boxes;
    for (const PictureItem& item : picture.items)
        if (const Box* box = std::get_if<Box>(&item); box && !box->fill.map && box->fill.ink == ink) boxes.push_back(*box);
    return boxes;
}

}  // namespace

TEST_CASE("Bars are as long as their probabilities, on one scale") {
    const SamplingSettings s{.temperature = 0.5, .topK = 3};
    const Picture picture = nextTokenPicture(inputFor(s, true), 800, 520, sayEnglish);
    const auto all = distribution(logits, s);
    const auto before = boxesOf(picture, Ink::Accent), after = boxesOf(picture, Ink::FeedForward);
    REQUIRE(before.size() == logits.size());
    REQUIRE(after.size() == 3);
    const double unit = after[0].rect.w / all[0].probability;
    for (std::size_t i = 0; i < before.size(); ++i)
        CHECK(before[i].rect.w == Approx(std::max(1.0, all[i].rawProbability * unit)));
    for (std::size_t i = 0; i < after.size(); ++i) {
        CHECK(after[i].rect.w == Approx(all[i].probability * unit));
        CHECK(after[i].rect.y == before[i].rect.y);
    }
    // struck-out tokens keep a row, a hatched bar and the filter's name
    const auto texts = picture.texts();
    CHECK(std::count(texts.begin(), texts.end(), "top-k") == 5);
    CHECK(says(picture, "3 of 8 kept"));
    for (const Bin& bin : all) CHECK(says(picture, "tok" + std::to_string(bin.id)));
    CHECK(says(picture, printProbability(all[7].tempered)));
}

TEST_CASE("At the tip a click forces; inside the text every spot is a place") {
    const Picture tip = nextTokenPicture(inputFor({}, true), 800, 520, sayEnglish);
    const auto forces =
        std::count_if(tip.spots.begin(), tip.spots.end(), [](const Spot& s) { return s.action.rfind("force:", 0) == 0; });
    CHECK(forces >= static_cast<std::ptrdiff_t>(logits.size()));
    const Picture inside = nextTokenPicture(inputFor({}, false), 800, 520, sayEnglish);
    for (const Spot& spot : inside.spots) CHECK(spot.action.empty());
    CHECK(inside.subtitle.find("only at its end") != std::string::npos);
    CHECK(says(inside, "surprise of “tok2”"));
    int places = 0;
    for (const Spot& spot : inside.spots)
        if (spot.place.unit && spot.value) {
            CHECK(spot.place.site == SiteId::Logits);
            CHECK(spot.place.position == Position(6));
            ++places;
        }
    CHECK(places >= 4 * static_cast<int>(logits.size()));
    CHECK(boxesOf(inside, Ink::None).size() >= 1);  // the frame of the token that follows
}

TEST_CASE("Both columns add up to 1 with what is not shown") {
    NextTokenInput in = inputFor({.temperature = 1.4}, true);
    in.facts = nextTokenFacts(logits, in.facts.settings, Position(6), {}, {}, 3);
    const Picture picture = nextTokenPicture(in, 800, 520, sayEnglish);
    double before = 0, after = 0;
    for (const Bin& bin : in.facts.bins) before += bin.rawProbability, after += bin.probability;
    CHECK(says(picture, "… 5 more"));
    CHECK(says(picture, printProbability(1 - before)));
    CHECK(says(picture, printProbability(1 - after)));
}

TEST_CASE("Segments of the cumulative bar fill it, and the needle stands in the bin that was drawn") {
    const SamplingSettings s{.temperature = 0.9};
    Pcg32 random(5);
    for (int i = 0; i < 20; ++i) {
        const Choice choice = choose(logits, s, random);
        CumulativeBarInput in{
            distribution(logits, s), Position(1), choice.draw, choice.id, false, [](TokenId id) { return std::to_string(id); }};
        Picture picture;
        addCumulativeBar(picture, in, 10, 0, 600, sayEnglish);
        double width = 0;
        Rect hit;
        for (const Spot& spot : picture.spots) {
            if (!spot.place.unit) continue;
            width += spot.rect.w;
            CHECK(spot.rect.w == Approx(600 * *spot.value));
            if (spot.place.unit == Unit(choice.id)) hit = spot.rect;
        }
        CHECK(width == Approx(600));
        const double needle = 10 + 600 * *choice.draw;
        CHECK(needle >= hit.x);
        CHECK(needle <= hit.right());
        CHECK(drawWords(in, sayEnglish).find(printNumber(*choice.draw, 6)) != std::string::npos);
    }
}

TEST_CASE("A draw near an edge is flagged, a forced token is said to be forced") {
    NextTokenInput in = inputFor({}, false);
    in.facts.choice = Choice{.id = 2, .draw = 0.5, .nearEdge = true};
    in.facts.drawn = 2;
    CHECK(says(nextTokenPicture(in, 800, 520, sayEnglish), "another machine"));
    in.facts.choice = Choice{.id = 2, .draw = {}, .forced = true};
    CHECK(says(nextTokenPicture(in, 800, 520, sayEnglish), "“tok2” was forced"));
    in.facts.choice = Choice{.id = 2, .draw = {}, .forced = true, .kept = true};
    CHECK(says(nextTokenPicture(in, 800, 520, sayEnglish), "“tok2” was kept with its path"));
    CHECK_FALSE(says(nextTokenPicture(in, 800, 520, sayEnglish), "was forced"));
    // a draw under other settings is not said to have fallen where it would fall now
    in.facts.choice = Choice{.id = 2, .probability = 0.4, .draw = 0.5};
    in.facts.drawn = 1;
    CHECK(says(nextTokenPicture(in, 800, 520, sayEnglish), "settings of then"));
}

TEST_CASE("Bits instead of nats") {
    NextTokenInput in = inputFor({}, false);
    in.unit = InformationUnit::Bits;
    const Picture picture = nextTokenPicture(in, 800, 520, sayEnglish);
    CHECK(says(picture, "bits"));
    CHECK(says(picture, printNumber(in.facts.entropyBefore / std::log(2.0), 3)));
}

TEST_CASE("A token that is asked for has its row, however improbable, and rows fit the height") {
    std::vector<float> many(3000);
    for (std::size_t i = 0; i < many.size(); ++i) many[i] = -0.01f * static_cast<float>(i);
    NextTokenInput in = inputFor({}, false);
    const TokenId also[] = {2500};
    in.facts = nextTokenFacts(many, {}, Position(6), TokenId(1234), {}, 400, also);
    in.place = {.position = Position(6), .unit = Unit(2500), .site = SiteId::Logits};
    for (const double height : {330.0, 390.0, 520.0, 700.0}) {
        const Picture picture = nextTokenPicture(in, 640, height, sayEnglish);
        CHECK(says(picture, "tok1234"));
        CHECK(says(picture, "tok2500"));
        CHECK(picture.height <= height + 1);
    }
}

TEST_CASE("The difference picture draws B − A") {
    auto a = logits;
    a[3] += 4;
    const auto list = tokenDifferences(logits, a, 100);
    const Picture picture = nextTokenDifferencePicture(inputFor({}, true), list, "A: q3", 800, 520, sayEnglish);
    CHECK(picture.title.find("B − A") != std::string::npos);
    REQUIRE(picture.tables.size() == 1);
    for (const auto& row : picture.tables[0].rows) CHECK(row[3] == Approx(row[2] - row[1]));
    double sum = 0;
    for (const Spot& spot : picture.spots) sum += *spot.value;
    CHECK(std::abs(sum) < 1e-9);  // both are distributions
    CHECK(says(nextTokenDifferencePicture(inputFor({}, true), {}, "A", 800, 520, sayEnglish), "different vocabularies"));
}

TEST_CASE("A thousand rolls: a needle over each bar, its count, and the band of four standard deviations") {
    const SamplingSettings settings{.temperature = 0.8, .topK = 5};
    NextTokenInput in = inputFor(settings, true);
    in.rolled = rollMany(logits, settings, 1000, 7);
    const Picture picture = nextTokenPicture(in, 800, 520, sayEnglish);
    CHECK(says(picture, "rolled 1000 times with seed 7"));
    CHECK(says(picture, "expected: " + printNumber(in.rolled->largestDeviation, 2) + " σ"));
    const auto all = distribution(logits, settings);
    const auto after = boxesOf(picture, Ink::FeedForward);
    REQUIRE(after.size() == 5);
    const double unit = after[0].rect.w / all[0].probability;
    std::vector<Stroke> needles;
    for (const PictureItem& item : picture.items)
        if (const Stroke* stroke = std::get_if<Stroke>(&item); stroke && stroke->width == 2 && stroke->colour.ink == Ink::Text)
            needles.push_back(*stroke);
    REQUIRE(needles.size() >= 5);
    for (std::size_t i = 0; i < 5; ++i) {
        const DrawCount& token = in.rolled->tokens[i];
        CHECK(token.id == all[i].id);
        CHECK(needles[i].points[0].x - after[i].rect.x == Approx(static_cast<double>(token.count) / 1000 * unit));
        CHECK(says(picture, std::to_string(token.count)));
    }
    CHECK_FALSE(says(nextTokenPicture(inputFor(settings, true), 800, 520, sayEnglish), "rolled"));
}
