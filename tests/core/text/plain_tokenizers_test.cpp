#include "core/text/plain_tokenizers.h"

#include "tests/catch.h"

using namespace lw;

TEST_CASE("characters are their code points") {
    const auto tokenizer = characterTokenizer();
    CHECK(tokenizer->size() == 0x110000);
    CHECK(tokenizer->kind() == "characters");
    CHECK(tokenizer->keepsText());
    const auto encoding = tokenizer->encode("a中🙂\n");
    REQUIRE(encoding);
    CHECK(encoding->ids() == std::vector<TokenId>{'a', 0x4E2D, 0x1F642, '\n'});
    CHECK(encoding->tokens[2].from == 4);
    CHECK(encoding->tokens[2].to == 8);
    CHECK(tokenizer->decode(encoding->ids()) == std::string("a中🙂\n"));
    CHECK(tokenizer->entry(0x4E2D) == "中");
    CHECK(tokenizer->entry(0xD800).empty());
    CHECK(tokenizer->entry(-1).empty());
    CHECK(tokenizer->entry(0x110000).empty());
    CHECK(tokenizer->bytes(0x10FFFF) == "\xF4\x8F\xBF\xBF");
    for (const TokenId id : {-1, 0xD800, 0x110000}) CHECK(!tokenizer->decode({id}));
    CHECK(tokenizer->encode("caf\xE9").error().message.find("byte 3 (0xE9)") != std::string::npos);
    CHECK(tokenizer->encode("")->tokens.empty());
    CHECK(tokenizer->encode("中", {.recordSteps = true})->steps.words.front().text == "中");
}

TEST_CASE("bytes are their values") {
    const auto tokenizer = byteTokenizer();
    CHECK(tokenizer->size() == 256);
    CHECK(tokenizer->kind() == "bytes");
    CHECK(tokenizer->keepsText());
    CHECK(tokenizer->encode("a中")->ids() == std::vector<TokenId>{'a', 0xE4, 0xB8, 0xAD});
    CHECK(tokenizer->decode({'a', 0xE4, 0xB8, 0xAD}) == std::string("a中"));
    CHECK(tokenizer->bytes(0xE4) == "\xE4");
    CHECK(!tokenizer->decode({256}));
}
