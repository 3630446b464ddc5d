// Compare's pictures as numbers: what is written in the cells, what a click leads to, what stands where nothing was read.
#include "widgets/compare/compare_picture.h"

#include <algorithm>
#include <cmath>

#include "core/bundled.h"
#include "tests/catch.h"
#include "widgets/shared/format.h"
#include "widgets/shared/text_width.h"

using namespace lw;

namespace {

// Two models over "ab cd": the open one reads "ab", " cd"; the other single bytes.
ReadToken token(TokenId id, std::int64_t from, std::int64_t to, const std::string& bytes, std::optional<double> surprise,
                std::vector<ExpectedToken> next, std::int64_t state) {
    ReadToken t{.id = id, .from = from, .to = to, .bytes = bytes, .surprise = surprise, .next = std::move(next)};
    t.entropy = 1.5;
    t.stateBytes = state;
    t.seconds = 0.002;
    return t;
}

CompareInput twoModels() {
    CompareInput in;
    in.columns = {{3, 0, 2}, {4, 2, 5}};
    in.pieces = {"ab", "·cd"};
    auto open = std::make_shared<Reading>();
    open->tokens = {token(3, 0, 2, "ab", {}, {{{9, 2.0F, 0.6}, " xy"}, {{4, 1.0F, 0.25}, " cd"}}, 100),
                    token(4, 2, 5, " cd", std::log(4.0), {{{5, 1.0F, 0.5}, "!"}}, 200)};
    auto bytes = std::make_shared<Reading>();
    const std::string text = "ab cd";
    for (std::size_t i = 0; i < text.size(); ++i) {
        bytes->tokens.push_back(token(text[i], static_cast<std::int64_t>(i), static_cast<std::int64_t>(i) + 1, text.substr(i, 1),
                                      i == 0 ? std::optional<double>() : std::log(2.0), {{{'z', 0.0F, 0.125}, "z"}}, 64));
    }
    in.rows = {{.asked = "one", .name = "one", .architecture = "llama", .parameters = 1'200'000, .open = true, .reading = open},
               {.asked = "two", .name = "two", .architecture = "lstm", .parameters = 2'000, .open = false, .reading = bytes}};
    return in;
}

bool says(const Picture& picture, const std::string& text) {
    return std::ranges::any_of(picture.texts(), [&](const std::string& line) { return line == text; });
}

const Spot* saying(const Picture& picture, const std::string& part) {
    for (const Spot& spot : picture.spots) {
        if (spot.says.find(part) != std::string::npos) return &spot;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("A cell says what the model would say and what it gave the token that follows") {
    const Picture picture = comparePicture(twoModels(), 600, sayEnglish);
    CHECK(says(picture, "·xy"));
    CHECK(says(picture, printProbability(0.25)));
    const Spot* cell = saying(picture, "one after “ab”");
    REQUIRE(cell);
    CHECK(*cell->value == Approx(0.25));
    CHECK(cell->place.position == Position(0));
    CHECK(cell->place.site == SiteId::Logits);
    CHECK(cell->place.unit == Unit(4));
    CHECK(cell->says.find("“·xy” (0.600)") != std::string::npos);
    // After the last token nothing follows: its own first choice.
    const Spot* last = saying(picture, "one after “·cd”");
    REQUIRE(last);
    CHECK(*last->value == Approx(0.5));
    CHECK(last->place.unit == Unit(5));
}

TEST_CASE("Tokens of another tokenizer stand where their bytes are and lead to the column they end in") {
    const Picture picture = comparePicture(twoModels(), 600, sayEnglish);
    const Spot* first = saying(picture, "two after “a”");
    const Spot* space = saying(picture, "two after “·”");
    const Spot* whole = saying(picture, "one after “ab”");
    REQUIRE((first && space && whole));
    CHECK(first->rect.x == Approx(whole->rect.x));
    CHECK(first->rect.w + 2 == Approx((whole->rect.w + 2) / 2));
    CHECK(first->place.position == Position(0));
    CHECK_FALSE(first->place.site);  // no number of the open model
    CHECK(space->place.position == Position(1));
}

TEST_CASE("Loss in bits a byte, what is carried on at the place, time of a step") {
    CompareInput in = twoModels();
    in.place.position = Position(0);
    const Picture picture = comparePicture(in, 600, sayEnglish);
    // 2 bits over the 3 bytes of " cd"; 1 bit for each of the 4 bytes after the first
    CHECK(says(picture, printNumber(2.0 / 3, 3)));
    CHECK(*saying(picture, "one: 0.6667 bits a byte over 3 bytes")->value == Approx(2.0 / 3));
    CHECK(*saying(picture, "two: 1 bits a byte over 4 bytes")->value == Approx(1.0));
    CHECK(*saying(picture, "one carries 100")->value == 100);
    CHECK(saying(picture, "two carries 64"));
    CHECK(*saying(picture, "one: median time")->value == Approx(2.0));
    in.place.position = Position(1);
    CHECK(saying(comparePicture(in, 600, sayEnglish), "one carries 200"));
    CHECK(says(picture, "1.2 M · llama"));
}

TEST_CASE("A name opens its model; what cannot read says why; what reads still says so") {
    CompareInput in = twoModels();
    in.rows.push_back({.asked = "three", .name = "three", .problem = "It has no tokenizer."});
    in.rows.push_back({.asked = "four", .name = "four"});
    const Picture picture = comparePicture(in, 600, sayEnglish);
    CHECK(saying(picture, "Open two")->action == "use:two");
    CHECK(saying(picture, "one (1.2 M")->action.empty());
    CHECK(says(picture, "It has no tokenizer."));
    CHECK(says(picture, "is reading …"));
}

TEST_CASE("Few columns are shown where there is little room, from the first one asked for") {
    CompareInput in = twoModels();
    CHECK(compareColumnsThatFit(in, 390) == 1);
    CHECK(compareColumnsThatFit(in, compareWholeWidth(in)) == 2);
    CHECK(compareColumnsThatFit({}, 390) == 0);
    CompareInput longer = in;
    longer.rows[1].name = "a rather long name of a model";
    CHECK(compareNameWidth(longer, 1200) > compareNameWidth(in, 1200));
    for (const BundledModel& bundled : bundledModels()) {  // those that read texts are named to the end
        if (bundled.task()) continue;
        longer.rows[1].name = bundled.name;
        CAPTURE(bundled.name);
        CHECK(compareNameWidth(longer, 1200) >= 8 + textWidth(longer.rows[1].name, TypeSize::Body, true));
    }
    in.firstColumn = 1;
    const Picture picture = comparePicture(in, 390, sayEnglish);
    CHECK_FALSE(saying(picture, "one after “ab”"));
    CHECK(saying(picture, "one after “·cd”"));
    for (const Spot& spot : picture.spots) CHECK(spot.rect.right() <= 390.5);
    // The data is whole all the same.
    REQUIRE(picture.tables.size() == 2);
    CHECK(picture.tables[0].rows.size() == 2);
    CHECK(picture.tables[1].rows.size() == 5);
    CHECK(picture.tables[1].rows[1][3] == Approx(std::log(2.0)));
}

TEST_CASE("What each expects at the selected place, aligned by the bytes read so far") {
    CompareInput in = twoModels();
    in.place.position = Position(0);
    const Picture picture = expectedPicture(in, 700, sayEnglish);
    CHECK(saying(picture, "one expects “·xy” (id 9) with probability 0.600, rank 1"));
    CHECK(saying(picture, "one expects “·cd” (id 4) with probability 0.250, rank 2")->place.unit == Unit(4));
    CHECK(saying(picture, "one: nothing predicted its first token"));
    CHECK(saying(picture, "two: nothing predicted its first token"));  // “a”, a part of “ab”
    // The three bytes of “·cd” cost the one what they cost the other: ln 4 at once, and three times ln 2.
    in.place.position = Position(1);
    const Picture second = expectedPicture(in, 700, sayEnglish);
    CHECK(*saying(second, "one was surprised by “·cd”")->value == Approx(std::log(4.0)));
    CHECK(*saying(second, "two was surprised by “·”“c”“d”")->value == Approx(3 * std::log(2.0)));
    in.unit = InformationUnit::Bits;
    CHECK(*saying(expectedPicture(in, 700, sayEnglish), "two was surprised by “·”“c”“d”")->value == Approx(3.0));
    CHECK(expectedPicture({}, 700, sayEnglish).spots.empty());
}

TEST_CASE("In a narrow pane nothing lies over another thing: figures and the rest of long names give way") {
    CompareInput in = twoModels();
    in.rows[0].name = "a rather long name of a model";
    in.place.position = Position(1);
    for (const double width : {300.0, 360.0, 420.0, 520.0, 900.0}) {
        CAPTURE(width);
        for (const Picture& picture : {comparePicture(in, width, sayEnglish), expectedPicture(in, width, sayEnglish)}) {
            for (std::size_t i = 0; i < picture.spots.size(); ++i) {
                const Rect& a = picture.spots[i].rect;
                CHECK(a.x >= 0);
                CHECK(a.right() <= width + 0.5);
                for (std::size_t j = 0; j < i; ++j) {
                    const Rect& b = picture.spots[j].rect;
                    const bool apart =
                        a.right() <= b.x + 0.5 || b.right() <= a.x + 0.5 || a.bottom() <= b.y + 0.5 || b.bottom() <= a.y + 0.5;
                    CHECK(apart);
                }
            }
        }
    }
    CHECK(saying(comparePicture(in, 360, sayEnglish), "bits a byte"));
}

TEST_CASE("Where a model's context has ended nothing of it is shown, and it says so") {
    CompareInput in = twoModels();
    Reading cut = *in.rows[1].reading;
    cut.tokens.resize(2);  // “a”, “b” of five bytes
    cut.leftOut = 3;
    cut.leftOutTo = 3;
    in.rows[1].reading = std::make_shared<Reading>(cut);
    in.place.position = Position(1);
    const Picture below = expectedPicture(in, 700, sayEnglish), table = comparePicture(in, 700, sayEnglish);
    CHECK(says(below, "its context ended 2 tokens into the text"));
    CHECK_FALSE(saying(below, "two expects"));
    CHECK_FALSE(saying(below, "two was surprised"));
    CHECK(saying(table, "its context of 2 tokens ended here; 3 are not read"));
    CHECK_FALSE(saying(table, "two has not read up to the selected place")->value);
    CHECK(says(table, "first 2"));  // of the text: what the mean is of
    in.place.position = Position(0);
    CHECK(saying(expectedPicture(in, 700, sayEnglish), "two expects “z”"));
    CHECK(saying(comparePicture(in, 700, sayEnglish), "two carries 64 bytes on"));
}

TEST_CASE("The gradient through the states, back through the text on a log axis") {
    CompareInput in = twoModels();
    in.place.position = Position(1);
    CHECK(gradientPicture(in, 700, 240, sayEnglish).spots.empty());  // no model with a state: it says so
    CHECK_FALSE(gradientPicture(in, 700, 240, sayEnglish).texts().empty());
    auto gradients = std::make_shared<StateGradients>();
    gradients->position = 4;
    gradients->loss = 2.5;
    gradients->layers = {Layer(0)};
    gradients->norms = {{1e-4, 1e-3, 1e-2, 0, 1}};
    gradients->all = gradients->norms[0];
    in.rows[1].gradients = gradients;
    const Picture picture = gradientPicture(in, 700, 240, sayEnglish);
    const Spot* now = saying(picture, "after “d”, 0 bytes back: 1 ");
    const Spot* before = saying(picture, "after “b”, 3 bytes back");
    const Spot* first = saying(picture, "after “a”, 4 bytes back");
    REQUIRE((now && before && first));
    CHECK(*before->value == Approx(1e-3));
    CHECK(before->place.position == Position(0));
    // A decade is a decade, a byte a byte; what is now stands on the right, and zero is not drawn.
    CHECK(first->rect.y - before->rect.y == Approx((before->rect.y - now->rect.y) / 3));
    CHECK(now->rect.x - first->rect.x == Approx(4 * (before->rect.x - first->rect.x)));
    CHECK_FALSE(saying(picture, "1 bytes back"));
    REQUIRE(picture.tables.size() == 1);
    CHECK(picture.tables[0].columns.back() == "norm_L0");
    CHECK(picture.tables[0].rows[2][2] == Approx(1e-2));
}

TEST_CASE("Why there is no gradient stands over the curves, and the cells stay as they are") {
    CompareInput in = twoModels();
    in.place.position = Position(1);
    in.rows[1].gradientProblem = "It could not be followed.";
    CHECK(says(gradientPicture(in, 700, 240, sayEnglish), "two: It could not be followed."));
    const Picture table = comparePicture(in, 700, sayEnglish);
    CHECK_FALSE(says(table, "It could not be followed."));
    CHECK(saying(table, "two after “a”"));
}

TEST_CASE("The heads of the figures name their unit, whole") {
    CompareInput in = twoModels();
    in.place.position = Position(1);
    for (const auto& [unit, word] : {std::pair{InformationUnit::Nats, "nats"}, {InformationUnit::Bits, "bits"}}) {
        in.unit = unit;
        int named = 0;
        for (const PictureItem& item : expectedPicture(in, 700, sayEnglish).items) {
            const auto* label = std::get_if<Label>(&item);
            if (!label || !label->text.ends_with(std::string(", ") + word)) continue;
            ++named;
            CAPTURE(label->text);
            CHECK(textWidth(label->text, label->size, label->bold) <= label->rect.w);
        }
        CHECK(named == 2);
    }
}
