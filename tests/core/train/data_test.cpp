// Documents, packing into windows, windows for evaluation.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "core/train/documents.h"
#include "core/train/packed_text.h"
#include "tests/catch.h"
#include "tests/core/train/temporary_folder.h"

using namespace lw;
using namespace lw::train;
using lw::test::TemporaryFolder;

namespace {

std::vector<TokenId> counting(int n) {
    std::vector<TokenId> ids;
    for (int i = 0; i < n; ++i) ids.push_back(i);
    return ids;
}

}  // namespace

TEST_CASE("texts are cut into documents") {
    CHECK(cutDocuments("one\n", "") == std::vector<std::string>{"one"});
    CHECK(cutDocuments("\none\n<|end|>\ntwo\nlines<|end|>\n", "<|end|>") == std::vector<std::string>{"one", "two\nlines"});
    CHECK(cutDocuments("", "x").empty());
}

TEST_CASE("poems as JSON become texts") {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "poems.json")
        << R"([{"title":"靜夜思","author":"李白","paragraphs":["床前明月光，","疑是地上霜。"]},{"paragraphs":["a"]},"plain"])";
    const auto documents = readDocuments(folder.path() / "poems.json", "");
    REQUIRE(documents);
    CHECK(*documents == std::vector<std::string>{"李白《靜夜思》\n床前明月光，\n疑是地上霜。", "a", "plain"});
    std::ofstream(folder.path() / "one.json") << R"({"title":"三","paragraphs":["人之初"]})";
    CHECK(readDocuments(folder.path() / "one.json", "").value() == std::vector<std::string>{"《三》\n人之初"});
    std::ofstream(folder.path() / "other.json") << R"([{"text":"a"}])";
    const auto refused = readDocuments(folder.path() / "other.json", "");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("other.json") != std::string::npos);
}

TEST_CASE("documents are packed with an end token between them") {
    CHECK(packDocuments({{1, 2}, {3}}, 9) == std::vector<TokenId>{9, 1, 2, 9, 3, 9});
    CHECK(packDocuments({{9, 1, 2}, {9, 3}}, 9) == std::vector<TokenId>{9, 1, 2, 9, 3, 9});
    CHECK(packDocuments({{7, 1, 2}, {7, 3}}, -1) == std::vector<TokenId>{7, 1, 2, 7, 3});
}

TEST_CASE("a pass reads every window once, in another order and with other cuts than the pass before") {
    constexpr int context = 10, length = 105;
    PackedSequences source({{counting(length), 1}}, context, 5);
    const int windows = (length - 1 - (context - 1)) / context;  // 9
    std::vector<std::vector<int>> firsts;
    for (int pass = 0; pass < 3; ++pass) {
        std::vector<int> first;
        for (int i = 0; i < windows; ++i) {
            const Sequence s = source.sequence(pass * windows + i);
            REQUIRE(s.ids.size() == context);
            for (std::size_t t = 0; t < s.ids.size(); ++t) {
                REQUIRE(s.ids[t] == s.ids[0] + static_cast<int>(t));
                REQUIRE(s.targets[t] == s.ids[t] + 1);
            }
            first.push_back(s.ids[0]);
        }
        firsts.push_back(first);
        std::ranges::sort(first);
        for (std::size_t i = 1; i < first.size(); ++i) CHECK(first[i] - first[i - 1] == context);
    }
    CHECK(firsts[0] != firsts[1]);
    CHECK(std::set<int>{firsts[0][0] % context, firsts[1][0] % context, firsts[2][0] % context}.size() > 1);
    SECTION("the number alone decides") {
        PackedSequences again({{counting(length), 1}}, context, 5), other({{counting(length), 1}}, context, 6);
        CHECK(again.sequence(20).ids == source.sequence(20).ids);
        CHECK(source.sequence(3).ids == again.sequence(3).ids);  // backwards too
        int same = 0;
        for (int i = 0; i < windows; ++i) same += other.sequence(i).ids == again.sequence(i).ids;
        CHECK(same < windows);
    }
}

TEST_CASE("a text of just one context can be read") {
    PackedSequences source({{counting(11), 1}}, 10, 1);
    CHECK(source.sequence(0).ids == counting(10));
    CHECK(source.sequence(5).ids == counting(10));
}

TEST_CASE("weights are the shares of the texts") {
    std::vector<TokenId> negative(500, 7);
    PackedSequences source({{counting(500), 3}, {negative, 1}}, 10, 1);
    int second = 0;
    for (int i = 0; i < 400; ++i) second += source.sequence(i).ids[1] == 7 && source.sequence(i).ids[0] == 7;
    CHECK(second == 100);
}

TEST_CASE("evaluation predicts every token but the first once, with the context asked for") {
    const std::vector<TokenId> document = counting(53);
    for (const int stride : {4, 10}) {
        std::map<TokenId, int> times;
        std::int64_t read = 0;
        for (const Sequence& window : evaluationWindows(document, 10, stride)) {
            CHECK(window.ids.size() <= 10);
            read += static_cast<std::int64_t>(window.ids.size());
            for (std::size_t t = 0; t < window.ids.size(); ++t) {
                if (window.targets[t] < 0) continue;
                CHECK(window.targets[t] == window.ids[t] + 1);
                ++times[window.targets[t]];
                // all but the first window give at least context − stride tokens before what they predict
                if (window.ids[0] > 0) CHECK(static_cast<int>(t) >= 10 - stride);
            }
        }
        CHECK(times.size() == 52);
        CHECK(std::ranges::all_of(times, [](const auto& item) { return item.second == 1; }));
        CHECK(read >= 52);
    }
    CHECK(evaluationWindows({4}, 10, 10).empty());
}
