// Files that nobody should write but somebody will: each gives one sentence, none a crash.
#include <nlohmann/json.hpp>

#include <functional>
#include <random>

#include "core/text/tokenizer_json.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;
using nlohmann::json;

namespace {

const json& good() {
    static const json file = json::parse(test::reference("json-kinds/gpt2-like.json"));
    return file;
}

std::string message(const std::string& text, const std::string& config = {}) {
    const auto made = tokenizerFromJson(text, "the file", config);
    return made ? "it was accepted" : made.error().message;
}

std::string changed(const std::function<void(json&)>& change) {
    json file = good();
    change(file);
    return message(file.dump());
}

}  // namespace

TEST_CASE("what is no JSON is refused") {
    CHECK(message("").find("the file is not valid JSON at byte 0 (line 1, column 1)") == 0);
    CHECK(message("{").find("is not valid JSON") != std::string::npos);
    CHECK(message("[]").find("should be an object and is array") != std::string::npos);
    CHECK(message("null") != "it was accepted");
    CHECK(message("{}").find("model of the file is missing") != std::string::npos);
    CHECK(message(R"({"model": 1e999})").find("is not valid JSON") != std::string::npos);
    CHECK(message("{\"a\": \"\xFF\"}").find("is not valid JSON") != std::string::npos);
    CHECK(message(std::string(1'000'000, '[')).find("more than 64 brackets deep") != std::string::npos);
    std::string nested = R"({"type": "NFC"})";
    for (int i = 0; i < 40; ++i) nested = R"({"type": "Sequence", "normalizers": [)" + nested + "]}";
    CHECK(message(R"({"normalizer": )" + nested + "}").find("more than 64 brackets deep") != std::string::npos);
}

TEST_CASE("a file cut anywhere is refused") {
    const std::string whole = good().dump();
    for (std::size_t length = 0; length < whole.size(); length += length < 200 ? 1 : 997) {
        CAPTURE(length);
        CHECK(message(whole.substr(0, length)) != "it was accepted");
    }
}

TEST_CASE("other models are named") {
    CHECK(changed([](json& f) { f["model"]["type"] = "Frobnicate"; }).find("is of the kind Frobnicate") != std::string::npos);
    CHECK(changed([](json& f) { f["model"]["type"] = 3; }).find("model.type of the file should be text and is number") !=
          std::string::npos);
}

TEST_CASE("broken Unigram, WordPiece and word vocabularies are named") {
    const auto unigram = [](const json& vocab, const json& unknown = 0) {
        return message(json{{"model", {{"type", "Unigram"}, {"unk_id", unknown}, {"vocab", vocab}}}}.dump());
    };
    const json good = json::array({json::array({"<unk>", 0.0}), json::array({"a", -1.5})});
    CHECK(unigram(good) == "it was accepted");
    CHECK(unigram(json::array())
              .find("model.vocab of the file should be a list of pieces with their log probabilities and is empty") == 0);
    CHECK(unigram(json::object()).find("model.vocab of the file should be a list and is object") == 0);
    CHECK(
        unigram(json::array({json::array({"a"})})).find("model.vocab[0] of the file should be a piece and its log probability") ==
        0);
    CHECK(unigram(json::array({json::array({"a", "b"})})).find("model.vocab[0][1] of the file should be a number") == 0);
    CHECK(unigram(json::array({json::array({7, -1.0})})).find("model.vocab[0][0] of the file should be text") == 0);
    CHECK(unigram(json::array({json::array({"a", -1.0}), json::array({"a", -2.0})})).find("\"a\" twice") != std::string::npos);
    CHECK(unigram(good, 2).find("model.unk_id of the file is 2, but the vocabulary has 2 pieces") == 0);
    const auto pieces = [](const json& fields) {
        json model = {{"type", "WordPiece"}, {"vocab", {{"a", 0}, {"##b", 1}}}, {"unk_token", "[UNK]"}};
        model.update(fields);
        return message(json{{"model", model}}.dump());
    };
    CHECK(pieces(json::object()) == "it was accepted");  // the unknown token is missed only when something is unknown
    CHECK(pieces({{"vocab", json::array()}}).find("model.vocab of the file should be an object and is array") == 0);
    CHECK(pieces({{"vocab", {{"a", 0}, {"b", 0}}}}).find("gives id 0 to both") != std::string::npos);
    CHECK(pieces({{"max_input_chars_per_word", -1}}).find("model.max_input_chars_per_word of the file is -1") == 0);
    CHECK(message(json{{"model", {{"type", "WordLevel"}, {"vocab", 3}}}}.dump())
              .find("model.vocab of the file should be an object") == 0);
    const auto normalized = [](const std::string& map) {
        return changed([&](json& f) { f["normalizer"] = {{"type", "Precompiled"}, {"precompiled_charsmap", map}}; });
    };
    CHECK(normalized("!!").find("normalizer.precompiled_charsmap of the file should be base64") == 0);
    CHECK(normalized("AA==").find("The table of normalized characters in the file has 1 bytes") == 0);
    CHECK(normalized("/////w==").find("gives its trie 4294967295 bytes") != std::string::npos);
    CHECK(normalized("") == "it was accepted");
}

TEST_CASE("fields of the wrong type are named with their path") {
    CHECK(changed([](json& f) { f["model"]["vocab"] = 3; }) == "model.vocab of the file should be an object and is number.");
    CHECK(changed([](json& f) { f["model"].erase("vocab"); }) == "model.vocab of the file should be an object and is missing.");
    CHECK(changed([](json& f) { f["model"]["vocab"]["x!"] = "1"; }) ==
          "model.vocab[\"x!\"] of the file should be a whole number and is string.");
    CHECK(changed([](json& f) { f["model"]["merges"] = "x"; }) == "model.merges of the file should be a list and is string.");
    CHECK(changed([](json& f) { f["model"]["merges"][5] = json::array({"a"}); }) ==
          "model.merges[5] of the file should be two pieces.");
    CHECK(changed([](json& f) { f["model"]["merges"][5] = "ab"; }).find("Merge 5 of the file should be two pieces") == 0);
    CHECK(changed([](json& f) { f["model"]["merges"][5][1] = 7; }) ==
          "model.merges[5][1] of the file should be text and is number.");
    CHECK(changed([](json& f) { f["model"]["fuse_unk"] = "yes"; }).find("true or false") != std::string::npos);
    CHECK(changed([](json& f) { f["added_tokens"] = 1; }).find("added_tokens of the file should be a list") == 0);
    CHECK(changed([](json& f) {
              f["added_tokens"][0]["id"] = 1.5;
          }).find("added_tokens[0].id of the file should be a whole number") == 0);
    CHECK(changed([](json& f) { f["added_tokens"][0]["content"] = std::string(5000, 'x'); }).find("longer than 4096") !=
          std::string::npos);
    CHECK(changed([](json& f) { f["normalizer"] = "NFC"; }).find("normalizer of the file should be an object") == 0);
    CHECK(changed([](json& f) { f["normalizer"] = {{"type", "Nmt"}}; }).find("is the normalizer \"Nmt\"") != std::string::npos);
    CHECK(changed([](json& f) {
              f["pre_tokenizer"] = {{"type", "Frobnicate"}};
          }).find("is the pre-tokenizer \"Frobnicate\"") != std::string::npos);
    CHECK(changed([](json& f) { f["decoder"] = {{"type", "CTC"}}; }).find("is the decoder \"CTC\"") != std::string::npos);
    CHECK(changed([](json& f) {
              f["post_processor"] = {{"type", "Odd"}};
          }).find("is the post-processor \"Odd\"") != std::string::npos);
    CHECK(changed([](json& f) { f["model"]["dropout"] = 0.1; }).find("model.dropout of the file leaves merges out at random") ==
          0);
    CHECK(changed([](json& f) { f["model"]["dropout"] = 0; }) == "it was accepted");
}

TEST_CASE("ids and merges that contradict the vocabulary are named") {
    CHECK(changed([](json& f) { f["model"]["vocab"]["x!"] = -1; }).find("gives \"x!\" the negative id -1") != std::string::npos);
    CHECK(changed([](json& f) { f["model"]["vocab"]["x!"] = 1; }).find("gives id 1 to both") != std::string::npos);
    CHECK(changed([](json& f) { f["model"]["vocab"]["x!"] = 2147483648; }).find("goes up to id 2147483648") != std::string::npos);
    CHECK(changed([](json& f) { f["model"]["vocab"]["x!"] = 18446744073709551615u; }).find("too large a number") !=
          std::string::npos);
    CHECK(changed([](json& f) { f["model"]["vocab"] = json::object(); }).find("the file") != std::string::npos);
    CHECK(changed([](json& f) {
              f["added_tokens"][0]["id"] = 7;
          }).find("gives \"<|endoftext|>\" the id 7 as an added token and 0 elsewhere") != std::string::npos);
    CHECK(changed([](json& f) {
              f["model"]["merges"].push_back({"a", "nowhere"});
          }).find("needs \"nowhere\"") != std::string::npos);
    CHECK(changed([](json& f) { f["model"]["unk_token"] = "<none>"; }).find("The unknown token \"<none>\"") == 0);
    const auto around = [](const json& single) {
        return changed([&](json& f) {
            f["post_processor"] = {
                {"type", "TemplateProcessing"}, {"single", single}, {"special_tokens", {{"<s>", {{"ids", {99999}}}}}}};
        });
    };
    const json text = {{"Sequence", {{"id", "A"}}}};
    CHECK(around({{{"SpecialToken", {{"id", "<s>"}}}}, text}).find("is 99999, but the vocabulary has 800 ids") !=
          std::string::npos);
    CHECK(around({{{"SpecialToken", {{"id", "<t>"}}}}, text}).find("names \"<t>\"") != std::string::npos);
    CHECK(around(json::array()).find("has no place for the text") != std::string::npos);
    CHECK(message(good().dump(), "{").find("tokenizer_config.json is not valid JSON") == 0);
    CHECK(message(good().dump(), R"({"bos_token": "<none>", "add_bos_token": true})").find("puts \"<none>\" around a text") !=
          std::string::npos);
}

TEST_CASE("expressions that explode end in an error, not in a hang") {
    json file = good();
    file["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"Regex", "(a+)+$"}}}, {"behavior", "Isolated"}, {"invert", false}};
    const auto made = tokenizerFromJson(file.dump(), "the file");
    REQUIRE(made);
    const auto encoding = (*made)->encode(std::string(60, 'a') + "!");
    REQUIRE(!encoding);
    CHECK(encoding.error().message.find("\"(a+)+$\" could not be matched at byte 0 of the text") != std::string::npos);
    CHECK(changed([](json& f) {
              f["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"Regex", "(a"}}}, {"behavior", "Isolated"}};
          }).find("pre_tokenizer.pattern.Regex of the file is wrong at offset 2") != std::string::npos);
    CHECK(changed([](json& f) {
              f["pre_tokenizer"] = {{"type", "Split"}, {"pattern", "x"}, {"behavior", "Isolated"}};
          }).find("pre_tokenizer.pattern") == 0);
    CHECK(changed([](json& f) {
              f["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"String", ""}}}, {"behavior", "Isolated"}};
          }).find("is an empty pattern") != std::string::npos);
}

TEST_CASE("a normalizer cannot blow a text up without end") {
    json file = good();
    json steps = json::array();
    for (int i = 0; i < 40; ++i)
        steps.push_back({{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", std::string(1000, 'a')}});
    file["normalizer"] = {{"type", "Sequence"}, {"normalizers", steps}};
    const auto made = tokenizerFromJson(file.dump(), "the file");
    REQUIRE(made);
    const auto encoding = (*made)->encode("a");
    REQUIRE(!encoding);
    CHECK(encoding.error().message.find("MiB of this text") != std::string::npos);
}

TEST_CASE("random damage gives a tokenizer or an error") {
    std::mt19937 random(3);
    json small = good();
    json vocab = json::object();
    for (const auto& [spelling, id] : small["model"]["vocab"].items()) {
        if (id.get<int>() < 257) vocab[spelling] = id;
    }
    small["model"]["vocab"] = vocab;
    small["model"]["merges"] = json::array();
    small["normalizer"] = {
        {"type", "Sequence"},
        {"normalizers", {{{"type", "NFC"}}, {{"type", "Replace"}, {"pattern", {{"Regex", "\\s+"}}}, {"content", " "}}}}};
    const std::string whole = small.dump();
    int accepted = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string text = whole;
        for (int i = 0; i < 1 + round % 4; ++i) {
            const std::size_t at = random() % text.size();
            const int kind = static_cast<int>(random() % 3);
            if (kind == 0) text[at] = static_cast<char>(random() % 256);
            if (kind == 1) text.erase(at, random() % 20);
            if (kind == 2) text.insert(at, text.substr(random() % text.size(), random() % 20));
        }
        const auto made = tokenizerFromJson(text, "the file");
        if (!made) {
            if (made.error().message.empty()) FAIL("no message");
            continue;
        }
        ++accepted;
        const auto encoding = (*made)->encode("Hello é 你 <|endoftext|> 12");
        if (encoding && !(*made)->decode(encoding->ids())) FAIL("its own ids are refused");
    }
    CHECK(accepted > 0);
}
