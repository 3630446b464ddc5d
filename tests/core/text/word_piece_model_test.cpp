#include "core/text/word_piece_model.h"

#include "core/text/tokenizer_json.h"
#include "core/text/word_level_model.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;

namespace {

Vocabulary words() {
    auto made =
        Vocabulary::make(std::vector<std::string>{"[UNK]", "un", "##aff", "##able", "##a", "una", "##f", "u", "未"}, "a test");
    REQUIRE(made);
    return *made;
}

std::vector<TokenId> cut(const WordModel& model, const std::string& word, StepLog* log = nullptr) {
    std::vector<Symbol> symbols;
    REQUIRE(model.cut(word, symbols, log));
    std::vector<TokenId> ids;
    for (const Symbol& symbol : symbols) ids.push_back(symbol.id);
    return ids;
}

}  // namespace

TEST_CASE("the longest entry first, whatever follows") {
    WordPieceOptions options;
    options.unknown = 0;
    options.mostCharacters = 20;
    const WordPieceModel model(words(), options);
    CHECK(cut(model, "un") == std::vector<TokenId>{1});
    CHECK(cut(model, "unaff") == std::vector<TokenId>{5, 6, 6});  // una, not un + ##aff
    CHECK(cut(model, "unable") == std::vector<TokenId>{0});       // una leaves "ble", which nothing fits
    CHECK(cut(model, "未") == std::vector<TokenId>{8});
    CHECK(cut(model, "未未") == std::vector<TokenId>{0});
    CHECK(cut(model, std::string(21, 'u')) == std::vector<TokenId>{0});
    const WordPieceModel strict(words(), {});
    std::vector<Symbol> symbols;
    const auto done = strict.cut("x", symbols, nullptr);
    REQUIRE(!done);
    CHECK(done.error().message.find("no tokens for \"x\"") != std::string::npos);
}

TEST_CASE("matches are written down with what else would have fitted") {
    WordPieceOptions options;
    options.unknown = 0;
    const WordPieceModel model(words(), options);
    StepLog log;
    log.steps.words.resize(1);
    CHECK(cut(model, "unaff", &log) == std::vector<TokenId>{5, 6, 6});
    REQUIRE(log.steps.matches.size() == 3);
    CHECK(log.steps.matches[0].from == 0);
    CHECK(log.steps.matches[0].to == 3);
    CHECK(log.steps.matches[0].tried == 2);
    CHECK(log.steps.matches[0].shorter == std::vector<std::string>{"un", "u"});
    log.steps.matches.clear();
    CHECK(cut(model, "unx", &log) == std::vector<TokenId>{0});
    REQUIRE(log.steps.matches.size() == 2);
    CHECK(log.steps.matches[1].id == -1);
    CHECK(log.steps.matches[1].from == log.steps.matches[1].to);
}

TEST_CASE("whole words") {
    const WordLevelModel model(words(), 0);
    CHECK(cut(model, "una") == std::vector<TokenId>{5});
    CHECK(cut(model, "unab") == std::vector<TokenId>{0});
    std::vector<Symbol> symbols;
    CHECK(!WordLevelModel(words(), -1).cut("x", symbols, nullptr));
    const std::string file = R"({"model": {"type": "WordLevel", "vocab": {"the": 0, "cat": 1, "<unk>": 2}, "unk_token": "<unk>"},
                                 "pre_tokenizer": {"type": "Whitespace"}})";
    const auto tokenizer = tokenizerFromJson(file, "a test");
    REQUIRE(tokenizer);
    CHECK((*tokenizer)->kind() == "whole words");
    CHECK((*tokenizer)->encode("the cat sat")->ids() == std::vector<TokenId>{0, 1, 2});
    CHECK((*tokenizer)->decode({0, 1}) == std::string("the cat"));
}

TEST_CASE("a BERT-like text's matches end at its tokens") {
    const auto tokenizer = tokenizerFromJson(test::reference("json-kinds/bert-like.json"), "bert-like");
    REQUIRE(tokenizer);
    CHECK((*tokenizer)->kind() == "WordPiece");
    const auto encoding = (*tokenizer)->encode("The Unhappiest girl, 床前", {.recordSteps = true});
    REQUIRE(encoding);
    CHECK(encoding->steps.words[1].text == "unhappiest");
    CHECK(encoding->steps.words[1].from == 4);
    CHECK(encoding->steps.words[1].to == 14);
    CHECK(encoding->ids() == (*tokenizer)->encode("The Unhappiest girl, 床前")->ids());
}
