// The workshop's pictures as numbers: bars, curve and chips of what is learned, counts of a file, rows of a vocabulary.
#include <algorithm>
#include <cmath>

#include "core/load.h"
#include "tests/catch.h"
#include "widgets/tokenizer/count_picture.h"
#include "widgets/tokenizer/learn_picture.h"
#include "widgets/tokenizer/vocabulary_picture.h"
#include "widgets/tokenizer/workshop_parts.h"

using namespace lw;

namespace {

bool says(const Picture& picture, const std::string& part) {
    return std::ranges::any_of(picture.texts(), [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

const Spot* saying(const Picture& picture, const std::string& part) {
    for (const Spot& spot : picture.spots) {
        if (spot.says.find(part) != std::string::npos) return &spot;
    }
    return nullptr;
}

LearningFacts learning() {
    LearningFacts facts;
    facts.state = LearningState::Running;
    facts.from = "the text";
    facts.goal = 300;
    facts.vocabulary = 258;
    facts.merges = 2;
    facts.bytes = 1200;
    facts.tokens = 1000;
    facts.words = 50;
    facts.pairs = 70;
    facts.next = {{"t", "h", 40}, {"\xE4", "\xBD", 10}};
    facts.last = {{1, "h", "e", "he", 257, 60}, {0, " ", "t", " t", 256, 100}};
    facts.curve = {{0, 1}, {1, 1.1}, {2, 1.2}};
    facts.followed = {{"he", 257}, {"\xE5", 100}};
    facts.longest = {"he", " t"};
    return facts;
}

}  // namespace

TEST_CASE("Numbers in groups of three") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(1234567) == "1,234,567");
    CHECK(grouped(-1000) == "-1,000");
    CHECK(grouped(-100) == "-100");
}

TEST_CASE("Pills go on in the next row, groups together where they fit") {
    const std::vector<PillGroup> groups{{{}, {{"one", "1"}, {"two", "2"}}},
                                        {"only", {{"three", "3"}, {"a long one", "4"}, {"five", "5"}}}};
    for (const double width : {1000.0, 200.0, 130.0}) {
        Picture picture;
        const double bottom = addPillRows(picture, 0, width, groups);
        REQUIRE(picture.spots.size() == 5);
        for (std::size_t i = 0; i < picture.spots.size(); ++i) {
            CHECK(picture.spots[i].rect.right() <= width);
            CHECK(picture.spots[i].rect.bottom() <= bottom);
            if (i > 0 && picture.spots[i].rect.y == picture.spots[i - 1].rect.y)
                CHECK(picture.spots[i].rect.x >= picture.spots[i - 1].rect.right());
        }
        if (width == 1000) CHECK(bottom == pillHeight);
    }
}

TEST_CASE("What is being learned: next pairs as bars, last merges, the curve, the text as it is cut") {
    const LearningFacts facts = learning();
    const Picture picture = learnPicture(facts, 660, sayEnglish);
    CHECK(says(picture, "Learning from the text: 258 of 300 ids, 2 merges"));
    CHECK(says(picture, "1,200 bytes in 1,000 tokens"));
    CHECK(says(picture, "1.2 bytes a token"));
    CHECK(says(picture, "t + h"));
    CHECK(says(picture, "\\xE4 + \\xBD"));
    CHECK(says(picture, "2 tokens"));
    CHECK(saying(picture, "Rule 0: “·” + “t” became “·t”, id 256, 100 times"));
    // The bars are as long as the pairs are frequent.
    std::vector<double> bars;
    for (const PictureItem& item : picture.items) {
        const auto* box = std::get_if<Box>(&item);
        if (box && box->rect.h == 11) bars.push_back(box->rect.w);
    }
    REQUIRE(bars.size() == 2);
    CHECK(bars[0] / bars[1] == Approx(4));
    // The curve goes through the points: evenly across, and as far up as bytes a token say.
    const Stroke* curve = nullptr;
    for (const PictureItem& item : picture.items) {
        const auto* stroke = std::get_if<Stroke>(&item);
        if (stroke && stroke->points.size() == 3 && stroke->width == 2) curve = stroke;
    }
    REQUIRE(curve);
    CHECK(curve->points[1].x - curve->points[0].x == Approx(curve->points[2].x - curve->points[1].x));
    CHECK((curve->points[0].y - curve->points[1].y) == Approx(curve->points[1].y - curve->points[2].y));
    CHECK(says(picture, "merges"));
    CHECK(says(picture, "bytes a token, training text"));
    REQUIRE(picture.tables.size() == 2);
    CHECK(picture.tables[0].rows == std::vector<std::vector<double>>{{0, 1}, {1, 1.1}, {2, 1.2}});
    for (const double width : {330.0, 480.0, 1200.0}) {
        for (const PictureItem& item : learnPicture(facts, width, sayEnglish).items) {
            if (const auto* label = std::get_if<Label>(&item)) CHECK(label->rect.right() <= width + 1);
        }
    }
}

TEST_CASE("Every state of learning is a sentence") {
    LearningFacts facts;
    CHECK(says(learnPicture(facts, 600, sayEnglish), "choose a text and a size"));
    facts = learning();
    facts.state = LearningState::Paused;
    CHECK(says(learnPicture(facts, 600, sayEnglish), "Paused"));
    facts.state = LearningState::Finished;
    facts.next.clear();
    const Picture exhausted = learnPicture(facts, 600, sayEnglish);
    CHECK(says(exhausted, "Nothing is left to merge"));
    CHECK(says(exhausted, "258 ids instead of 300"));
    facts.vocabulary = 300;
    CHECK(says(learnPicture(facts, 600, sayEnglish), "Learned from the text: 300 ids"));
    facts = {};
    facts.state = LearningState::Failed;
    facts.problem = "There is nothing to learn from.";
    CHECK(says(learnPicture(facts, 600, sayEnglish), "There is nothing to learn from."));
}

TEST_CASE("A file's tokens: bars against the most, tokens a character, what is counted now") {
    FileCountFacts facts;
    facts.path = "/tmp/alice.txt";
    facts.name = "alice.txt";
    CHECK(countPicture({}, 600, sayEnglish).items.empty());
    facts.running = true;
    CHECK(says(countPicture(facts, 600, sayEnglish), "is being read"));
    facts.bytes = 3000;
    facts.characters = 2000;
    facts.words = 400;
    facts.beginning = "Alice";
    facts.rows = {{.name = "gpt2", .kind = "byte-level BPE", .vocabulary = 50257, .tokens = 500, .pieces = 1},
                  {.name = "bytes", .kind = "bytes", .vocabulary = 256, .tokens = 3000, .pieces = 1},
                  {.name = "o200k", .kind = {}},
                  {.name = "broken", .kind = {}, .problem = "It cannot be read."}};
    facts.current = 2;
    facts.fraction = 0.45;
    const Picture picture = countPicture(facts, 660, sayEnglish);
    for (const char* text : {"alice.txt", "3,000 bytes", "2,000 characters", "400 words", "500", "0.25", "1.25", "7.5",
                             "counting … 45 %", "It cannot be read."})
        CHECK(says(picture, text));
    CHECK(std::ranges::any_of(picture.spots, [](const Spot& s) { return s.action == "count-stop"; }));
    CHECK(std::ranges::any_of(picture.spots, [](const Spot& s) { return s.action == "count-text"; }));
    REQUIRE(picture.tables.size() == 1);
    CHECK(picture.tables[0].textRows.size() == 2);
    CHECK(picture.tables[0].textRows[0][2] == "500");
    CHECK(saying(picture, "gpt2: 500 tokens, 50,257 entries, byte-level BPE"));
    facts.running = false;
    facts.stopped = true;
    facts.current = -1;
    CHECK(says(countPicture(facts, 660, sayEnglish), "not counted: stopped"));
    facts.problem = "It is not UTF-8 text: byte 7.";
    CHECK(says(countPicture(facts, 660, sayEnglish), "byte 7"));
}

TEST_CASE("A vocabulary's rows, the chosen entry and the rule that made it") {
    const auto tokenizer = loadTokenizer("gpt2");
    REQUIRE(tokenizer);
    auto index = VocabularyIndex::make(**tokenizer);
    REQUIRE(index);
    VocabularyInput in;
    in.tokenizer = *tokenizer;
    CHECK(says(vocabularyPicture(in, 600, sayEnglish), "is being read"));
    in.index = std::make_shared<const VocabularyIndex>(std::move(*index));
    in.found = *searchVocabulary(*in.index, {.needle = " the"});
    in.most = 5;
    const Picture picture = vocabularyPicture(in, 600, sayEnglish);
    CHECK(says(picture, grouped(static_cast<std::int64_t>(in.found.size())) + " of 50,257 entries"));
    CHECK(says(picture, grouped(static_cast<std::int64_t>(in.found.size()) - 5) + " more"));
    CHECK(says(picture, "20 74 68 65"));
    CHECK(std::ranges::count_if(picture.spots, [](const Spot& s) { return s.action.starts_with("entry:"); }) == 5);
    REQUIRE(picture.tables.size() == 1);
    CHECK(picture.tables[0].textRows[0] == std::vector<std::string>{"262", "·the", "20 74 68 65", "4", "4"});
    // " the" is "Ġt" + "he" in GPT-2's merges; here its rules are numbered as tiktoken does, by the id that they make.
    in.chosen = 262;
    in.origin = originOf(in.tokenizer, 262);
    REQUIRE(in.origin);
    CHECK(in.origin->left == "·t");
    CHECK(in.origin->right == "he");
    CHECK(in.origin->rank == 262);
    CHECK(says(vocabularyPicture(in, 600, sayEnglish), "merged from “·t” + “he”"));
    CHECK(!originOf(in.tokenizer, 65));     // a byte
    CHECK(!originOf(in.tokenizer, 50256));  // special
    in.found.clear();
    CHECK(says(vocabularyPicture(in, 600, sayEnglish), "No entry fits"));
    in.problem = "“e4 b” is no row of bytes.";
    CHECK(says(vocabularyPicture(in, 600, sayEnglish), "no row of bytes"));
}
