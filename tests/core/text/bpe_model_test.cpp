// Words to tokens by merges, against a plain search for the best pair, and the options of the `tokenizers` library.
#include "core/text/bpe_model.h"

#include <random>

#include "core/text/score_model.h"
#include "tests/catch.h"

using namespace lw;

namespace {

Vocabulary vocabulary(std::vector<std::string> entries) {
    auto made = Vocabulary::make(std::move(entries), "a test");
    REQUIRE(made);
    return *made;
}

std::string cut(const WordModel& model, const Vocabulary& words, const std::string& word) {
    std::vector<Symbol> symbols;
    const auto done = model.cut(word, symbols, nullptr);
    if (!done) return "error: " + done.error().message;
    std::string all;
    for (const Symbol& symbol : symbols) {
        all += (all.empty() ? "" : "|") + words.entry(symbol.id) + "@" + std::to_string(symbol.from) + "-" +
               std::to_string(symbol.to);
    }
    return all;
}

std::string cut(std::vector<std::string> entries, const std::vector<MergePair>& merges, const BpeOptions& options,
                const std::string& word) {
    const Vocabulary words = vocabulary(std::move(entries));
    const auto model = BpeModel::make(words, merges, options, "a test");
    if (!model) return "error: " + model.error().message;
    return cut(**model, words, word);
}

}  // namespace

TEST_CASE("merges happen by rank, then from the left") {
    const std::vector<std::string> entries{"a", "b", "c", "ab", "bc", "abc", "aa", "aaaa"};
    CHECK(cut(entries, {{"a", "b"}, {"b", "c"}}, {}, "abc") == "ab@0-2|c@2-3");
    CHECK(cut(entries, {{"b", "c"}, {"a", "b"}}, {}, "abc") == "a@0-1|bc@1-3");
    CHECK(cut(entries, {{"b", "c"}, {"a", "bc"}}, {}, "abc") == "abc@0-3");
    CHECK(cut(entries, {{"a", "a"}, {"aa", "aa"}}, {}, "aaaaaaa") == "aaaa@0-4|aa@4-6|a@6-7");
}

TEST_CASE("the queue gives what a plain search gives") {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::string> entries{"a", "b", "c"};
        std::vector<MergePair> merges;
        while (merges.size() < 12) {
            const std::string left = entries[random() % entries.size()], right = entries[random() % entries.size()];
            if (std::find(entries.begin(), entries.end(), left + right) != entries.end()) continue;
            merges.emplace_back(left, right);
            entries.push_back(left + right);
        }
        std::string word;
        for (int i = 0; i < 40; ++i) word.push_back(static_cast<char>('a' + random() % 3));

        std::vector<std::string> pieces;
        for (const char c : word) pieces.emplace_back(1, c);
        for (bool merged = true; merged;) {
            merged = false;
            for (const auto& [left, right] : merges) {
                for (std::size_t i = 0; i + 1 < pieces.size() && !merged; ++i) {
                    if (pieces[i] != left || pieces[i + 1] != right) continue;
                    pieces[i] += right;
                    pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1);
                    merged = true;
                }
                if (merged) break;
            }
        }
        const Vocabulary words = vocabulary(entries);
        const auto model = BpeModel::make(words, merges, {}, "a test");
        REQUIRE(model);
        std::vector<Symbol> symbols;
        REQUIRE((*model)->cut(word, symbols, nullptr));
        std::vector<std::string> got;
        for (const Symbol& symbol : symbols) got.push_back(words.entry(symbol.id));
        CAPTURE(word);
        CHECK(got == pieces);
    }
}

TEST_CASE("unknown characters become the unknown token, their bytes, or an error") {
    const std::vector<std::string> entries{"<unk>", "a", "<0xC3>", "<0xA9>"};
    BpeOptions options;
    CHECK(cut(entries, {}, options, "aé").find("error: The vocabulary has no token for \"é\"") == 0);
    options.unknown = "<unk>";
    CHECK(cut(entries, {}, options, "xya") == "<unk>@0-1|<unk>@1-2|a@2-3");
    options.fuseUnknown = true;
    CHECK(cut(entries, {}, options, "xyéa") == "<unk>@0-4|a@4-5");
    options.byteFallback = true;
    CHECK(cut(entries, {}, options, "aéx") == "a@0-1|<0xC3>@1-2|<0xA9>@2-3|<unk>@3-4");
    options.unknown = "<none>";
    CHECK(cut(entries, {}, options, "a").find("not in its vocabulary") != std::string::npos);
}

TEST_CASE("prefixes, suffixes and whole words") {
    BpeOptions options;
    options.continuingPrefix = "##";
    CHECK(cut({"a", "##b", "ab"}, {{"a", "##b"}}, options, "ab") == "ab@0-2");
    options = {};
    options.wordEndSuffix = "</w>";
    CHECK(cut({"a", "b</w>", "ab</w>"}, {{"a", "b</w>"}}, options, "ab") == "ab</w>@0-2");
    options = {};
    CHECK(cut({"a", "b", "ab"}, {}, options, "ab") == "a@0-1|b@1-2");
    options.ignoreMerges = true;
    CHECK(cut({"a", "b", "ab"}, {}, options, "ab") == "ab@0-2");
    options.byteFallback = true;
    options.wordEndSuffix = "</w>";
    CHECK(cut({"a"}, {}, options, "a").find("does not support") != std::string::npos);
}

TEST_CASE("merges that the vocabulary does not know are refused or left out") {
    BpeOptions options;
    CHECK(cut({"a", "b"}, {{"a", "b"}}, options, "ab").find("Merge 0 of a test needs \"ab\"") != std::string::npos);
    CHECK(cut({"a", "b", "ab"}, {{"a", "b"}, {"a", "x"}}, options, "ab").find("Merge 1 of a test needs \"x\"") !=
          std::string::npos);
    options.skipUnknownMerges = true;
    CHECK(cut({"a", "b"}, {{"a", "b"}}, options, "ab") == "a@0-1|b@1-2");
    CHECK(!mergeFromLine("a", 0, "a test"));
    CHECK(!mergeFromLine(" a", 0, "a test"));
    CHECK(!mergeFromLine("a ", 0, "a test"));
    CHECK(!mergeFromLine("a b c", 0, "a test"));
    CHECK(mergeFromLine("Ġ t", 0, "a test") == MergePair{"Ġ", "t"});
}

TEST_CASE("merges are written down with the pieces after each") {
    const Vocabulary words = vocabulary({"a", "b", "c", "ab", "abc"});
    const auto model = BpeModel::make(words, {{"a", "b"}, {"ab", "c"}}, {}, "a test");
    REQUIRE(model);
    StepLog log;
    log.steps.words.resize(6);
    std::vector<Symbol> symbols;
    REQUIRE((*model)->cut("abcab", symbols, &log));
    REQUIRE(log.steps.merges.size() == 3);
    CHECK(log.steps.merges[0].after == std::vector<std::string>{"ab", "c", "a", "b"});
    CHECK(log.steps.merges[1].after == std::vector<std::string>{"ab", "c", "ab"});
    CHECK(log.steps.merges[2].after == std::vector<std::string>{"abc", "ab"});
    CHECK(log.steps.merges[2].left == "ab");
    CHECK(log.steps.merges[2].right == "c");
    CHECK(log.steps.merges[2].rank == 1);
    CHECK(log.steps.merges[2].word == 5);
    CHECK(log.steps.words[5].start == std::vector<std::string>{"a", "b", "c", "a", "b"});
    CHECK(log.steps.merges[0].at == 0);
    CHECK(log.steps.merges[1].at == 2);
    CHECK(log.steps.merges[0].otherLeft + "+" + log.steps.merges[0].otherRight == "a+b");  // the second one
    CHECK(log.steps.merges[1].otherLeft + "+" + log.steps.merges[1].otherRight == "ab+c");
    CHECK(log.steps.merges[1].otherRank == 1);
    CHECK(log.steps.merges[2].otherRank == -1);
    StepLog full;
    symbols.clear();
    std::string tooLong;
    for (int i = 0; i < 4000; ++i) tooLong += "ab";
    const auto done = (*model)->cut(tooLong, symbols, &full);
    REQUIRE(!done);
    CHECK(done.error().kind == ErrorKind::OverBudget);
}

TEST_CASE("scores decide which pair joins first") {
    const Vocabulary words = vocabulary({"a", "b", "c", "ab", "bc", "<0xC3>", "<0xA9>"});
    const auto by = [&](float ab, float bc, TokenId unknown, const std::string& word) {
        const auto model =
            ScoreModel::make(words, {-1, -1, -1, ab, bc, 0, 0}, {.bytes = ByteTokens(words), .unknown = unknown}, "a test");
        REQUIRE(model);
        return cut(**model, words, word);
    };
    CHECK(by(-2, -3, -1, "abc") == "ab@0-2|c@2-3");
    CHECK(by(-3, -2, -1, "abc") == "a@0-1|bc@1-3");
    CHECK(by(-2, -2, -1, "abc") == "ab@0-2|c@2-3");
    CHECK(by(-2, -2, -1, "é") == "<0xC3>@0-1|<0xA9>@1-2");
    CHECK(by(-2, -2, 0, "x") == "a@0-1");
    CHECK(by(-2, -2, -1, "x").find("error: The vocabulary has no token for \"x\"") == 0);
    CHECK(!ScoreModel::make(words, {1, 2}, {}, "a test"));
    CHECK(!ScoreModel::make(words, {0, 0, 0, 0, 0, 0, std::nanf("")}, {}, "a test"));
}
