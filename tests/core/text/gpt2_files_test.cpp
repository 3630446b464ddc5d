// GPT-2's own vocabulary against llama.cpp's and kitoken's ids.
#include "core/text/gpt2_files.h"

#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;

namespace {

std::shared_ptr<const Tokenizer> gpt2() {
    const auto vocabulary = test::shared("gpt2/encoder.json"), merges = test::shared("gpt2/vocab.bpe");
    if (!vocabulary || !merges) {
        WARN("skipped: GPT-2's vocabulary is not here");
        return nullptr;
    }
    auto made = tokenizerFromGpt2Files(*vocabulary, *merges, "GPT-2");
    REQUIRE(made);
    return *made;
}

}  // namespace

TEST_CASE("GPT-2's ids are those of llama.cpp's cases") {
    const auto tokenizer = gpt2();
    if (!tokenizer) return;
    CHECK(tokenizer->size() == 50257);
    CHECK(!tokenizer->bos());
    CHECK(tokenizer->ends() == std::vector<TokenId>{50256});
    const auto texts = test::ggmlTexts();
    for (const std::string cases : {"gpt-2", "roberta-bpe"}) {
        const auto ids = test::ggmlIds(cases);
        REQUIRE(ids.size() >= texts.size());
        for (std::size_t i = 0; i < texts.size() && cases == "gpt-2"; ++i) {
            CAPTURE(texts[i]);
            CHECK(tokenizer->encode(texts[i])->ids() == ids[i]);
            CHECK(tokenizer->decode(ids[i]) == texts[i]);
        }
    }
}

TEST_CASE("GPT-2's ids are those of kitoken's vectors") {
    const auto tokenizer = gpt2();
    const auto whole = test::shared("kitoken-vectors/utf8_input.txt"), mixed = test::shared("kitoken-vectors/mixed_input.txt");
    if (!tokenizer || !whole || !mixed) return;
    CHECK(tokenizer->encode(*whole)->ids() == test::numbers(*test::shared("kitoken-vectors/tokenizers/utf8_tokens_gpt2.txt")));
    const auto lines = test::splitAt(*mixed, "\n"),
               ids = test::splitAt(*test::shared("kitoken-vectors/tokenizers/mixed_tokens_gpt2.txt"), "\n");
    REQUIRE(lines.size() == ids.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        CAPTURE(lines[i]);
        CHECK(tokenizer->encode(lines[i])->ids() == test::numbers(ids[i]));
        CHECK(tokenizer->decode(test::numbers(ids[i])) == lines[i]);
    }
}

TEST_CASE("a small vocabulary in two files") {
    const std::string vocabulary = R"({"a": 0, "b": 1, "Ġ": 2, "ab": 3, "<|endoftext|>": 4})";
    const auto made = tokenizerFromGpt2Files(vocabulary, "#version: 0.2\r\na b\r\n\n", "two files");
    REQUIRE(made);
    CHECK((*made)->encode("ab ba")->ids() == std::vector<TokenId>{3, 2, 1, 0});
    EncodeOptions parse;
    parse.parseSpecial = true;
    CHECK((*made)->encode("a<|endoftext|>", parse)->ids() == std::vector<TokenId>{0, 4});
    CHECK((*made)->encode("c").error().message.find("no token for \"c\"") != std::string::npos);
    CHECK(!tokenizerFromGpt2Files("", "", "two files"));
    CHECK(!tokenizerFromGpt2Files("[]", "", "two files"));
    CHECK(!tokenizerFromGpt2Files(vocabulary, "a b c", "two files"));
    CHECK(!tokenizerFromGpt2Files(vocabulary, "a z", "two files"));
    CHECK(!tokenizerFromGpt2Files(R"({"a": 0, "b": "1"})", "", "two files"));
}
