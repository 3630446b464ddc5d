// Counting in pieces gives the count of the whole, for every tokenizer that comes with the program and for kinds that come from
// files, on texts with and without places to cut.
#include "core/text/count_tokens.h"

#include <random>

#include "core/load.h"
#include "core/text/bundled_tokenizers.h"
#include "tests/catch.h"
#include "tests/core/formats/temporary_folder.h"
#include "tests/core/text/files.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Named {
    std::string name;
    std::shared_ptr<const Tokenizer> tokenizer;
};

std::vector<Named> tokenizers() {
    std::vector<Named> all;
    for (const BundledTokenizer& one : bundledTokenizers()) {
        const auto tokenizer = loadTokenizer(std::string(one.name));
        REQUIRE(tokenizer);
        all.push_back({std::string(one.name), *tokenizer});
    }
    const TemporaryFolder folder;
    for (const char* name : {"t5-like", "bert-like"}) {
        const auto tokenizer = loadTokenizer(
            folder.write(std::string(name) + ".json", reference("json-kinds/" + std::string(name) + ".json")).string());
        REQUIRE(tokenizer);
        all.push_back({name, *tokenizer});
    }
    const auto llama = loadTokenizer(LAYERWALK_TEST_DATA "/stories260K/stories260K-Q4_0.gguf");
    REQUIRE(llama);
    all.push_back({"Llama-like", *llama});
    return all;
}

std::string proseOf(std::size_t bytes) {
    const std::string corpus = reference("bpe-training/corpus.en");
    const std::vector<std::string> verses{"床前明月光，疑是地上霜。",
                                          "舉頭望明月，低頭思故鄉。\n",
                                          "白日依山盡，黃河入海流。",
                                          "  Don't   stop!!!\n\n\n",
                                          "\tif (x == 10'000) {\r\n\r\n    return \"naïve café\";\n}\n",
                                          "👩‍👩‍👧 e\u0301 ﬁ ㎏ Ａ\u3000Ｂ ",
                                          "----------------------------------------\n"};
    std::mt19937 random(3);
    std::string text;
    std::size_t at = 0;
    while (text.size() < bytes) {
        const std::size_t take = 40 + random() % 400;
        if (at + take > corpus.size()) at = 0;
        text += corpus.substr(at, take);
        at += take;
        text += verses[random() % verses.size()];
    }
    return text;
}

}  // namespace

TEST_CASE("counting in pieces gives the count of the whole") {
    std::mt19937 random(5);
    std::string chinese, letters, blob;
    while (chinese.size() < 20'000) {
        const char32_t point = 0x4E00 + static_cast<char32_t>(random() % 0x5000);
        chinese += {static_cast<char>(0xE0 | (point >> 12)), static_cast<char>(0x80 | ((point >> 6) & 0x3F)),
                    static_cast<char>(0x80 | (point & 0x3F))};
        if (random() % 12 == 0) chinese += "，";
    }
    while (blob.size() < 20'000) blob += "ABCDEFGHabcdefgh0123456789+/"[random() % 28];
    const std::vector<std::pair<std::string, std::string>> texts{
        {"prose", proseOf(60'000)},
        {"Chinese without a line end", chinese},
        {"one letter", std::string(20'000, 'a')},
        {"spaces", std::string(9'000, ' ') + "x" + std::string(9'000, ' ')},
        {"letters and digits", blob},
        {"short", "ab"},
        {"nothing", ""}};
    for (const Named& one : tokenizers()) {
        CAPTURE(one.name);
        bool cut = false;
        for (const auto& [name, text] : texts) {
            CAPTURE(name);
            const auto whole = one.tokenizer->encode(text, {.addSpecial = false});
            REQUIRE(whole);
            for (const std::size_t window : {400, 3'000, 17'000}) {
                CAPTURE(window);
                const auto counted = countTokens(*one.tokenizer, text, {}, window);
                REQUIRE(counted);
                CHECK(counted->tokens == static_cast<std::int64_t>(whole->tokens.size()));
                if (name == "prose" && window == 3'000) cut = counted->pieces > 10;
            }
        }
        CHECK(cut);  // and it was in pieces, not all at once
    }
}

TEST_CASE("counting stops when it is asked to") {
    const auto tokenizer = loadTokenizer("bytes");
    REQUIRE(tokenizer);
    std::stop_source stop;
    stop.request_stop();
    const auto counted = countTokens(**tokenizer, "abc", {stop.get_token(), {}});
    REQUIRE(!counted);
    CHECK(counted.error().kind == ErrorKind::Cancelled);
}
