// Which rows a model's tables have, what they stand for, and how a written word finds its row.
#include "widgets/embeddings/token_table.h"

#include "core/load.h"
#include "tests/widgets/embeddings/tables.h"
#include "widgets/embeddings/word_lists.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("a model's tables: one where head and embedding are tied, two where they are not") {
    for (const auto& [name, count] : {std::pair{"gpt-nano-sort", 2}, std::pair{"layerwalk-transformer", 1}}) {
        const auto loaded = loadModel(name);
        REQUIRE(loaded);
        const auto tables = tablesOf((*loaded)->model, (*loaded)->tokenizer);
        CAPTURE(name);
        REQUIRE(static_cast<int>(tables.size()) == count);
        CHECK(tables.front().key == "embed");
        CHECK(tables.front().rows.rows() == (*loaded)->model->info().vocabulary);
        if (count == 2) {
            CHECK(tables.back().key == "unembed");
            CHECK_FALSE(tables.front().rows.row(0) == tables.back().rows.row(0));
        }
    }
    CHECK(tablesOf(nullptr, nullptr).empty());
}

TEST_CASE("words are found with a space in front first, then as written, then in small letters") {
    const TokenTable table = tableOf({"cat", " cat", "dog", "Oslo", "狗"}, Matrix::Identity(5, 5));
    const WordIndex index(table);
    CHECK(index.find("cat") == 1);
    CHECK(index.find("dog") == 2);
    CHECK(index.find("Dog") == 2);
    CHECK(index.find("Oslo") == 3);
    CHECK_FALSE(index.find("oslo"));
    CHECK(index.find("狗") == 4);
    CHECK_FALSE(index.find("zebra"));
    CHECK(table.piece(1) == "·cat");
    CHECK(table.bytes(7).empty());
}

TEST_CASE("what counts as a word of a model's vocabulary") {
    const auto loaded = loadModel("layerwalk-transformer");
    REQUIRE(loaded);
    const TokenTable table = tablesOf((*loaded)->model, (*loaded)->tokenizer).front();
    int words = 0;
    for (TokenId id = 0; id < table.rows.rows(); ++id) {
        if (!table.isWord(id)) continue;
        ++words;
        const std::string text = table.bytes(id);
        CHECK((text.front() == ' ' || static_cast<unsigned char>(text.front()) >= 0x80));
    }
    CHECK(words > 500);
    CHECK(words < table.rows.rows());
    const WordIndex index(table);
    const auto cat = index.find("cat");
    REQUIRE(cat);
    CHECK(table.bytes(*cat) == " cat");
    CHECK(table.isWord(*cat));
}

TEST_CASE("lists of words, one a line") {
    const auto lists = parseWordLists("animals: cat,  dog ,\n\n : \nnumbers： 一，二、三\nred, blue");
    REQUIRE(lists.size() == 3);
    CHECK(lists[0].name == "animals");
    CHECK(lists[0].words == std::vector<std::string>{"cat", "dog"});
    CHECK(lists[1].words == std::vector<std::string>{"一", "二", "三"});
    CHECK(lists[2].name.empty());
    CHECK(parseWordLists("").empty());
    std::string many;
    for (int i = 0; i < 20; ++i) many += "l: w\n";
    CHECK(parseWordLists(many).size() == mostLists);
    CHECK(parseWordLists(defaultWordLists()).size() == 5);
    const TokenTable table = tableOf({"cat", "dog", "red"}, Matrix::Identity(3, 3));
    const MatchedLists matched = matchLists(parseWordLists("animals: cat, cow, cat\nboth: dog, cat\n"), WordIndex(table));
    REQUIRE(matched.found.size() == 2);
    CHECK(matched.found[0].id == 0);
    CHECK(matched.found[1].list == 1);
    REQUIRE(matched.missing.size() == 1);
    CHECK(matched.missing[0].second == "cow");
}
