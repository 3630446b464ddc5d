// A written piece of text as one token: exactly as written, with a space in front, or not at all.
#include "core/text/one_token.h"

#include "core/text/packed_tokens.h"
#include "core/text/plain_tokenizers.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;

TEST_CASE("A written piece is the token with exactly its bytes, else the one with a space in front") {
    const auto opened = tokenizerFromPackedTokens(test::resource("gpt2.tokens"), "gpt2");
    REQUIRE(opened);
    const Tokenizer& gpt2 = **opened;
    const auto bytes = [&](const char* text) {
        const auto id = oneToken(gpt2, text);
        return id ? gpt2.bytes(*id) : "error: " + id.error().message;
    };
    CHECK(bytes("cat") == "cat");
    CHECK(bytes(" cat") == " cat");
    CHECK(bytes("·cat") == " cat");
    CHECK(bytes("Wikipedia") == "Wikipedia");
    CHECK(bytes("Petersburg") == " Petersburg");  // only with a space
    CHECK(bytes("的") == "的");
    CHECK(bytes("·") == "·");  // a token itself
    CHECK(oneToken(gpt2, "<|endoftext|>").value() == 50256);
    // Every token by its own bytes is that token.
    for (TokenId id = 0; id < 50256; id += 997) {
        CAPTURE(id);
        CHECK(oneToken(gpt2, gpt2.bytes(id)).value() == id);
    }
    const auto two = oneToken(gpt2, "catdog");
    REQUIRE_FALSE(two);
    CHECK(two.error().message == "“catdog” is no single token of this vocabulary; it becomes 2: “cat”, “dog”.");
    CHECK_FALSE(oneToken(gpt2, ""));
    CHECK(oneToken(*characterTokenizer(), "月"));
    CHECK_FALSE(oneToken(*characterTokenizer(), "明月"));
}
