#include "core/text/gguf_vocabulary.h"

#include <functional>

#include <nlohmann/json.hpp>

#include "core/text/byte_alphabet.h"
#include "core/text/tokenizer_json.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;

namespace {

/// All bytes, then "ab", " ab" and two marks.
GgufVocabulary byteLevel() {
    GgufVocabulary file;
    file.model = "gpt2";
    file.pre = "gpt-2";
    for (int byte = 0; byte < 256; ++byte) file.tokens.push_back(std::string(byteLetter(static_cast<unsigned char>(byte))));
    file.tokens.insert(file.tokens.end(), {"ab", "Ġab", "<|end|>", "[user]"});
    file.merges = {"a b", "Ġ ab"};
    file.types.assign(256 + 2, 1);
    file.types.insert(file.types.end(), {3, 4});
    file.eos = 258;
    return file;
}

GgufVocabulary sentencePiece() {
    GgufVocabulary file;
    file.model = "llama";
    file.tokens = {"<unk>", "<s>", "</s>"};
    file.types = {2, 3, 3};
    file.scores = {0, 0, 0};
    for (int byte = 0; byte < 256; ++byte) {
        char spelling[8];
        std::snprintf(spelling, sizeof spelling, "<0x%02X>", byte);
        file.tokens.push_back(spelling);
        file.types.push_back(6);
        file.scores.push_back(0);
    }
    for (const char* piece : {"▁", "a", "b", "▁a", "ab", "▁ab", "[user]"}) {
        file.tokens.push_back(piece);
        file.types.push_back(std::string(piece) == "[user]" ? 4 : 1);
        file.scores.push_back(-static_cast<float>(file.tokens.size()));
    }
    return file;
}

std::shared_ptr<const Tokenizer> make(const GgufVocabulary& file) {
    auto made = tokenizerFromGguf(file, "the file");
    if (!made) FAIL(made.error().message);
    return *made;
}

std::string message(const GgufVocabulary& file) {
    const auto made = tokenizerFromGguf(file, "the file");
    return made ? "it was accepted" : made.error().message;
}

EncodeOptions parsing() {
    EncodeOptions options;
    options.parseSpecial = true;
    return options;
}

using Ids = std::vector<TokenId>;

}  // namespace

TEST_CASE("a byte-level vocabulary") {
    GgufVocabulary file = byteLevel();
    const auto tokenizer = make(file);
    CHECK(tokenizer->kind() == "byte-level BPE");
    CHECK(tokenizer->encode("ab ab")->ids() == Ids{256, 257});
    CHECK(tokenizer->encode("é")->ids() == Ids{0xC3, 0xA9});
    CHECK(tokenizer->encode("<|end|>")->ids().size() == 7);
    CHECK(tokenizer->encode("a<|end|>", parsing())->ids() == Ids{'a', 258});
    CHECK(tokenizer->encode("a[user]")->ids() == Ids{'a', 259});  // user-defined tokens need no asking
    CHECK(tokenizer->isSpecial(258));
    CHECK(!tokenizer->isSpecial(259));
    CHECK(tokenizer->ends() == Ids{258});
    CHECK(!tokenizer->bos());
    CHECK(tokenizer->decode({257, 258, 0xC3}) == std::string(" ab<|end|>\uFFFD"));
    CHECK(tokenizer->bytes(257) == " ab");

    file.eot = 258;
    CHECK(make(file)->ends() == Ids{258});
    file.eos.reset();
    file.eot = 259;
    file.bos = 258;
    CHECK(make(file)->ends() == Ids{259});
    CHECK(make(file)->encode("a")->ids() == Ids{'a'});
    file.addBos = true;
    CHECK(make(file)->encode("a")->ids() == Ids{258, 'a'});
    CHECK(make(file)->bos() == 258);
    file.pre = "llama-bpe";
    file.addBos.reset();
    CHECK(make(file)->encode("a")->ids() == Ids{258, 'a'});  // these models are used with BOS
    file.addBos = false;
    CHECK(make(file)->encode("a")->ids() == Ids{'a'});
    file.bos = 4294967295;
    file.addBos = true;
    CHECK(make(file)->encode("a")->ids() == Ids{'a'});
    file.pre.clear();
    CHECK(make(file)->encode("ab ab")->ids() == Ids{256, 257});  // read as "default"
}

TEST_CASE("a SentencePiece vocabulary") {
    GgufVocabulary file = sentencePiece();
    const auto tokenizer = make(file);
    const TokenId space = 259, a = 260, spaceA = 262, spaceAb = 264, user = 265;
    CHECK(tokenizer->kind() == "SentencePiece BPE");
    CHECK(tokenizer->bos() == 1);
    CHECK(tokenizer->ends() == Ids{2});
    CHECK(tokenizer->encode("ab a")->ids() == Ids{1, spaceAb, spaceA});
    CHECK(tokenizer->encode("")->ids() == Ids{1});
    EncodeOptions bare;
    bare.addSpecial = false;
    CHECK(tokenizer->encode("", bare)->ids().empty());
    CHECK(tokenizer->encode(" ", bare)->ids() == Ids{space, space});
    CHECK(tokenizer->encode("é", bare)->ids() == Ids{space, 3 + 0xC3, 3 + 0xA9});
    CHECK(tokenizer->encode("a[user]a", bare)->ids() == Ids{spaceA, user, spaceA});  // a space after a token, too
    CHECK(tokenizer->encode("a</s>", parsing())->ids() == Ids{1, spaceA, 2});
    CHECK(tokenizer->decode({spaceAb, space, a}) == std::string("ab a"));
    CHECK(tokenizer->decode({1, spaceAb}) == std::string("<s> ab"));
    CHECK(tokenizer->decode({3 + 0xC3, 3 + 0xA9}) == std::string("é"));
    CHECK(tokenizer->bytes(spaceAb) == " ab");
    CHECK(tokenizer->bytes(3 + 0xC3) == "\xC3");
    const auto offsets = tokenizer->encode("ab é");
    REQUIRE(offsets->tokens.size() == 5);
    CHECK(offsets->tokens[1].to == 2);
    CHECK(offsets->tokens[3].from == 3);
    CHECK(offsets->tokens[4].to == 5);

    GgufVocabulary old = file;
    old.types.clear();
    CHECK(make(old)->encode("ab")->ids() == Ids{1, spaceAb});

    file.addSpacePrefix = false;
    file.addBos = false;
    CHECK(make(file)->encode("ab a")->ids() == Ids{263, spaceA});
    CHECK(!make(file)->bos());
    file.addEos = true;
    CHECK(make(file)->encode("a")->ids() == Ids{a, 2});
}

TEST_CASE("a WordPiece vocabulary marks words' beginnings and gives the ids of the same vocabulary as tokenizer.json") {
    const auto file = nlohmann::json::parse(test::reference("json-kinds/bert-like.json"));
    const auto wanted = tokenizerFromJson(file.dump(), "bert-like");
    REQUIRE(wanted);
    GgufVocabulary made;
    made.model = "bert";
    made.tokens.resize(file["model"]["vocab"].size());
    made.types.assign(made.tokens.size(), 1);
    for (const auto& [entry, id] : file["model"]["vocab"].items()) {
        const bool special = entry.starts_with('[') && entry.ends_with(']') && entry.size() > 2;
        const auto at = id.get<std::size_t>();
        made.tokens[at] = special ? entry : entry.starts_with("##") && entry.size() > 2 ? entry.substr(2) : "▁" + entry;
        if (special) made.types[at] = 3;
    }
    const auto tokenizer = make(made);
    CHECK(tokenizer->kind() == "WordPiece");
    EncodeOptions bare;
    bare.addSpecial = false;
    std::vector<std::string> texts = test::ggmlTexts();
    for (const auto& one : nlohmann::json::parse(test::reference("json-kinds/cases.json"))) texts.push_back(one["text"]);
    for (const std::string& text : texts) {
        CAPTURE(text);
        CHECK(tokenizer->encode(text, bare)->ids() == (*wanted)->encode(text, bare)->ids());
    }
    const auto id = [&](const char* name) { return file["model"]["vocab"][name].get<TokenId>(); };
    const Ids whole = tokenizer->encode("the girl")->ids();
    CHECK(whole.front() == id("[CLS]"));
    CHECK(whole.back() == id("[SEP]"));
    CHECK(tokenizer->bos() == id("[CLS]"));
    CHECK(tokenizer->encode("\u2603", bare)->ids() == Ids{id("[UNK]")});
    CHECK(tokenizer->decode(tokenizer->encode("the girl", bare)->ids()) == std::string("the girl"));
    made.separator = 1'000'000;
    CHECK(message(made).find("seperator_token_id of the file is 1000000") != std::string::npos);
}

TEST_CASE("a Unigram vocabulary") {
    GgufVocabulary file;
    file.model = "t5";
    file.tokens = {"<pad>", "</s>", "<unk>", "▁", "a", "b", "▁ab", "ab"};
    file.types = {3, 3, 2, 1, 1, 1, 1, 1};
    file.scores = {0, 0, 0, -2, -3, -3, -2.5, -4};
    const auto tokenizer = make(file);
    CHECK(tokenizer->kind() == "SentencePiece Unigram");
    CHECK(tokenizer->encode("ab")->ids() == Ids{6, 1});  // EOS behind
    CHECK(tokenizer->encode("abab")->ids() == Ids{6, 7, 1});
    CHECK(tokenizer->encode("axxb")->ids() == Ids{3, 4, 2, 5, 1});
    CHECK(tokenizer->decode({6, 7}) == std::string("abab"));
    file.types.clear();
    CHECK(make(file)->encode("ab")->ids() == Ids{6, 1});
    file.addEos = false;
    file.addSpacePrefix = false;
    CHECK(make(file)->encode("ab")->ids() == Ids{7});
    file.scores.pop_back();
    CHECK(message(file).find("scores of the file has 7 entries, but there are 8") != std::string::npos);
    file.scores.clear();
    CHECK(message(file).find("no tokenizer.ggml.scores") != std::string::npos);
}

TEST_CASE("RWKV's vocabulary, its tokens written as Python writes bytes") {
    GgufVocabulary file;
    file.model = "rwkv";
    file.tokens = {"<s>"};
    for (int byte = 0; byte < 256; ++byte) {
        char spelling[8];
        std::snprintf(spelling, sizeof spelling, "\\x%02x", byte);
        file.tokens.push_back(byte == '\n'              ? "\\n"
                              : byte == '\\'            ? "\\\\"
                              : byte > 32 && byte < 127 ? std::string(1, static_cast<char>(byte))
                                                        : spelling);
    }
    file.tokens.insert(file.tokens.end(), {"ab", "abc", "\\xe4\\xbd", "\\xe4\\xbd\\xa0", "[PAD261]"});
    file.types.assign(file.tokens.size(), 1);
    file.types.front() = 3;
    file.types.back() = 5;
    const auto tokenizer = make(file);
    CHECK(tokenizer->kind() == "longest match");
    CHECK(tokenizer->keepsText());
    CHECK(tokenizer->encode("abcab\n")->ids() == Ids{258, 257, 1 + '\n'});
    CHECK(tokenizer->encode("你佡")->ids() == Ids{260, 259, 1 + 0xA1});
    CHECK(tokenizer->decode({260, 258, 1 + '\\'}) == std::string("你abc\\"));
    CHECK(tokenizer->bytes(259) == "\xE4\xBD");
    CHECK(tokenizer->ends() == Ids{0});
    CHECK(tokenizer->isSpecial(0));
    file.tokens[5].assign("\\q");
    CHECK(message(file).find("Token 5 of the file should be bytes as Python writes them") == 0);
    file.tokens[5].assign("twice the first byte is gone");
    CHECK(message(file).find("the file has no token for the byte 0x04") == 0);
}

TEST_CASE("GGUF vocabularies that contradict themselves are refused") {
    const auto changed = [](GgufVocabulary file, const std::function<void(GgufVocabulary&)>& change) {
        change(file);
        return message(file);
    };
    CHECK(changed(byteLevel(), [](auto& f) { f.model.assign("plamo2"); }).find("of the kind \"plamo2\"") != std::string::npos);
    CHECK(changed(byteLevel(), [](auto& f) {
              f.pre.assign("frob");
          }).find("The pre-tokenizer \"frob\" of the file is not known; known are a.x-4.0,") == 0);
    CHECK(changed(byteLevel(), [](auto& f) { f.tokens.clear(); }).find("the file") != std::string::npos);
    CHECK(changed(byteLevel(), [](auto& f) { f.tokens[5] = f.tokens[6]; }).find("twice: ids 5 and 6") != std::string::npos);
    CHECK(changed(byteLevel(), [](auto& f) { f.tokens[5].assign(1, '\xFF'); }).find("no UTF-8") != std::string::npos);
    CHECK(changed(byteLevel(), [](auto& f) { f.tokens[5].clear(); }) == "it was accepted");
    CHECK(changed(byteLevel(), [](auto& f) {
              f.types.pop_back();
          }).find("token_type of the file has 259 entries, but there are 260") != std::string::npos);
    CHECK(changed(byteLevel(), [](auto& f) { f.merges.clear(); }).find("no tokenizer.ggml.merges") != std::string::npos);
    CHECK(changed(byteLevel(), [](auto& f) { f.merges[0].assign("ab"); }).find("Merge 0") == 0);
    CHECK(changed(byteLevel(), [](auto& f) {
              f.eos = 260;
          }).find("eos_token_id of the file is 260, but the vocabulary has 260") != std::string::npos);
    CHECK(changed(byteLevel(), [](auto& f) { f.bos = -5; }) == "it was accepted");
    CHECK(changed(sentencePiece(), [](auto& f) { f.scores.clear(); }).find("no tokenizer.ggml.scores") != std::string::npos);
    CHECK(changed(sentencePiece(), [](auto& f) { f.scores.pop_back(); }).find("scores of the file has") != std::string::npos);
    CHECK(message({}).find("of the kind \"\"") != std::string::npos);
}
