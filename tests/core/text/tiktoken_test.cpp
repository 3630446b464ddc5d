// OpenAI's vocabularies, from the program's own resources, against kitoken's vectors.
#include "core/text/tiktoken.h"

#include <random>

#include "core/text/packed_tokens.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;

namespace {

std::shared_ptr<const Tokenizer> packed(const std::string& name) {
    auto made = tokenizerFromPackedTokens(test::resource(name + ".tokens"), name);
    if (!made) FAIL(made.error().message);
    return *made;
}

std::string toBase64(std::string_view bytes) {
    static const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        unsigned bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0u);
        for (std::size_t i = 0; i < 4; ++i) out += i > bytes.size() - at ? '=' : letters[bits >> (18 - 6 * i) & 63];
    }
    return out;
}

/// kitoken's small texts: \n, \s (a space) and \x (nothing) are written out.
std::string unescaped(const std::string& line) {
    std::string out;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] != '\\' || at + 1 == line.size()) {
            out.push_back(line[at]);
            continue;
        }
        const char kind = line[++at];
        if (kind == 'n') out.push_back('\n');
        if (kind == 's') out.push_back(' ');
    }
    return out;
}

void compare(const std::string& resource, const std::string& vectors) {
    const auto tokenizer = packed(resource);
    CHECK(tokenizer->kind() == "byte-level BPE");
    CHECK(tokenizer->keepsText());
    CHECK(!tokenizer->bos());
    const auto lines = test::splitAt(test::reference("kitoken/small_input.txt"), "\n");
    const auto ids = test::splitAt(test::reference("kitoken/small_tokens_" + vectors + ".txt"), "\n");
    REQUIRE(lines.size() == ids.size());
    REQUIRE(lines.size() == 21);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        CAPTURE(resource, lines[i]);
        const std::string text = unescaped(lines[i]);
        CHECK(tokenizer->encode(text, {.parseSpecial = true})->ids() == test::numbers(ids[i]));
        CHECK(tokenizer->decode(test::numbers(ids[i])) == text);
    }
    const std::string whole = test::reference("kitoken/utf8_input.txt");
    const auto wanted = test::numbers(test::reference("kitoken/utf8_tokens_" + vectors + ".txt"));
    CHECK(tokenizer->encode(whole)->ids() == wanted);
    CHECK(tokenizer->decode(wanted) == whole);
    CHECK(tokenizer->encode(whole, {.recordSteps = true})->ids() == wanted);
    const auto mixed = test::shared("kitoken-vectors/mixed_input.txt");
    if (!mixed) return;  // half a megabyte more, where it is
    const std::string folder = vectors == "gpt2" ? "tokenizers" : "tiktoken";
    const auto more = test::splitAt(*mixed, "\n");
    const auto moreIds = test::splitAt(*test::shared("kitoken-vectors/" + folder + "/mixed_tokens_" + vectors + ".txt"), "\n");
    REQUIRE(more.size() == moreIds.size());
    for (std::size_t i = 0; i < more.size(); ++i) {
        CAPTURE(resource, more[i]);
        CHECK(tokenizer->encode(more[i])->ids() == test::numbers(moreIds[i]));
    }
}

std::string message(const std::string& text) {
    const auto made = tokenizerFromTiktoken(text, "the file");
    return made ? "it was accepted" : made.error().message;
}

std::string packedMessage(const std::string& bytes) {
    const auto made = tokenizerFromPackedTokens(bytes, "the file");
    return made ? "it was accepted" : made.error().message;
}

}  // namespace

TEST_CASE("GPT-2's ids by ranks") {
    compare("gpt2", "gpt2");
    CHECK(packed("gpt2")->size() == 50257);
}

TEST_CASE("cl100k_base gives kitoken's ids") {
    compare("cl100k", "cl100k_base");
    CHECK(packed("cl100k")->size() == 100277);
}

TEST_CASE("o200k_base gives kitoken's ids") {
    compare("o200k", "o200k_base");
    CHECK(packed("o200k")->size() == 200019);
}

TEST_CASE("tiktoken's own file gives the same tokenizer") {
    const auto wanted = packed("cl100k");
    std::string file;
    for (TokenId id = 0; id < 100256; ++id) file += toBase64(wanted->bytes(id)) + " " + std::to_string(id) + "\n";
    CHECK(looksLikeTiktoken(file));
    if (const auto own = test::shared("tiktoken/cl100k_base.tiktoken")) CHECK(*own == file);
    const auto made = tokenizerFromTiktoken(file, "cl100k_base.tiktoken");
    REQUIRE(made);
    CHECK((*made)->size() == wanted->size());
    const std::string text = "It'ſ 12345 naïve cafés,\r\n\n  床前明月光 <|endoftext|>";
    for (const bool special : {false, true}) {
        const EncodeOptions options{.parseSpecial = special};
        CHECK((*made)->encode(text, options)->ids() == wanted->encode(text, options)->ids());
    }
    CHECK((*made)->ends() == std::vector<TokenId>{100257});
    // Merges are ranked by the token that they make.
    const auto steps = (*made)->encode(" tokens", {.recordSteps = true})->steps;
    REQUIRE(steps.words.size() == 1);
    CHECK(steps.words[0].whole);
    REQUIRE(!steps.merges.empty());
    for (const Merge& merge : steps.merges) CHECK((*made)->entry(merge.rank) == merge.left + merge.right);
}

TEST_CASE("broken ranks are named with their line") {
    CHECK(!looksLikeTiktoken(""));
    CHECK(!looksLikeTiktoken("{\"a\": 1}\n"));
    CHECK(!looksLikeTiktoken("IQ== 0"));  // no line
    CHECK(message("IQ== 0\nIg==\n").find("Line 2 of the file should be a token in base64 and its rank, but is \"Ig==\"") == 0);
    CHECK(message("IQ== 0\nI== 1\n").find("Line 2") == 0);
    CHECK(message("IQ== 0\nIg== x\n").find("Line 2") == 0);
    CHECK(message("IQ== 0\nIg== -1\n").find("Line 2") == 0);
    CHECK(message("IQ== 0\nIg== 0\n").find("Line 2 of the file gives the rank 0 a second time") == 0);
    CHECK(message("IQ== 0\nIg== 99999999999\n").find("gives the rank 99999999999, but there are only 3 lines") !=
          std::string::npos);
    CHECK(message("IQ== 0\n")
              .find("the file has 1 ranks; such a file does not say how words are cut, which is known for r50k_base") == 0);
}

TEST_CASE("packed tokens are checked") {
    CHECK(packedMessage("").find("should begin with a line") != std::string::npos);
    CHECK(packedMessage("layerwalk tokens 1 cl100k_base 3").find("should begin with a line") != std::string::npos);
    CHECK(packedMessage("layerwalk tokens 1 cl100k_base x\n").find("says \"x\" where a number of tokens was expected") !=
          std::string::npos);
    CHECK(packedMessage("layerwalk tokens 1 cl100k_base 99999999999999\n").find("speaks of 99999999999999 tokens") !=
          std::string::npos);
    CHECK(packedMessage("layerwalk tokens 1 cl100k_base 2\n\1a\5b").find("gives token 1 5 bytes at byte 36, but 1 are left") !=
          std::string::npos);
    CHECK(packedMessage("layerwalk tokens 1 cl100k_base 1\n\1abc").find("has 2 bytes behind its last token") !=
          std::string::npos);
    CHECK(packedMessage("layerwalk tokens 1 frob 1\n\1a").find("of the encoding \"frob\"") != std::string::npos);
    CHECK(packedMessage("layerwalk tokens 1 cl100k_base 1\n\1a").find("has 1 tokens, but cl100k_base has 100256") !=
          std::string::npos);
    CHECK(packedMessage("layerwalk tokens 1 rwkv_world 1\n\1a").find("has no token for the byte 0x00") != std::string::npos);
    const std::string good = test::resource("gpt2.tokens");
    for (std::size_t length = 0; length < good.size(); length += length < 100 ? 1 : 30011)
        CHECK(packedMessage(good.substr(0, length)) != "it was accepted");
}
