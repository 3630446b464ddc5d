// SentencePiece's files: its own ids for the model that comes with the program, files written here, and files that lie.
#include "core/formats/sentencepiece_model.h"

#include <random>

#include <nlohmann/json.hpp>

#include "core/text/gguf_vocabulary.h"
#include "tests/catch.h"
#include "tests/core/formats/gguf_bytes.h"
#include "tests/core/formats/hostile.h"
#include "tests/core/text/files.h"

using namespace lw;
using namespace lw::test;

namespace {

std::string botchan() { return resource("botchan-1k.model"); }

std::shared_ptr<const Tokenizer> make(const std::string& bytes, const SentencePieceExtras& extras = {}) {
    const auto file = readSentencePieceModel(bytes, "the file");
    if (!file) FAIL(file.error().message);
    auto made = tokenizerFromSentencePiece(*file, "the file", extras);
    if (!made) FAIL(made.error().message);
    return *made;
}

Result<std::shared_ptr<const Tokenizer>> open(const std::string& bytes) {
    const auto file = readSentencePieceModel(bytes, "the file");
    if (!file) return Unexpected(file.error());
    return tokenizerFromSentencePiece(*file, "the file");
}

std::string varint(std::uint64_t value) {
    std::string out;
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
    out.push_back(static_cast<char>(value));
    return out;
}

std::string bytesField(int number, const std::string& bytes) {
    return varint(static_cast<std::uint64_t>(number) << 3 | 2) + varint(bytes.size()) + bytes;
}
std::string numberField(int number, std::uint64_t value) {
    return varint(static_cast<std::uint64_t>(number) << 3) + varint(value);
}
std::string piece(const std::string& text, float score, int type = 1) {
    return bytesField(
        1, bytesField(1, text) + varint(2 << 3 | 5) + bytesOf(score) + numberField(3, static_cast<std::uint64_t>(type)));
}

/// <unk> <s> </s> and some letters that merge; `trainer` and `normalizer` are more fields of those messages.
std::string letters(int model, const std::string& trainer = {}, const std::string& normalizer = {}) {
    std::string file = piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3);
    float score = 0;
    for (const char* text : {"ab", "▁a", "▁ab", "▁", "a", "b"}) file += piece(text, score -= 1);
    return file + bytesField(2, numberField(3, static_cast<std::uint64_t>(model)) + trainer) + bytesField(3, normalizer);
}

std::vector<std::string> entries(const Tokenizer& tokenizer, const std::string& text) {
    const auto encoding = tokenizer.encode(text);
    REQUIRE(encoding);
    std::vector<std::string> out;
    for (const Token& token : encoding->tokens) out.emplace_back(tokenizer.entry(token.id));
    return out;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a Unigram model gives SentencePiece's ids and pieces") {
    const auto tokenizer = make(botchan());
    CHECK(tokenizer->kind() == "SentencePiece Unigram");
    CHECK(tokenizer->size() == 1000);
    CHECK(!tokenizer->bos());
    CHECK(tokenizer->ends() == std::vector<TokenId>{2});
    const auto golden = nlohmann::json::parse(reference("sentencepiece/botchan.json"));
    REQUIRE(golden["cases"].size() == 54);
    for (const auto& one : golden["cases"]) {
        const std::string text = one["text"];
        CAPTURE(text);
        const auto encoding = tokenizer->encode(text);
        REQUIRE(encoding);
        CHECK(encoding->ids() == one["ids"].get<std::vector<TokenId>>());
        const auto pieces = one["pieces"].get<std::vector<std::string>>();
        REQUIRE(pieces.size() == encoding->tokens.size());
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            const Token& token = encoding->tokens[i];
            if (token.id != 0) CHECK(tokenizer->entry(token.id) == pieces[i]);
            CHECK(token.from <= token.to);
            CHECK(token.to <= static_cast<std::int64_t>(text.size()));
        }
    }
    CHECK(tokenizer->decode({283, 927}) == std::string("No translation").substr(0, tokenizer->decode({283, 927})->size()));
    CHECK(make(botchan(), {.addBos = true, .addEos = true})->encode("a")->ids().front() == 1);
    CHECK(make(botchan(), {.addBos = true, .addEos = true})->encode("a")->ids().back() == 2);
}

TEST_CASE("the same model as a GGUF file holds it") {
    const auto file = readSentencePieceModel(botchan(), "the file");
    REQUIRE(file);
    GgufVocabulary vocabulary;
    vocabulary.model = "t5";
    for (const auto& one : file->pieces) {
        vocabulary.tokens.push_back(one.text);
        vocabulary.scores.push_back(one.score);
        vocabulary.types.push_back(one.type);
    }
    vocabulary.unknown = 0;
    vocabulary.eos = 2;
    vocabulary.charsMap = file->charsMap;
    vocabulary.addSpacePrefix = file->addDummyPrefix;
    vocabulary.removeExtraSpaces = file->removeExtraSpaces;
    vocabulary.addEos = false;
    const auto made = tokenizerFromGguf(vocabulary, "the file");
    REQUIRE(made);
    const auto golden = nlohmann::json::parse(reference("sentencepiece/botchan.json"));
    for (const auto& one : golden["cases"])
        CHECK((*made)->encode(one["text"].get<std::string>())->ids() == one["ids"].get<std::vector<TokenId>>());
}

TEST_CASE("Llama 2's model gives SentencePiece's ids and texts") {
    const auto bytes = shared("kitoken-vectors/llama2.model");
    if (!bytes) {
        WARN("skipped: Llama 2's vocabulary is not here");
        return;
    }
    const auto tokenizer = make(*bytes);
    CHECK(tokenizer->kind() == "SentencePiece BPE");
    const std::string vectors = "kitoken-vectors/";
    const auto lines = splitAt(*shared(vectors + "mixed_input.txt"), "\n");
    const auto ids = splitAt(*shared(vectors + "sentencepiece/mixed_tokens_llama2.txt"), "\n");
    REQUIRE(lines.size() == ids.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        CAPTURE(lines[i]);
        CHECK(tokenizer->encode(lines[i])->ids() == numbers(ids[i]));
    }
    const auto whole = numbers(*shared(vectors + "sentencepiece/utf8_tokens_llama2.txt"));
    CHECK(tokenizer->encode(*shared(vectors + "utf8_input.txt"))->ids() == whole);
    CHECK(tokenizer->decode(whole) == *shared(vectors + "sentencepiece/utf8_output_llama2.txt"));
}

TEST_CASE("the four kinds of model") {
    CHECK(entries(*make(letters(2)), "abab b") == Texts{"▁ab", "ab", "▁", "b"});  // ab, ab, then ▁ab
    CHECK(entries(*make(letters(1)), "abab") == Texts{"▁ab", "ab"});              // the most probable
    CHECK(entries(*make(letters(4)), "ab") == Texts{"▁", "a", "b"});
    CHECK(entries(*make(letters(3)), "ab ba") == Texts{"▁ab", "<unk>"});
    CHECK(make(letters(2))->decode({6, 3, 6, 8}) == std::string("ab b"));
    CHECK(make(letters(2))->decode({0}) == std::string(" \xE2\x81\x87 "));
    CHECK(entries(*make(letters(2)), "axxb") == Texts{"▁a", "<unk>", "b"});
    CHECK(entries(*make(letters(2, numberField(24, 1))), "a b") == Texts{"a", "▁", "b", "▁"});  // spaces behind
    CHECK(entries(*make(letters(2, {}, numberField(3, 0))), "ab") == Texts{"ab"});              // nothing in front
    CHECK(entries(*make(letters(2, {}, numberField(4, 0))), " b") == Texts{"▁", "▁", "b"});
    CHECK(entries(*make(letters(2) + piece("[user]", 0, 4)), "a[user]b") == Texts{"▁a", "[user]", "b"});
    const EncodeOptions parse{.parseSpecial = true};
    CHECK(make(letters(2))->encode("b</s>", parse)->ids() == std::vector<TokenId>{6, 8, 2});
}

TEST_CASE("tokenizer_config.json may ask for more") {
    const auto extras = [](const std::string& text) { return sentencePieceExtras(text, "the config"); };
    CHECK(!extras("")->addBos);
    CHECK(extras(R"({"add_bos_token": true})")->addBos);
    CHECK(extras(R"({"tokenizer_class": "LlamaTokenizerFast"})")->addBos);
    CHECK(!extras(R"({"tokenizer_class": "LlamaTokenizer", "add_bos_token": false})")->addBos);
    CHECK(extras(R"({"tokenizer_class": "T5Tokenizer"})")->addEos);
    CHECK(extras("{").error().message.find("the config is not valid JSON") == 0);
    CHECK(extras(R"({"add_bos_token": 1})").error().message.find("add_bos_token of the config") == 0);
}

TEST_CASE("what contradicts itself is named") {
    const auto message = [](const std::string& bytes) {
        const auto made = open(bytes);
        return made ? "it was accepted" : made.error().message;
    };
    CHECK(message(letters(2)) == "it was accepted");
    CHECK(message("") == "the file is not a SentencePiece model: it has no pieces.");
    CHECK(message(piece("a", 0)) == "the file has no unknown piece.");
    CHECK(message(letters(2) + piece("<unk2>", 0, 2)).find("has two unknown pieces: 0 and 9") != std::string::npos);
    CHECK(message(letters(2) + piece("a", 0)).find("twice") != std::string::npos);
    CHECK(message(letters(2) + piece("", 0)).find("has an empty piece (id 9)") != std::string::npos);
    CHECK(message(letters(2) + piece("\xFF", 0)).find("no UTF-8") != std::string::npos);
    CHECK(message(letters(2) + piece("x", 0, 9)).find("gives piece 9 the unknown type 9") != std::string::npos);
    CHECK(message(letters(2) + piece("x", 0, 6)).find("calls piece 9 a byte, which is spelled \"x\"") != std::string::npos);
    CHECK(message(letters(2) + piece("x", std::nanf(""))).find("not a number") != std::string::npos);
    CHECK(message(letters(1) + piece("x", std::nanf(""))).find("not a number") != std::string::npos);
    CHECK(message(letters(7)).find("The model type 7 of the file is not known") == 0);
    CHECK(message(letters(2, numberField(35, 1))).find("asks for byte_fallback and has 0 of 256 byte pieces") !=
          std::string::npos);
    CHECK(message(letters(2, numberField(42, 50))).find("trainer_spec.eos_id of the file is 50, but there are 9 pieces") == 0);
    CHECK(message(letters(2, numberField(41, ~std::uint64_t{0}))) == "it was accepted");  // -1: no BOS
    CHECK(message(letters(2, {}, bytesField(2, "abc"))).find("table of normalized characters") != std::string::npos);
    CHECK(message(letters(2, {}, bytesField(2, bytesOf<std::uint32_t>(400) + "abcd")))
              .find("gives its trie 400 bytes, but 4 are there") != std::string::npos);
}

TEST_CASE("broken bytes are refused soon and without much memory") {
    const auto refused = [](const std::string& bytes, const std::string& word) {
        checkRefused(word, "the file", word, bytes.size(), [&] { return readSentencePieceModel(bytes, "the file"); });
    };
    refused(
        "\x0A\xFF\xFF\xFF\xFF\x0F"
        "abc",
        "begins a field of 4294967295 bytes, but 3 are left");
    refused(std::string("\x0A\x05\x0A\x7F\x61\x62\x63", 7), "begins a field of 127 bytes, but 3 are left");
    refused("\x0A", "should go on with a number, but the message ends");
    refused("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "more than 64 bits");
    refused("\x0B", "unknown wire type 3");
    refused(std::string("\x02\x00", 2), "field with the number 0");
    refused("\x0D\x01", "begins a number of 4 bytes, but 1 are left");
    const std::string good = letters(2);
    CHECK(looksLikeSentencePiece(good));
    CHECK(looksLikeSentencePiece(botchan()));
    CHECK(!looksLikeSentencePiece(""));
    CHECK(!looksLikeSentencePiece("{\"a\": 1}"));
    CHECK(!looksLikeSentencePiece("\n\n{\"a\": 1}"));
    CHECK(!looksLikeSentencePiece("IQ== 0\n"));
    for (std::size_t length = 0; length < good.size(); ++length) (void)open(good.substr(0, length));
}

TEST_CASE("thousands of damaged models give a tokenizer or an error") {
    const std::string good =
        letters(1, numberField(35, 0), bytesField(2, bytesOf<std::uint32_t>(8) + std::string("12345678abc\0", 12)));
    const std::string real = botchan();
    std::mt19937 random(99);
    int opened = 0;
    for (int round = 0; round < 4000; ++round) {
        std::string bytes = round % 4 == 0 ? real : good;
        const bool everywhere = round % 8 == 4;  // else near the end, where the settings are
        for (int i = 0; i <= round % 3; ++i) {
            const std::size_t most = everywhere ? bytes.size() : std::min<std::size_t>(bytes.size(), 300);
            const std::size_t at = bytes.size() - most + random() % most;
            if (random() % 2 == 0)
                bytes[at] = static_cast<char>(random() % 256);
            else
                bytes.erase(at, 1 + random() % 5);
            if (bytes.size() < 20) break;
        }
        const auto made = open(bytes);
        if (!made) {
            if (made.error().message.find("the file") == std::string::npos) FAIL(made.error().message);
            continue;
        }
        ++opened;
        const auto encoding = (*made)->encode("ab Ünïcödé ﬁ ① 日本 a</s>", {.parseSpecial = true, .recordSteps = true});
        if (encoding) (void)(*made)->decode(encoding->ids());
    }
    CHECK(opened > 100);
}
