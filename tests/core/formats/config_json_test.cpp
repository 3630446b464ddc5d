// JSON from outside: read, or refused with the place of the fault.
#include "core/formats/config_json.h"

#include "tests/catch.h"
#include "tests/core/formats/hostile.h"
#include "tests/core/formats/temporary_folder.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("A JSON file is read", "[json]") {
    const TemporaryFolder folder;
    const auto json =
        readJsonFile(folder.write("config.json", R"({"hidden_size": 32, "text": "ein [[[[ Text {{", "list": [1, null]})"));
    REQUIRE(json);
    CHECK((*json)["hidden_size"] == 32);
    CHECK((*json)["list"].size() == 2);
    CHECK_FALSE(readJsonFile(folder / "missing.json"));
}

TEST_CASE("A fault in JSON is told with its place", "[json]") {
    const auto fault = parseJson("{\"a\": 1,\n \"b\": }", "config.json");
    REQUIRE_FALSE(fault);
    CAPTURE(fault.error().message);
    CHECK(fault.error().kind == ErrorKind::BadFormat);
    CHECK(fault.error().message.find("config.json is not valid JSON at byte 15 (line 2, column 7)") == 0);
    CHECK(fault.error().message.find("json.exception") == std::string::npos);
    CHECK(fault.error().message.find("unexpected '}'") != std::string::npos);
}

TEST_CASE("Hostile JSON is refused at once", "[json]") {
    const auto refused = [](const std::string& what, const std::string& text, const std::string& word) {
        checkRefused(what, "x.json", word, text.size(), [&] { return parseJson(text, "x.json"); });
    };
    refused("an open bracket", "{", "end of input");
    refused("nothing", "", "end of input");
    refused("a word", "hello", "invalid literal");
    refused("two values", "{} {}", "end of input");
    refused("a million brackets", std::string(1'000'000, '['), "deep");
    refused("a million closed brackets", std::string(1'000'000, '[') + std::string(1'000'000, ']'), "deep");
    refused(
        "a million objects",
        [] {
            std::string text;
            for (int i = 0; i < 200'000; ++i) text += "{\"a\":";
            return text;
        }(),
        "deep");
    refused("bytes that are no UTF-8", "{\"a\": \"\xff\xfe\"}", "UTF-8");
    refused("a number beyond double", "{\"a\": 1e999}", "number");
    refused("a control character", "{\"a\": \"\n\"}", "control character");
    refused("an unfinished escape", "{\"a\": \"\\", "backslash");

    const auto tooLong = parseJson("[1, 2, 3]", "x.json", {.bytes = 5});
    REQUIRE_FALSE(tooLong);
    CHECK(tooLong.error().message.find("at most 5") != std::string::npos);
    // Brackets behind an escaped quote are still text, and those behind an escaped backslash are not.
    CHECK(parseJson("{\"a\": \"\\\"" + std::string(100, '[') + "\"}", "x.json"));
    CHECK_FALSE(parseJson("[\"\\\\\", [[1]]]", "x.json", {.depth = 2}));
    CHECK(parseJson("[[1]]", "x.json", {.depth = 2}));
    CHECK_FALSE(parseJson("[[1]]", "x.json", {.depth = 1}));
}
