// Opening tokenizers by name and by what is in a file, and the round trip of those that promise it.
#include <chrono>
#include <random>
#include <set>

#include "core/bundled.h"
#include "core/load.h"
#include "core/text/bundled_tokenizers.h"
#include "core/text/utf8.h"
#include "tests/catch.h"
#include "tests/core/formats/temporary_folder.h"
#include "tests/core/text/files.h"

using namespace lw;
using namespace lw::test;

namespace {

/// Characters from everywhere: ASCII, letters of many scripts, Chinese, emoji with joiners, marks, controls, unassigned ones.
std::string randomText(std::mt19937& random) {
    static const std::vector<std::string> bits{" ",    "  ",      "\n",
                                               "\r\n", "\t",      "the",
                                               " cat", "ing",     "123",
                                               "'s",   "\u3000",  "你好",
                                               "床前", "\u200D",  "👩‍👩‍👧",
                                               "🇹🇼",   "e\u0301", "<|endoftext|>",
                                               "▁",    "Ġ",       "<0x41>",
                                               "</s>", "\u00A0",  "ſ",
                                               "İ",    "\uFEFF",  "İ̇"};
    std::string text;
    for (unsigned n = static_cast<unsigned>(random() % 24); n > 0; --n) {
        const auto kind = static_cast<unsigned>(random() % 6);
        if (kind == 0) {
            text += bits[random() % bits.size()];
            continue;
        }
        auto point = static_cast<char32_t>(kind == 1   ? random() % 0x80
                                           : kind == 2 ? random() % 0x800
                                           : kind == 3 ? 0x4E00 + random() % 0x5200
                                           : kind == 4 ? 0x1F300 + random() % 0x400
                                                       : random() % 0x110000);
        if (point >= 0xD800 && point < 0xE000) point = 0xFFFD;
        utf8::append(text, point);
    }
    return text;
}

}  // namespace

TEST_CASE("every bundled tokenizer opens, and those that promise it give 10,000 random texts back") {
    std::vector<std::string> texts;
    std::mt19937 random(2024);
    for (int i = 0; i < 10'000; ++i) texts.push_back(randomText(random));
    std::set<std::string> promising;
    for (const BundledTokenizer& bundled : bundledTokenizers()) {
        CAPTURE(bundled.name);
        const auto tokenizer = loadTokenizer(std::string(bundled.name));
        if (!tokenizer) FAIL(tokenizer.error().message);
        CHECK(!bundled.what.empty());
        CHECK(bundled.path.empty() == bundled.licence.empty());
        if (!(*tokenizer)->keepsText()) continue;
        promising.insert(std::string(bundled.name));
        int wrong = 0;
        for (const std::string& text : texts) {
            const auto encoding = (*tokenizer)->encode(text);
            if (!encoding || (*tokenizer)->decode(encoding->ids()) != text) {
                if (++wrong == 1) UNSCOPED_INFO("first: " << text);
                continue;
            }
            std::string bytes;
            std::int64_t at = 0;
            for (const Token& token : encoding->tokens) {  // every byte belongs to one token
                if (token.from != at) ++wrong;
                at = token.to;
                bytes += (*tokenizer)->bytes(token.id);
            }
            if (bytes != text) ++wrong;
        }
        CHECK(wrong == 0);
    }
    CHECK(promising == std::set<std::string>{"bytes", "characters", "cl100k", "gpt2", "layerwalk-4k", "o200k", "rwkv-world"});
}

TEST_CASE("a file's kind shows in its content, not in its name") {
    const TemporaryFolder folder;
    const auto kindOf = [&](const std::string& content) {
        const auto made = loadTokenizer(folder.write("some.thing", content).string());
        return made ? (*made)->kind() : made.error().message;
    };
    CHECK(kindOf(resource("gpt2.tokens")) == "byte-level BPE");
    CHECK(kindOf(resource("rwkv-world.tokens")) == "longest match");
    CHECK(kindOf(resource("botchan-1k.model")) == "SentencePiece Unigram");
    CHECK(kindOf(resource("layerwalk-4k.json")) == "byte-level BPE");
    CHECK(kindOf("\n\t " + resource("layerwalk-4k.json")) == "byte-level BPE");
    CHECK(kindOf(reference("json-kinds/t5-like.json")) == "Unigram");
    CHECK(kindOf(reference("json-kinds/bert-like.json")) == "WordPiece");
    CHECK(kindOf(contentOf(LAYERWALK_TEST_DATA "/stories260K/stories260K-Q4_0.gguf")) == "SentencePiece BPE");
    CHECK(kindOf("IQ== 0\nIg== 1\n").find("has 2 ranks") != std::string::npos);
    CHECK(kindOf("1 'a' 1\n").find("no token for the byte") != std::string::npos);
    CHECK(kindOf("A plain text.\n").find("is no tokenizer that this program knows") != std::string::npos);
    CHECK(kindOf("#version: 0.2\na b\n").find("the vocabulary, vocab.json or encoder.json, is expected beside it") !=
          std::string::npos);
    CHECK(kindOf(std::string("\0\1\2", 3)).find("is no tokenizer that this program knows") != std::string::npos);
    CHECK(kindOf("{").find("is not valid JSON") != std::string::npos);
    CHECK(loadTokenizer("no-such").error().message.find("Bundled tokenizers are characters, bytes, layerwalk-4k, gpt2") !=
          std::string::npos);
}

TEST_CASE("GPT-2's two files are found from each other, and a folder's files by their names") {
    const TemporaryFolder folder;
    folder.write("encoder.json", R"({"a": 0, "b": 1, "ab": 2})");
    folder.write("vocab.bpe", "#version: 0.2\na b\n");
    for (const char* name : {"encoder.json", "vocab.bpe"}) {
        const auto made = loadTokenizer((folder / name).string());
        REQUIRE(made);
        CHECK((*made)->encode("ab")->ids() == std::vector<TokenId>{2});
    }
    const TemporaryFolder model;
    model.write("tokenizer.model", resource("botchan-1k.model"));
    REQUIRE(loadTokenizer(model.path().string()));
    CHECK((*loadTokenizer(model.path().string()))->encode("a")->ids().front() != 1);
    model.write("tokenizer_config.json", R"({"tokenizer_class": "LlamaTokenizer"})");
    CHECK((*loadTokenizer(model.path().string()))->encode("a")->ids().front() == 1);
    const TemporaryFolder marian;
    marian.write("source.spm", resource("botchan-1k.model"));
    CHECK(loadTokenizer(marian.path().string()).error().kind == ErrorKind::Unsupported);
}
