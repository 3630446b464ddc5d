// RWKV's vocabulary, from the program's own resources: against the longest match tried out one by one, and its own text format.
#include "core/text/rwkv_world.h"

#include <map>

#include <nlohmann/json.hpp>

#include "core/text/packed_tokens.h"
#include "core/text/python_literal.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;

namespace {

std::shared_ptr<const Tokenizer> world() {
    auto made = tokenizerFromPackedTokens(test::resource("rwkv-world.tokens"), "rwkv-world");
    if (!made) FAIL(made.error().message);
    return *made;
}

std::string pythonBytes(std::string_view bytes) {
    std::string out = "b'";
    for (const char c : bytes) {
        char two[8];
        std::snprintf(two, sizeof two, "\\x%02x", static_cast<unsigned char>(c));
        out += two;
    }
    return out + "'";
}

std::string message(const std::string& text) {
    const auto made = tokenizerFromRwkvWorld(text, "the file");
    return made ? "it was accepted" : made.error().message;
}

std::vector<std::string> texts() {
    std::vector<std::string> all = test::ggmlTexts();
    for (const auto& one : nlohmann::json::parse(test::reference("json-kinds/cases.json"))) all.push_back(one["text"]);
    return all;
}

}  // namespace

TEST_CASE("at every place the longest entry is taken") {
    const auto tokenizer = world();
    CHECK(tokenizer->size() == 65530);
    CHECK(tokenizer->kind() == "longest match");
    CHECK(tokenizer->ends() == std::vector<TokenId>{0});
    std::map<std::string, TokenId, std::less<>> entries;
    std::size_t longest = 0;
    for (TokenId id = 1; id < tokenizer->size(); ++id) {
        const std::string bytes = tokenizer->bytes(id);
        if (bytes.empty()) continue;
        entries[bytes] = id;
        longest = std::max(longest, bytes.size());
    }
    CHECK(entries.size() == 65529);
    for (const std::string& text : texts()) {
        CAPTURE(text);
        std::vector<TokenId> wanted;
        for (std::size_t at = 0; at < text.size();) {
            std::size_t length = std::min(longest, text.size() - at);
            while (!entries.contains(std::string_view(text).substr(at, length))) --length;
            wanted.push_back(entries.find(std::string_view(text).substr(at, length))->second);
            at += length;
        }
        const auto encoding = tokenizer->encode(text, {.recordSteps = true});
        REQUIRE(encoding);
        CHECK(encoding->ids() == wanted);
        CHECK(tokenizer->decode(wanted) == text);
        REQUIRE(encoding->steps.matches.size() == wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            CHECK(encoding->steps.matches[i].id == wanted[i]);
            for (const std::string& shorter : encoding->steps.matches[i].shorter)
                CHECK(tokenizer->entry(wanted[i]).starts_with(shorter));
        }
    }
}

TEST_CASE("RWKV's own file gives the same tokenizer") {
    const auto wanted = world();
    std::string file;
    for (TokenId id = 1; id < wanted->size(); ++id) {
        const std::string bytes = wanted->bytes(id);
        if (!bytes.empty()) file += std::to_string(id) + " " + pythonBytes(bytes) + " " + std::to_string(bytes.size()) + "\n";
    }
    CHECK(looksLikeRwkvWorld(file));
    std::vector<std::string> files{file};
    if (const auto own = test::shared("rwkv-world/rwkv_vocab_v20230424.txt")) files.push_back(*own);
    for (const std::string& one : files) {
        const auto made = tokenizerFromRwkvWorld(one, "the file");
        REQUIRE(made);
        REQUIRE((*made)->size() == wanted->size());
        int different = 0;
        for (TokenId id = 0; id < wanted->size(); ++id) different += (*made)->bytes(id) != wanted->bytes(id);
        CHECK(different == 0);
    }
}

TEST_CASE("Python's literals") {
    CHECK(fromPythonLiteral("'a b'") == "a b");
    CHECK(fromPythonLiteral("\"it's\"") == "it's");
    CHECK(fromPythonLiteral(R"('\'"\\\n\r\t')") == "'\"\\\n\r\t");
    CHECK(fromPythonLiteral(R"('\xe9')") == "é");
    CHECK(fromPythonLiteral(R"(b'\xe9')") == "\xE9");
    CHECK(fromPythonLiteral(R"('\u4f60\U0001f642')") == "你🙂");
    CHECK(fromPythonBytes(R"(a\x00)") == std::string("a\0", 2));
    for (const char* wrong : {"", "'", "a", "'a", "'a\"", R"('\')", R"('\q')", R"('\x4')", R"('\xzz')", R"(b'\u4f60')",
                              R"('\ud800')", R"('\U00110000')"}) {
        CAPTURE(wrong);
        CHECK(!fromPythonLiteral(wrong));
    }
}

TEST_CASE("broken lines of RWKV's vocabulary are named") {
    CHECK(!looksLikeRwkvWorld("1 'a' 1"));
    CHECK(!looksLikeRwkvWorld("IQ== 0\n"));
    CHECK(message("1 'a' 1\n2 b\n")
              .find("Line 2 of the file should be an id, a text in Python's quotes and its length, but is \"2 b\"") == 0);
    CHECK(message("1 'ab' 1\n").find("Line 1 of the file gives 2 bytes the length 1") == 0);
    CHECK(message("1 '' 0\n").find("Line 1") == 0);
    CHECK(message("1 'a' 1\n1 'b' 1\n").find("gives the id 1 a second time") != std::string::npos);
    CHECK(message("99999999 'a' 1\n").find("gives the id 99999999, but there are only 2 lines") != std::string::npos);
    CHECK(message("-1 'a' 1\n").find("Line 1") == 0);
    CHECK(message("0 'a' 1\n").find("has no token for the byte 0x00") != std::string::npos);
    CHECK(message("").find("has no token for the byte 0x00") != std::string::npos);
}
