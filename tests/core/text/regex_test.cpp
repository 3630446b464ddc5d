// Expressions and their dialect. Expected matches are those of the `tokenizers` library 0.23 (Oniguruma).
#include "core/text/regex.h"

#include "tests/catch.h"

using namespace lw;

namespace {

Result<std::vector<std::string>> matches(std::string_view pattern, const std::string& text) {
    const auto translated = fromOniguruma(pattern, "a test");
    if (!translated) return tl::unexpected(translated.error());
    const auto regex = Regex::compile(*translated, "a test");
    if (!regex) return tl::unexpected(regex.error());
    std::vector<Range> ranges;
    Regex::Search search(*regex);
    if (auto found = search.findAll(text, {0, static_cast<std::uint32_t>(text.size())}, ranges); !found)
        return tl::unexpected(found.error());
    std::vector<std::string> texts;
    for (const Range& range : ranges) texts.push_back(text.substr(range.from, range.to - range.from));
    return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("expressions mean what Oniguruma means by them") {
    CHECK(matches(R"(\p{N}{1,3})", "12345678") == Texts{"123", "456", "78"});
    CHECK(matches(R"(\p{N}{1,3}+)", "12345678") == Texts{"12345678"});  // not possessive
    CHECK(matches(R"((?:ab){1,2}+)", "ababababx") == Texts{"abababab"});
    CHECK(matches(R"(x{,2})", "xxx") == Texts{"xx", "x"});
    CHECK(matches(R"(\h+)", "x dead y") == Texts{"dead"});  // hexadecimal digits, not blanks
    CHECK(matches(R"([\h]+)", "x dead y") == Texts{"dead"});
    CHECK(matches(R"((?m)a.b)", "a\nb") == Texts{"a\nb"});  // m lets the dot match a line's end
    CHECK(matches(R"((?m:a.)b|^b)", "a\nb\nb") == Texts{"a\nb", "b"});
    CHECK(matches(R"(^b)", "a\nb") == Texts{"b"});
    CHECK(matches(R"(\p{Letter}+)", "ab1") == Texts{"ab"});
    CHECK(matches(R"(\p{Han}+)", "ab中文、々ー") == Texts{"中文", "々"});  // Script, not Script_Extensions
    CHECK(matches(R"(\P{Han}+)", "ab中、") == Texts{"ab", "、"});
    CHECK(matches(R"(\p{^Han}+)", "ab中、") == Texts{"ab", "、"});
    CHECK(matches(R"(\w+)", "a\u0301b-ⓐ _٣ ½") == Texts{"a\u0301b", "ⓐ", "_٣", "½"});
    CHECK(matches(R"([^\w]+)", "a½b") == Texts{"½"});
    CHECK(matches(R"([[:punct:]]+)", "a+!b") == Texts{"+!"});
    CHECK(matches(R"([\u4e00-\u9fff]+)", "ab中文") == Texts{"中文"});
    CHECK(matches(R"([^\s]+)", "a\u180Eb c\u00A0d") == Texts{"a\u180Eb", "c", "d"});  // U+180E is no white space
    CHECK(matches(R"((?i:'s|'re))", "it'S we'RE") == Texts{"'S", "'RE"});
    CHECK(matches(R"([]a]+)", "a]b") == Texts{"a]"});
}

TEST_CASE("empty matches neither touch the match before them nor hang") {
    CHECK(matches("", "ab") == Texts{"", "", ""});
    CHECK(matches("a|", "baab") == Texts{"", "a", "a", ""});
    CHECK(matches("(?=b)", "éb") == Texts{""});
}

TEST_CASE("only the part is seen") {
    const auto regex = Regex::compile("(?<=a)b|^b|b$", "a test");
    REQUIRE(regex);
    std::vector<Range> ranges;
    Regex::Search search(*regex);
    REQUIRE(search.findAll("abbc", {1, 2}, ranges));
    CHECK(ranges == std::vector<Range>{{1, 2}});
    ranges.clear();
    REQUIRE(search.findAll("xbx", {0, 3}, ranges));
    CHECK(ranges.empty());
}

TEST_CASE("expressions that are wrong, unsupported or explode are errors") {
    const auto message = [](std::string_view pattern) {
        const auto found = matches(pattern, std::string(40, 'a') + "!");
        REQUIRE(!found);
        return found.error().message;
    };
    CHECK(message("(a").find("a test is wrong at offset 2") != std::string::npos);
    CHECK(message("[a-z&&[^b]]").find("&& inside a class") != std::string::npos);
    CHECK(message("[[a]b]").find("a class inside a class") != std::string::npos);
    CHECK(message(R"(\p{Nonsense})").find("unknown property") != std::string::npos);
    CHECK(message(R"(\C)").find("wrong at offset") != std::string::npos);
    CHECK(message("(a+)+$").find("limit") != std::string::npos);
    CHECK(message("(((a{1000}){1000}){1000}){1000}").find("too large") != std::string::npos);
    CHECK(message(std::string(300, '(') + std::string(300, ')')).find("too deeply nested") != std::string::npos);
    CHECK(message(std::string(100'000, 'a')).find("at most 65536") != std::string::npos);
    CHECK(!fromOniguruma("\\", "a test").has_value() == false);  // left to PCRE2, which names the error
    CHECK(message("\\").find("wrong at offset") != std::string::npos);
    CHECK(message("\\p{L").find("wrong at offset") != std::string::npos);
    CHECK(message("[a").find("wrong at offset") != std::string::npos);
}

TEST_CASE("matches far apart are found, whatever lies between") {
    std::string text;
    for (int i = 0; i < 20; ++i) text += std::string(997 + static_cast<std::size_t>(i), 'x') + "é" + (i % 3 == 0 ? "12" : "ü");
    const auto found = matches("[0-9]+", text);
    REQUIRE(found);
    CHECK(*found == Texts(7, "12"));
    const auto none = matches("[a-b]", text);
    REQUIRE(none);
    CHECK(none->empty());
}

TEST_CASE("a search that takes ever longer with the text is given up") {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += "é";
    const auto regex = Regex::compile("(?:\\p{L}|x)+[!?]", "a test");
    REQUIRE(regex);
    Regex::Search search(*regex, std::chrono::milliseconds(300));
    std::vector<Range> ranges;
    const auto found = search.findAll(text, {0, static_cast<std::uint32_t>(text.size())}, ranges);
    REQUIRE(!found);
    CHECK(found.error().message.find("was given up at byte") != std::string::npos);
}

TEST_CASE("groups repeated over a whole text need no deep stack") {
    const std::string text(300'000, 'x');
    const auto found = matches("(?:(?=x)(.))+", text);
    REQUIRE(found);
    CHECK(found->size() == 1);
    CHECK(found->front().size() == text.size());
}
