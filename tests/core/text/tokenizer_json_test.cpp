// tokenizer.json against the `tokenizers` library: ids and decoded text of 39 hard texts in six kinds of file.
#include "core/text/tokenizer_json.h"

#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/cpu_seconds.h"
#include "tests/core/text/files.h"

using namespace lw;
using nlohmann::json;

namespace {

std::shared_ptr<const Tokenizer> load(const std::string& text, const std::string& config = {}) {
    auto made = tokenizerFromJson(text, "a test", config);
    if (!made) FAIL(made.error().message);
    return *made;
}

std::shared_ptr<const Tokenizer> loadKind(const std::string& kind) {
    return load(test::reference("json-kinds/" + kind + ".json"));
}

std::vector<std::string> texts() {
    std::vector<std::string> all;
    for (const auto& one : json::parse(test::reference("json-kinds/cases.json"))) all.push_back(one["text"]);
    return all;
}

}  // namespace

TEST_CASE("ids and decoded texts are the library's") {
    const json cases = json::parse(test::reference("json-kinds/cases.json"));
    REQUIRE(cases.size() == 39);
    for (const std::string kind : {"gpt2-like", "qwen-like", "llama-like", "smollm-like", "t5-like", "bert-like"}) {
        const auto tokenizer = loadKind(kind);
        EncodeOptions options;
        options.parseSpecial = true;
        for (const auto& one : cases) {
            CAPTURE(kind, one["text"].get<std::string>());
            const auto encoding = tokenizer->encode(one["text"].get<std::string>(), options);
            REQUIRE(encoding);
            CHECK(encoding->ids() == one["ids"][kind].get<std::vector<TokenId>>());
            CHECK(tokenizer->decode(encoding->ids()) == one["decoded"][kind].get<std::string>());
        }
    }
}

TEST_CASE("byte-level tokens cover the text byte by byte and give it back") {
    for (const std::string kind : {"gpt2-like", "smollm-like", "qwen-like"}) {
        const auto tokenizer = loadKind(kind);
        for (const std::string& text : texts()) {
            CAPTURE(kind, text);
            const auto encoding = tokenizer->encode(text);
            REQUIRE(encoding);
            std::int64_t at = 0;
            std::string bytes;
            for (const Token& token : encoding->tokens) {
                if (kind != "qwen-like") {  // NFC: tokens of one changed character share its range
                    CHECK(token.from == at);
                    CHECK(tokenizer->bytes(token.id) ==
                          text.substr(static_cast<std::size_t>(token.from), static_cast<std::size_t>(token.to - token.from)));
                } else {
                    CHECK(token.from <= at);
                }
                CHECK(token.from < token.to);
                at = token.to;
                bytes += tokenizer->bytes(token.id);
            }
            CHECK(at == static_cast<std::int64_t>(text.size()));
            CHECK(tokenizer->decode(encoding->ids()) == bytes);
            if (kind != "qwen-like") CHECK(bytes == text);
        }
    }
}

TEST_CASE("only byte-level files that change nothing promise the text back") {
    CHECK(loadKind("gpt2-like")->keepsText());
    CHECK(loadKind("smollm-like")->keepsText());
    for (const std::string kind : {"qwen-like", "llama-like", "t5-like", "bert-like"}) CHECK(!loadKind(kind)->keepsText());
    json file = json::parse(test::reference("json-kinds/gpt2-like.json"));
    file["added_tokens"][0]["rstrip"] = true;
    CHECK(!load(file.dump())->keepsText());
    file = json::parse(test::reference("json-kinds/gpt2-like.json"));
    file["pre_tokenizer"]["add_prefix_space"] = true;
    CHECK(!load(file.dump())->keepsText());
}

TEST_CASE("offsets go through normalization to the original") {
    const auto qwen = loadKind("qwen-like");
    const auto composed = qwen->encode("cafe\u0301 x");
    REQUIRE(composed);
    bool accent = false;
    for (const Token& token : composed->tokens) accent = accent || (token.from <= 3 && token.to == 6);
    CHECK(accent);
    const auto llama = loadKind("llama-like");
    const auto spaced = llama->encode("x é");
    REQUIRE(spaced);
    REQUIRE(spaced->tokens.size() == 5);  // ▁ x ▁ <0xC3> <0xA9>
    const auto range = [&](std::size_t i) { return std::pair(spaced->tokens[i].from, spaced->tokens[i].to); };
    CHECK(range(0) == std::pair<std::int64_t, std::int64_t>(0, 0));
    CHECK(range(1) == std::pair<std::int64_t, std::int64_t>(0, 1));
    CHECK(range(2) == std::pair<std::int64_t, std::int64_t>(1, 2));
    CHECK(range(3) == std::pair<std::int64_t, std::int64_t>(2, 3));
    CHECK(range(4) == std::pair<std::int64_t, std::int64_t>(3, 4));
}

TEST_CASE("special tokens in a text are parsed only if asked for") {
    const auto tokenizer = loadKind("gpt2-like");
    EncodeOptions parse;
    parse.parseSpecial = true;
    const auto as = [&](const EncodeOptions& options) { return tokenizer->encode("a<|endoftext|>b", options)->ids(); };
    CHECK(as(parse).size() == 3);
    CHECK(as(parse)[1] == 0);
    CHECK(as({}).size() > 3);
    CHECK(tokenizer->isSpecial(0));
    CHECK(!tokenizer->isSpecial(1));
    CHECK(!tokenizer->isSpecial(-1));
    CHECK(!tokenizer->isSpecial(tokenizer->size()));
    CHECK(tokenizer->bytes(0) == "<|endoftext|>");
}

TEST_CASE("pieces by themselves") {
    const auto llama = loadKind("llama-like");
    CHECK(llama->kind() == "SentencePiece BPE");
    CHECK(llama->entry(3) == "<0x00>");
    CHECK(llama->bytes(3) == std::string(1, '\0'));
    CHECK(!llama->isSpecial(3));  // a byte, although the file lists it among the special tokens
    CHECK(llama->isSpecial(1));
    CHECK(llama->bytes(318) == " ");
    CHECK(llama->entry(318) == "▁");
    CHECK(llama->entry(-1).empty());
    CHECK(llama->bytes(1'000'000).empty());
    const auto gpt2 = loadKind("gpt2-like");
    CHECK(gpt2->kind() == "byte-level BPE");
    std::string bytes;
    for (TokenId id = 1; id <= 256; ++id) bytes += gpt2->bytes(id);
    CHECK(bytes.size() == 256);
}

TEST_CASE("ids outside the vocabulary are named") {
    const auto tokenizer = loadKind("gpt2-like");
    for (const TokenId id : {-1, tokenizer->size(), 2147483647}) {
        const auto text = tokenizer->decode({1, id});
        REQUIRE(!text);
        CHECK(text.error().message.find(std::to_string(id)) != std::string::npos);
        CHECK(text.error().message.find(std::to_string(tokenizer->size())) != std::string::npos);
    }
    CHECK(tokenizer->decode({}) == std::string());
}

TEST_CASE("text that is not UTF-8 is refused with the byte's place") {
    const auto tokenizer = loadKind("gpt2-like");
    const auto encoding = tokenizer->encode("caf\xE9 x");
    REQUIRE(!encoding);
    CHECK(encoding.error().message.find("byte 3 (0xE9)") != std::string::npos);
    CHECK(tokenizer->encode("")->tokens.empty());
}

TEST_CASE("merges are recorded in order and end at the tokens") {
    for (const std::string kind : {"gpt2-like", "llama-like"}) {
        const auto tokenizer = loadKind(kind);
        EncodeOptions options;
        options.recordSteps = true;
        const std::string text = "The little girl's dog, the dog";
        const auto encoding = tokenizer->encode(text, options);
        REQUIRE(encoding);
        CHECK(encoding->ids() == tokenizer->encode(text)->ids());
        CHECK(!encoding->steps.merges.empty());
        CHECK(tokenizer->encode(text)->steps.merges.empty());
        std::int64_t word = 0;
        for (std::size_t i = 0; i < encoding->steps.merges.size(); ++i) {
            const Merge& merge = encoding->steps.merges[i];
            CHECK(merge.word >= word);
            word = merge.word;
            CHECK(std::find(merge.after.begin(), merge.after.end(), merge.left + merge.right) != merge.after.end());
            const bool last = i + 1 == encoding->steps.merges.size() || encoding->steps.merges[i + 1].word != merge.word;
            if (!last) CHECK(encoding->steps.merges[i + 1].after.size() == merge.after.size() - 1);
            if (!last || kind != "llama-like") continue;
            std::vector<std::string> entries;  // the whole text is one word
            for (const TokenId id : encoding->ids()) entries.emplace_back(tokenizer->entry(id));
            CHECK(merge.after == entries);
        }
    }
}

TEST_CASE("what is put in front and behind comes from the post-processor, else from the configuration") {
    json file = json::parse(test::reference("json-kinds/llama-like.json"));
    const std::string config =
        R"({"bos_token": {"content": "<s>"}, "eos_token": "</s>", "add_bos_token": true, "add_eos_token": false})";
    const auto ids = [](const Tokenizer& tokenizer, bool addSpecial = true) {
        EncodeOptions options;
        options.addSpecial = addSpecial;
        return tokenizer.encode("a", options)->ids();
    };
    const auto none = load(file.dump());
    CHECK(ids(*none) == std::vector<TokenId>{318, 288});
    CHECK(!none->bos());

    const auto byConfig = load(file.dump(), config);
    CHECK(ids(*byConfig) == std::vector<TokenId>{1, 318, 288});
    CHECK(ids(*byConfig, false) == std::vector<TokenId>{318, 288});
    CHECK(byConfig->bos() == 1);
    CHECK(byConfig->ends() == std::vector<TokenId>{2});
    const auto encoding = byConfig->encode("a");
    CHECK(encoding->tokens[0].from == 0);
    CHECK(encoding->tokens[0].to == 0);

    const auto without = load(file.dump(), R"({"bos_token": "<s>", "eos_token": null})");
    CHECK(ids(*without) == std::vector<TokenId>{318, 288});
    CHECK(without->ends().empty());

    const json special = {{"</s>", {{"id", "</s>"}, {"ids", {2}}, {"tokens", {"</s>"}}}}};
    const json text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}, end = {{"SpecialToken", {{"id", "</s>"}, {"type_id", 0}}}};
    file["post_processor"] = {
        {"type", "TemplateProcessing"}, {"single", {text, end}}, {"pair", json::array()}, {"special_tokens", special}};
    const auto byTemplate = load(file.dump(), config);
    CHECK(ids(*byTemplate) == std::vector<TokenId>{318, 288, 2});  // the post-processor has spoken
    CHECK(!byTemplate->bos());
    CHECK(byTemplate->ends() == std::vector<TokenId>{2});

    file["post_processor"] = {{"type", "Sequence"}, {"processors", {{{"type", "ByteLevel"}}, file["post_processor"]}}};
    CHECK(ids(*load(file.dump())) == std::vector<TokenId>{318, 288, 2});
    file["post_processor"] = {{"type", "ByteLevel"}, {"trim_offsets", true}};
    CHECK(ids(*load(file.dump(), config)) == std::vector<TokenId>{1, 318, 288});
    file["post_processor"] = {{"type", "RobertaProcessing"}, {"cls", {"<s>", 1}}, {"sep", {"</s>", 2}}};
    CHECK(ids(*load(file.dump())) == std::vector<TokenId>{1, 318, 288, 2});
}

TEST_CASE("added tokens are found but never made of characters") {
    json file = json::parse(test::reference("json-kinds/gpt2-like.json"));
    const int size = static_cast<int>(file["model"]["vocab"].size());
    file["added_tokens"].push_back({{"id", size}, {"content", "Zürich"}, {"special", false}, {"normalized", false}});
    file["added_tokens"].push_back({{"id", size + 5}, {"content", "zz"}, {"special", false}, {"normalized", true}});
    file["normalizer"] = {{"type", "Lowercase"}};
    const auto tokenizer = load(file.dump());
    CHECK(tokenizer->size() == size + 6);
    CHECK(tokenizer->encode("Zürich")->ids() == std::vector<TokenId>{size});
    CHECK(tokenizer->encode("ZZ")->ids() == std::vector<TokenId>{size + 5});
    CHECK(tokenizer->encode("zürich")->ids().size() > 1);
    CHECK(tokenizer->bytes(size) == "Zürich");
    const auto hole = tokenizer->decode({size + 1});
    REQUIRE(!hole);
    CHECK(hole.error().message.find("no entry") != std::string::npos);
}

TEST_CASE("merges may be written as lines") {
    json file = json::parse(test::reference("json-kinds/gpt2-like.json"));
    for (auto& merge : file["model"]["merges"]) merge = merge[0].get<std::string>() + " " + merge[1].get<std::string>();
    const auto lines = load(file.dump()), pairs = loadKind("gpt2-like");
    for (const std::string& text : texts()) CHECK(lines->encode(text)->ids() == pairs->encode(text)->ids());
}

TEST_CASE("long texts take no time that grows with their square") {
    const std::string sentence = "The little girl's dog wasn't there. 從前有一隻小貓 12345 ";
    std::string words, oneWord(200'000, 'x');
    while (words.size() < 200'000) words += sentence;
    for (const std::string kind : {"gpt2-like", "llama-like", "qwen-like", "t5-like", "bert-like"}) {
        const auto tokenizer = loadKind(kind);
        for (const std::string& text : {words, oneWord}) {
            const double begin = test::cpuSeconds();
            REQUIRE(tokenizer->encode(text));
            const double seconds = test::cpuSeconds() - begin;
            CAPTURE(kind, seconds);
            CHECK(seconds < 20);  // 0.2 s; what compares every pair of 200,000 letters takes many minutes
        }
    }
}
