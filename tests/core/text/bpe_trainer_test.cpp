// The trainer against the reference's merges, against counting everything anew before each merge, and what it refuses.
#include "core/text/bpe_trainer.h"

#include <nlohmann/json.hpp>

#include <map>
#include <random>

#include "core/text/bpe_writer.h"
#include "core/text/pre_tokenizer.h"
#include "core/text/tokenizer_json.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;

namespace {

const std::string End = "<|endoftext|>";

WordCounts counted(const std::string& text, std::int64_t times = 1, const std::vector<std::string>& special = {End}) {
    auto words = WordCounts::make(special);
    REQUIRE(words);
    REQUIRE(words->add(text, times, "the text"));
    return std::move(*words);
}

std::vector<std::pair<std::string, std::string>> named(const TrainedBpe& learned) {
    std::vector<std::pair<std::string, std::string>> merges;
    for (const auto& [left, right] : learned.merges)
        merges.emplace_back(learned.pieces[static_cast<std::size_t>(left)], learned.pieces[static_cast<std::size_t>(right)]);
    return merges;
}

/// The same by the definition: count all pairs of the text, join the most frequent (the larger of equals), until the end.
std::vector<std::pair<std::string, std::string>> byDefinition(const WordCounts& words, std::size_t merges,
                                                              std::int64_t leastCount) {
    std::vector<std::pair<std::vector<std::string>, std::int64_t>> cut;
    for (const auto& word : words.words()) {
        cut.emplace_back(std::vector<std::string>(), word.count);
        for (const char c : word.bytes) cut.back().first.emplace_back(1, c);
    }
    std::vector<std::pair<std::string, std::string>> learned;
    while (learned.size() < merges) {
        std::map<std::pair<std::string, std::string>, std::int64_t> counts;
        for (const auto& [pieces, count] : cut)
            for (std::size_t i = 0; i + 1 < pieces.size(); ++i) counts[{pieces[i], pieces[i + 1]}] += count;
        auto best = counts.end();
        for (auto pair = counts.begin(); pair != counts.end(); ++pair)  // in ascending order: later ones win a tie
            if (best == counts.end() || pair->second >= best->second) best = pair;
        if (best == counts.end() || best->second < leastCount) break;
        learned.push_back(best->first);
        for (auto& [pieces, count] : cut)
            for (std::size_t i = 0; i + 1 < pieces.size(); ++i)
                if (pieces[i] == best->first.first && pieces[i + 1] == best->first.second) {
                    pieces[i] += pieces[i + 1];
                    pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1);
                }
    }
    return learned;
}

std::string problem(const Result<BpeTrainer>& begun) { return begun ? "it was accepted" : begun.error().message; }

}  // namespace

TEST_CASE("the trainer learns the reference's 243 merges and its vocabulary") {
    const auto learned = trainBpe(counted(test::reference("bpe-training/corpus.en")), {.vocabulary = 500, .special = {End}});
    REQUIRE(learned);
    std::vector<std::string> merges;
    const auto file = nlohmann::json::parse(tokenizerJsonOf(*learned));
    for (const auto& merge : file["model"]["merges"]) merges.push_back(merge.get<std::string>());
    auto expected = test::splitAt(test::reference("bpe-training/merges.txt"), "\n");
    expected.pop_back();
    REQUIRE(expected.size() == 243);
    CHECK(merges == expected);
    CHECK(file["model"]["vocab"] == nlohmann::json::parse(test::reference("bpe-training/vocab.json")));
}

TEST_CASE("counts kept up to date choose the merges that counting anew chooses") {
    std::mt19937 random(5);
    for (int round = 0; round < 300; ++round) {
        const int letters = 1 + round % 4, length = 5 + round % 90;
        std::string text;
        for (int i = 0; i < length; ++i)
            text += random() % 6 == 0 ? ' ' : static_cast<char>('a' + random() % static_cast<unsigned>(letters));
        const WordCounts words = counted(text, 1 + round % 3);
        const std::int64_t least = 1 + round % 2;
        CAPTURE(text, least);
        const auto learned = trainBpe(words, {.vocabulary = 256 + 40, .leastCount = least});
        REQUIRE(learned);
        CHECK(named(*learned) == byDefinition(words, 40, least));
    }
}

TEST_CASE("every step tells what it did") {
    const std::string text = "low low low lower newest newest widest";
    auto trainer = BpeTrainer::begin(counted(text), {.vocabulary = 300});
    REQUIRE(trainer);
    CHECK(trainer->tokens() == static_cast<std::int64_t>(text.size()));
    CHECK(trainer->bytesPerToken() == 1);
    const auto next = trainer->nextPairs(3);
    REQUIRE(next.size() == 3);
    const auto name = [&](TokenId id) { return trainer->learned().pieces[static_cast<std::size_t>(id)]; };
    CHECK(name(next[0].left) + "+" + name(next[0].right) == "o+w");  // four times, as l+o is: the larger goes first
    CHECK(name(next[1].left) + "+" + name(next[1].right) == "l+o");
    CHECK(next[0].count == 4);
    CHECK(next[1].count == 4);
    int rank = 0;
    while (true) {
        const auto coming = trainer->nextPairs(1);
        const std::int64_t before = trainer->tokens();
        const auto step = trainer->step();
        if (!step) break;
        REQUIRE(coming.size() == 1);
        CHECK(step->rank == rank++);
        CHECK(step->pair.left == coming[0].left);
        CHECK(step->pair.right == coming[0].right);
        CHECK(step->pair.count == coming[0].count);
        CHECK(before - step->tokens == step->pair.count);  // no pair here overlaps itself
        CHECK(name(step->piece) == name(step->pair.left) + name(step->pair.right));
        CHECK(trainer->tokens() == step->tokens);
    }
    CHECK(rank > 5);
    CHECK(trainer->nextPairs(9).empty());  // nothing occurs twice any more
}

TEST_CASE("a text counted twice weighs as much as the text and its copy") {
    const std::string text = "one two two three three three\n";
    const auto twice = trainBpe(counted(text, 2), {.vocabulary = 280}),
               copied = trainBpe(counted(text + text), {.vocabulary = 280});
    REQUIRE(twice);
    REQUIRE(copied);
    CHECK(twice->merges == copied->merges);
}

TEST_CASE("nothing is learned from special tokens or across them") {
    const auto words = counted("ab" + End + "ab" + End + "cd");
    REQUIRE(words.words().size() == 2);
    CHECK(words.words()[0].bytes == "ab");
    CHECK(words.words()[0].count == 2);
    CHECK(words.bytes() == 6);
}

TEST_CASE("a long text is cut into the words of the whole") {
    std::mt19937 random(7);
    const std::vector<std::string> bits{"story", " ", "  ", "\n", "\n\n", "月光", "。", "'s", "1984", " ,", "…", "\t", "é"};
    std::string text;
    while (text.size() < 3'000'000) text += bits[random() % bits.size()];
    const auto words = counted(text);
    std::map<std::string, std::int64_t> expected, got;
    const auto word = Regex::compile(Gpt2Word, "test");
    REQUIRE(word);
    std::vector<Range> matches;
    Regex::Search search(*word);
    REQUIRE(search.findAll(text, {0, static_cast<std::uint32_t>(text.size())}, matches));
    for (const Range& match : matches) ++expected[text.substr(match.from, match.to - match.from)];
    for (const auto& one : words.words()) got[one.bytes] = one.count;
    CHECK(got == expected);
}

TEST_CASE("what is learned is a tokenizer that cuts the training text as the trainer did") {
    const std::string text = test::reference("bpe-training/corpus.en") + "床前明月光，疑是地上霜。\n舉頭望明月，低頭思故鄉。\n";
    std::int64_t tokens = 0;
    const auto learned = trainBpe(counted(text), {.vocabulary = 900, .special = {End, "<pad>"}}, {},
                                  [&](const BpeTrainer&, const BpeTrainer::Step& step) { tokens = step.tokens; });
    REQUIRE(learned);
    const auto tokenizer = tokenizerFromJson(tokenizerJsonOf(*learned), "what was learned");
    REQUIRE(tokenizer);
    CHECK((*tokenizer)->size() == 900);
    CHECK((*tokenizer)->isSpecial(0));
    CHECK((*tokenizer)->entry(1) == "<pad>");
    CHECK(!(*tokenizer)->isSpecial(2));
    CHECK((*tokenizer)->bytes(899) == learned->pieces[899]);
    const auto ids = (*tokenizer)->encode(text)->ids();
    CHECK(static_cast<std::int64_t>(ids.size()) == tokens);
    CHECK((*tokenizer)->decode(ids) == text);
}

TEST_CASE("what cannot be learned from is refused in one sentence") {
    const auto words = counted("some text");
    CHECK(problem(BpeTrainer::begin(counted(""), {})) == "There is nothing to learn from: the training text is empty.");
    CHECK(problem(BpeTrainer::begin(counted(End), {})) == "There is nothing to learn from: the training text is empty.");
    CHECK(problem(BpeTrainer::begin(words, {.vocabulary = 257, .special = {End, "<pad>"}})) ==
          "A vocabulary of 257 is smaller than the alphabet: 256 bytes and 2 special tokens need 258.");
    CHECK(problem(BpeTrainer::begin(words, {.vocabulary = -5})).find("A vocabulary of -5 is smaller") == 0);
    CHECK(problem(BpeTrainer::begin(words, {.special = {""}})) == "A special token is empty.");
    CHECK(problem(BpeTrainer::begin(words, {.special = {End, End}})).find("is given twice") != std::string::npos);
    CHECK(problem(BpeTrainer::begin(words, {.special = {"a"}})).find("is spelled like a piece") != std::string::npos);
    CHECK(problem(BpeTrainer::begin(words, {.special = {"Ġthe"}})).find("is spelled like a piece") != std::string::npos);
    CHECK(problem(BpeTrainer::begin(words, {.special = {"\xff"}})).find("is not UTF-8") != std::string::npos);
    CHECK(BpeTrainer::begin(words, {.vocabulary = 256}));

    auto broken = WordCounts::make({});
    REQUIRE(broken);
    const auto added = broken->add("caf\xe9", 1, "notes.txt");
    REQUIRE(!added);
    CHECK(added.error().message == "notes.txt is not UTF-8: byte 3 (0xE9) belongs to no character.");
}

TEST_CASE("training stops when it is asked to") {
    std::stop_source source;
    const auto words = counted(test::reference("bpe-training/corpus.en"));
    int steps = 0;
    const auto learned = trainBpe(words, {.vocabulary = 500}, {.stop = source.get_token()}, [&](const auto&, const auto&) {
        if (++steps == 10) source.request_stop();
    });
    REQUIRE(!learned);
    CHECK(learned.error().kind == ErrorKind::Cancelled);
    CHECK(steps == 10);
    auto more = WordCounts::make({});
    REQUIRE(more);
    CHECK(more->add("text", 1, "text", {.stop = source.get_token()}).error().kind == ErrorKind::Cancelled);
}
