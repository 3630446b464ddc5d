#include "core/text/graphemes.h"

#include "core/text/utf8.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;

TEST_CASE("grapheme clusters agree with Unicode 15's own test") {
    int cases = 0, wrong = 0;
    for (const std::string& line : test::splitAt(test::reference("unicode-15/GraphemeBreakTest.txt"), "\n")) {
        if (line.empty() || line[0] == '#') continue;
        std::string text, word;
        std::vector<std::int64_t> breaks, got{0};
        std::istringstream words(line);
        while (words >> word) {
            if (word == "÷") {
                breaks.push_back(static_cast<std::int64_t>(text.size()));
            } else if (word != "×") {
                utf8::append(text, static_cast<char32_t>(std::stoul(word, nullptr, 16)));
            }
        }
        for (const ByteRange& cluster : graphemes(text)) got.push_back(cluster.to);
        ++cases;
        if (got != breaks) {
            ++wrong;
            UNSCOPED_INFO(line);
        }
    }
    CHECK(cases == 602);
    CHECK(wrong == 0);
}

TEST_CASE("graphemes cover any bytes without gaps") {
    CHECK(graphemes("").empty());
    CHECK(graphemes("👩‍👩‍👧🇹🇼e\u0301").size() == 3);
    const std::string bytes =
        "a\xFF\xE4\xBD"
        "e\u0301\x80";
    const auto clusters = graphemes(bytes);
    std::int64_t at = 0;
    for (const ByteRange& cluster : clusters) {
        CHECK(cluster.from == at);
        CHECK(cluster.to > at);
        at = cluster.to;
    }
    CHECK(at == static_cast<std::int64_t>(bytes.size()));
    CHECK(clusters.size() == 5);
}
