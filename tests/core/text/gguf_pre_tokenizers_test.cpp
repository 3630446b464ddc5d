// The names of GGUF's pre-tokenizers: hand-cut texts, and what the ids of llama.cpp's cases say about where words end.
#include "core/text/gguf_pre_tokenizers.h"

#include "core/text/pre_tokenizer.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;
using Texts = std::vector<std::string>;

namespace {

Texts words(std::string_view name, const std::string& text) {
    const GgufPreTokenizer* found = ggufPreTokenizer(name);
    REQUIRE(found);
    PreText pre{AlignedText::plain(text, 0), {}};
    if (!text.empty()) pre.pieces = {{0, static_cast<std::uint32_t>(text.size())}};
    for (const std::string_view pattern : found->words) {
        auto regex = Regex::compile(pattern, name);
        if (!regex) FAIL(regex.error().message);
        REQUIRE(pre_tokenizers::split(*regex, SplitBehavior::Isolated, false)(pre));
    }
    Texts all;
    for (const Range& piece : pre.pieces) all.push_back(text.substr(piece.from, piece.to - piece.from));
    return all;
}

}  // namespace

TEST_CASE("every name's expressions compile and cover a text") {
    const std::string text = "Hello,  wörld!\r\n\n12345 你好 'tis he'LL\t x² camelCase ABCd — 😀  ";
    for (const std::string& name : test::splitAt(ggufPreTokenizerNames(), ", ")) {
        std::string joined;
        for (const std::string& word : words(name, text)) {
            CHECK(!word.empty());
            joined += word;
        }
        CAPTURE(name);
        CHECK(joined == text);
    }
    CHECK(!ggufPreTokenizer("no-such"));
}

TEST_CASE("words as the expressions cut them") {
    CHECK(words("gpt-2", "It's 1234  ok\n\n") == Texts{"It", "'s", " 1234", " ", " ok", "\n\n"});
    CHECK(words("smollm", "a 12 b") == Texts{"a", " ", "1", "2", " b"});
    CHECK(words("llama-bpe", "It'S 1234  ok!\n\n x") == Texts{"It", "'S", " ", "123", "4", " ", " ok", "!\n\n", " x"});
    CHECK(words("qwen2", "12 (ab)\n  c") == Texts{"1", "2", " (", "ab", ")\n", " ", " c"});
    CHECK(words("default", "a $5..x 1234") == Texts{"a", " ", "$", "5", "..", "x", " ", "123", "4"});
    CHECK(words("falcon", "a`b 12345") == Texts{"a", "`", "b", " ", "123", "45"});
    CHECK(words("gpt-4o", "camelCase HTTPServer's 1234/x") == Texts{"camel", "Case", " HTTPServer's", " ", "123", "4", "/x"});
    CHECK(words("tekken", "fooBar it's 12") == Texts{"foo", "Bar", " it", "'s", " ", "1", "2"});
    CHECK(words("deepseek-coder", "x =\n 12你好") == Texts{"x", " =", "\n", " ", "1", "2", "你好"});
    CHECK(words("deepseek-llm", "Hi, 你好  12  ") == Texts{"Hi", ",", " ", "你好", "  ", "12", "  "});
    CHECK(words("deepseek-v3", "a你好 1234") == Texts{"a", "你好", " ", "123", "4"});
    CHECK(words("bloom", "Hello, a.b") == Texts{"Hello", ",", " a", ".", "b"});
    CHECK(words("chameleon", "a12  b") == Texts{"a", "1", "2", "  ", "b"});
}

TEST_CASE("no text has more words than llama.cpp's ids say") {
    const auto texts = test::ggmlTexts();
    for (const std::string name : {"gpt-2", "mpt", "starcoder", "refact", "command-r", "llama-bpe", "qwen2", "deepseek-r1-qwen",
                                   "deepseek-llm", "deepseek-coder", "falcon", "chameleon", "roberta-bpe"}) {
        const auto ids = test::ggmlIds(name);
        REQUIRE(ids.size() >= texts.size());
        for (std::size_t i = 0; i < texts.size(); ++i) {
            CAPTURE(name, texts[i]);
            CHECK(words(name, texts[i]).size() <= ids[i].size());
        }
    }
}

TEST_CASE("equal words have equal ids, so cutting a case gives whole runs of its ids") {
    // Runs of digits: how many ids a run of n threes has tells how the digits are cut.
    const auto texts = test::ggmlTexts();
    for (const std::string name :
         {"llama-bpe", "qwen2", "starcoder", "command-r", "refact", "deepseek-coder", "deepseek-r1-qwen", "falcon"}) {
        const auto ids = test::ggmlIds(name);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            if (texts[i].empty() || texts[i].find_first_not_of('3') != std::string::npos) continue;
            CAPTURE(name, texts[i]);
            if (name == "falcon") continue;  // "33" may be two ids of one word
            CHECK(words(name, texts[i]).size() == ids[i].size());
        }
    }
}
