// The tokenizer's pictures as numbers: the rule that fired, brackets over parts of a character, tokens over their characters.
#include <algorithm>

#include "core/load.h"
#include "tests/catch.h"
#include "widgets/tokenizer/side_by_side_picture.h"
#include "widgets/tokenizer/steps_picture.h"

using namespace lw;

namespace {

std::shared_ptr<const Tokenizer> open(const std::string& name) {
    const auto loaded = loadTokenizer(name);
    if (!loaded) FAIL(loaded.error().message);
    return *loaded;
}

bool says(const Picture& picture, const std::string& part) {
    return std::ranges::any_of(picture.texts(), [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

const Spot* saying(const Picture& picture, const std::string& part) {
    for (const Spot& spot : picture.spots) {
        if (spot.says.find(part) != std::string::npos) return &spot;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("The rule that fired, with its rank, and what would have been joined otherwise") {
    const auto steps = tokenSteps("The unhappiest child", open("gpt2"));
    REQUIRE(steps);
    REQUIRE(steps->encoding.steps.merges.size() > 3);
    for (int step : {1, 3, steps->count()}) {
        const Merge& merge = steps->encoding.steps.merges[static_cast<std::size_t>(step) - 1];
        const Picture picture = stepsPicture({&*steps, step}, 600, sayEnglish);
        CAPTURE(step);
        // The vocabulary writes a space as Ġ; here it is shown as a space is shown everywhere.
        const auto seen = [](std::string piece) { return piece.starts_with("Ġ") ? "·" + piece.substr(2) : piece; };
        CHECK(says(picture,
                   "“" + seen(merge.left) + "” + “" + seen(merge.right) + "” become one: rule " + std::to_string(merge.rank)));
        if (merge.otherRank >= 0) CHECK(says(picture, "rule " + std::to_string(merge.otherRank) + ", learned later"));
    }
    CHECK(says(stepsPicture({&*steps, 0}, 600, sayEnglish), "nothing is joined yet"));
    const Picture last = stepsPicture({&*steps, steps->count()}, 600, sayEnglish);
    for (const Token& token : steps->encoding.tokens)
        CHECK(saying(last, "in the vocabulary “" + std::string(steps->tokenizer->entry(token.id)) + "”"));
}

TEST_CASE("The pieces of a rule are shown as the bytes they are, not as the letters that stand for them") {
    const auto steps = tokenSteps("床前明月光", open("gpt2"));
    REQUIRE(steps);
    CHECK(says(stepsPicture({&*steps, 1}, 600, sayEnglish), "“\\x"));
    for (int step = 1; step <= steps->count(); ++step) {
        const SeenMerge seen = seenMerge(*steps, step);
        const Merge& merge = steps->encoding.steps.merges[static_cast<std::size_t>(step) - 1];
        const auto after = visiblePieces(*steps, 0, merge.after);
        CAPTURE(step);
        // Joined they are the piece that came of them: "\xE5" and "\xBA" are "\xE5\xBA", or a character.
        const std::string& joined = after[static_cast<std::size_t>(merge.at)];
        CHECK((joined == seen.left + seen.right || (joined.size() <= 4 && seen.left.starts_with("\\x"))));
        CHECK(seen.otherLeft.empty() == (merge.otherRank < 0));
    }
}

TEST_CASE("Byte tokens of one character are bracketed, the character shown over them; a family of emoji is one") {
    const std::string family = "👩‍👩‍👧";
    const auto steps = tokenSteps(family + "床", open("gpt2"));
    REQUIRE(steps);
    const Picture first = stepsPicture({&*steps, 0}, 900, sayEnglish);
    CHECK(std::ranges::count(first.texts(), std::string("床")) == 1);
    CHECK(std::ranges::count(first.texts(), family) == 1);
    // Its signs have brackets of their own under that.
    CHECK(std::ranges::count(first.texts(), std::string("👩")) == 2);
    CHECK(std::ranges::count(first.texts(), std::string("👧")) == 1);
    // Where the character is a token by itself there is nothing to bracket.
    const auto whole = tokenSteps("a床b", open("characters"));
    REQUIRE(whole);
    CHECK(std::ranges::count_if(stepsPicture({&*whole, 0}, 900, sayEnglish).items,
                                [](const PictureItem& item) { return std::holds_alternative<Stroke>(item); }) == 0);
}

TEST_CASE("All merges are listed in order; a click goes to one") {
    const auto steps = tokenSteps("Hello unbelievable 床", open("gpt2"));
    REQUIRE(steps);
    const Picture picture = stepsPicture({&*steps, 2}, 700, sayEnglish);
    for (int step = 1; step <= steps->count(); ++step) {
        const SeenMerge pair = seenMerge(*steps, step);
        CHECK(says(picture, pair.left + " + " + pair.right));
        CHECK(std::ranges::count(picture.spots, "step:" + std::to_string(step), &Spot::action) == 1);
    }
}

TEST_CASE("Longest match over bytes shows characters, and only the newest piece is fresh") {
    const auto steps = tokenSteps("床前明月光", open("rwkv-world"));
    REQUIRE(steps);
    REQUIRE(steps->count() >= 2);
    const Picture picture = stepsPicture({&*steps, 2}, 700, sayEnglish);
    CHECK(says(picture, "“前” is the longest entry that fits here"));
    CHECK(std::ranges::count_if(picture.items, [](const PictureItem& item) {
              const auto* box = std::get_if<Box>(&item);
              return box && box->fill == Colour(Ink::SelectedFill);
          }) == 1);
}

TEST_CASE("Pieces that are no entries are told to end as bytes") {
    const auto steps = tokenSteps("a 床", open("stories260K"));
    REQUIRE(steps);
    const Picture last = stepsPicture({&*steps, steps->count()}, 600, sayEnglish);
    CHECK(says(last, "become " + std::to_string(steps->encoding.tokens.size()) + " tokens"));
    const auto all = tokenSteps("once upon", open("stories260K"));
    REQUIRE(all);
    CHECK_FALSE(says(stepsPicture({&*all, all->count()}, 600, sayEnglish), "spelled in bytes"));
}

TEST_CASE("A lattice: everything that fits, the best path framed, each with its logarithm") {
    const auto steps = tokenSteps("translation", open("botchan-1k"));
    REQUIRE(steps);
    REQUIRE(steps->encoding.steps.lattices.size() == 1);
    const Lattice& lattice = steps->encoding.steps.lattices[0];
    const Picture picture = stepsPicture({&*steps, 0}, 600, sayEnglish);
    const auto table = std::ranges::find(picture.tables, "lattice", &DataTable::name);
    REQUIRE(table != picture.tables.end());
    CHECK(table->rows.size() == lattice.edges.size());
    double sum = 0;
    for (const auto& row : table->rows) sum += row[5] > 0 ? row[3] : 0;
    CHECK(sum == Approx(lattice.logProbability));
    // Edges do not lie over one another.
    std::vector<Rect> rects;
    for (const Spot& spot : picture.spots) {
        if (spot.value) rects.push_back(spot.rect);
    }
    CHECK(rects.size() == lattice.edges.size());
    for (std::size_t i = 0; i < rects.size(); ++i) {
        for (std::size_t j = i + 1; j < rects.size(); ++j)
            CHECK((rects[i].y != rects[j].y || rects[i].right() <= rects[j].x + 0.01 || rects[j].right() <= rects[i].x + 0.01));
    }
}

TEST_CASE("Side by side: tokens stand over the characters that they cover") {
    const std::string text = "ab 床";
    SideBySideInput in{.text = text, .graphemes = graphemes(text), .words = 2, .rows = {}};
    for (const char* name : {"characters", "bytes", "gpt2"}) {
        const auto tokenizer = open(name);
        const auto encoded = tokenizer->encode(text, {.addSpecial = false});
        REQUIRE(encoded);
        in.rows.push_back({.name = name, .what = "", .tokenizer = tokenizer, .tokens = encoded->tokens, .problem = {}});
    }
    in.rows.push_back({.name = "broken", .what = "", .tokenizer = nullptr, .tokens = {}, .problem = "It cannot be read."});
    const Picture picture = sideBySidePicture(in, 700, textWidth, sayEnglish);
    CHECK(says(picture, "It cannot be read."));
    CHECK(says(picture, "4 tokens · 1 a character · 2 a word"));
    CHECK(says(picture, "6 tokens · 1.5 a character · 3 a word"));
    const Spot* character = saying(picture, "characters: “床”");
    const Spot* first = saying(picture, "bytes: “\\xE5”");
    const Spot* last = saying(picture, "bytes: “\\x8A”");
    REQUIRE((character && first && last));
    CHECK(first->rect.x == Approx(character->rect.x));
    CHECK(last->rect.right() == Approx(character->rect.right()));
    CHECK(first->rect.w < character->rect.w / 2);
    REQUIRE(picture.tables.size() == 1);
    CHECK(picture.tables[0].textRows.size() == 3);
    CHECK(picture.tables[0].textRows[1][3] == "6");
    // A character is a code point; without spaces there is no count of words.
    const std::string family = "👩‍👩‍👧";
    SideBySideInput one{.text = family, .graphemes = graphemes(family), .words = 1, .rows = {}};
    one.rows.push_back({.name = "characters",
                        .what = "",
                        .tokenizer = open("characters"),
                        .tokens = open("characters")->encode(family)->tokens,
                        .problem = {}});
    const Picture alone = sideBySidePicture(one, 700, textWidth, sayEnglish);
    CHECK(says(alone, "5 tokens · 1 a character"));
    CHECK_FALSE(says(alone, "a word"));
}
