#include "widgets/tokens/shared_characters.h"

#include <random>

#include "tests/catch.h"

using namespace lw;

TEST_CASE("Tokens that cut a character are one group") {
    const auto groups = sharedCharacters({"a", "\xE4\xBD", "\xA0", "好", "\xF0\x9F", "\x91", "\x8D"});
    REQUIRE(groups.size() == 2);
    CHECK(groups[0].first == 1);
    CHECK(groups[0].last == 2);
    CHECK(groups[0].text == "你");
    CHECK(groups[1].first == 4);
    CHECK(groups[1].last == 6);
    CHECK(groups[1].text == "👍");
}

TEST_CASE("A token that ends one character and begins the next joins both groups") {
    // 你好 cut as E4 | BD A0 E5 | A5 BD
    const auto groups = sharedCharacters({"\xE4", "\xBD\xA0\xE5", "\xA5\xBD"});
    REQUIRE(groups.size() == 1);
    CHECK(groups[0].first == 0);
    CHECK(groups[0].last == 2);
    CHECK(groups[0].text == "你好");
}

TEST_CASE("Whole characters and stray bytes make no group") {
    CHECK(sharedCharacters({"Hello", " 你好", "\n", ""}).empty());
    CHECK(sharedCharacters({"\xE4", "a", "\xBD\xA0"}).empty());
    CHECK(sharedCharacters({"\xC0", "\x80"}).empty());          // overlong
    CHECK(sharedCharacters({"\xED\xA0", "\x80"}).empty());      // a surrogate
    CHECK(sharedCharacters({"\xF4\x90", "\x80\x80"}).empty());  // beyond Unicode
    CHECK(sharedCharacters({}).empty());
    CHECK(sharedCharacters({"", "\xE4\xBD"}).empty());  // cut at the end of the text
}

TEST_CASE("Cut at any bytes, the groups are in order, apart, and name exactly the cut characters") {
    const std::string text = "aé你👍 b好ﷺ";
    std::mt19937 random(3);
    for (int round = 0; round < 500; ++round) {
        std::vector<std::string> pieces;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t length = 1 + random() % 3;
            pieces.push_back(text.substr(at, length));
            at += length;
        }
        int before = -1;
        for (const SharedCharacter& group : sharedCharacters(pieces)) {
            REQUIRE(group.first > before);
            REQUIRE(group.last > group.first);
            REQUIRE(group.last < static_cast<int>(pieces.size()));
            REQUIRE(group.text.find("\\x") == std::string::npos);
            before = group.last;
        }
    }
}
