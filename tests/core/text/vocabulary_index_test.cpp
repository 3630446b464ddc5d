// Searching a vocabulary against looking at every entry by hand.
#include "core/text/vocabulary_index.h"

#include <algorithm>

#include "core/text/packed_tokens.h"
#include "core/text/plain_tokenizers.h"
#include "core/text/utf8.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;

namespace {

struct Opened {
    std::shared_ptr<const Tokenizer> tokenizer;
    VocabularyIndex index;
};

Opened gpt2() {
    auto tokenizer = tokenizerFromPackedTokens(test::resource("gpt2.tokens"), "gpt2");
    REQUIRE(tokenizer);
    auto index = VocabularyIndex::make(**tokenizer);
    REQUIRE(index);
    return {*tokenizer, std::move(*index)};
}

std::vector<TokenId> ids(const Opened& opened, const VocabularyQuery& query) {
    const auto found = searchVocabulary(opened.index, query);
    REQUIRE(found);
    std::vector<TokenId> result;
    for (const std::uint32_t i : *found) result.push_back(opened.index.at(i).id);
    return result;
}

template <class Wanted>
std::vector<TokenId> byHand(const Opened& opened, Wanted wanted) {
    std::vector<TokenId> result;
    for (TokenId id = 0; id < opened.tokenizer->size(); ++id) {
        const std::string bytes =
            opened.tokenizer->isSpecial(id) ? std::string(opened.tokenizer->entry(id)) : opened.tokenizer->bytes(id);
        if (!bytes.empty() && wanted(id, bytes)) result.push_back(id);
    }
    return result;
}

}  // namespace

TEST_CASE("entries are found by text, by bytes and by an expression") {
    const Opened opened = gpt2();
    CHECK(opened.index.size() == 50257);
    CHECK(ids(opened, {}).size() == 50257);
    const auto ing = ids(opened, {.needle = "ing"});
    CHECK(ing.size() > 1000);
    CHECK(ing == byHand(opened, [](TokenId, const std::string& b) { return b.find("ing") != std::string::npos; }));
    CHECK(ids(opened, {.kind = NeedleKind::Bytes, .needle = "e4 bd"}) ==
          byHand(opened, [](TokenId, const std::string& b) { return b.find("\xE4\xBD") != std::string::npos; }));
    CHECK(ids(opened, {.kind = NeedleKind::Expression, .needle = "^ [A-Z]{3}$"}) ==
          byHand(opened, [](TokenId, const std::string& b) {
              return b.size() == 4 && b[0] == ' ' &&
                     std::all_of(b.begin() + 1, b.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
          }));
    CHECK(ids(opened, {.needle = "no entry has this"}).empty());
}

TEST_CASE("filters, what was seen, and the order") {
    const Opened opened = gpt2();
    CHECK(ids(opened, {.special = true}) == std::vector<TokenId>{50256});
    CHECK(ids(opened, {.bytesOnly = true}) ==
          byHand(opened, [](TokenId, const std::string& b) { return utf8::firstInvalid(b).has_value(); }));
    const auto words = ids(opened, {.words = true});
    CHECK(words == byHand(opened, [](TokenId, const std::string& b) {
              return b.size() > 1 && b[0] == ' ' && b[1] != ' ' && !b.starts_with(" \xC2\xA0") && !b.starts_with(" \n") &&
                     !b.starts_with(" \t") && !b.starts_with(" \r") && !b.starts_with(" \xE3\x80\x80");
          }));
    const auto chinese = ids(opened, {.chinese = true});
    CHECK(chinese.size() > 20);
    for (const TokenId id : chinese) {
        const std::string bytes = opened.tokenizer->bytes(id);
        bool has = false;
        for (std::size_t at = 0; at < bytes.size();) {
            const auto step = utf8::decode(bytes, at);
            has = has || (step.ok && step.point >= 0x4E00 && step.point < 0xA000);
            at += static_cast<std::size_t>(step.bytes);
        }
        CHECK(has);
    }
    auto seen = std::make_shared<std::vector<bool>>(50257, false);
    (*seen)[static_cast<std::size_t>(words.front())] = true;
    CHECK(ids(opened, {.words = true, .seen = seen}) == std::vector<TokenId>(words.begin() + 1, words.end()));

    const auto longest = ids(opened, {.order = VocabularyOrder::MostBytes});
    REQUIRE(longest.size() == 50257);
    const auto size = [&](TokenId id) {
        return opened.tokenizer->isSpecial(id) ? opened.tokenizer->entry(id).size() : opened.tokenizer->bytes(id).size();
    };
    for (std::size_t i = 1; i < longest.size(); ++i) {
        REQUIRE(size(longest[i - 1]) >= size(longest[i]));
        if (size(longest[i - 1]) == size(longest[i])) REQUIRE(longest[i - 1] < longest[i]);
    }
    CHECK(size(longest.front()) == 128);  // GPT-2's longest entries have 128 bytes
}

TEST_CASE("other kinds: ids without entry are left out, SentencePiece's words begin with a space") {
    const auto characters = VocabularyIndex::make(*characterTokenizer());
    REQUIRE(characters);
    CHECK(characters->size() == 0x110000 - 0x800);
    CHECK(searchVocabulary(*characters, {.chinese = true})->size() > 80'000);
    CHECK(searchVocabulary(*characters, {.bytesOnly = true})->empty());
}

TEST_CASE("what cannot be searched for is told") {
    const Opened opened = gpt2();
    CHECK(bytesFromHex("E4BD, 0xa0 \\x0a") == std::string("\xE4\xBD\xA0\n"));
    CHECK(bytesFromHex("") == std::string());
    for (const char* bad : {"e4 b", "xy", "e4 bd 1", "0x"}) {
        const auto bytes = searchVocabulary(opened.index, {.kind = NeedleKind::Bytes, .needle = bad});
        REQUIRE(!bytes);
        CHECK(bytes.error().message.find("two hexadecimal digits") != std::string::npos);
    }
    const auto expression = searchVocabulary(opened.index, {.kind = NeedleKind::Expression, .needle = "(a"});
    REQUIRE(!expression);
    CHECK(expression.error().message.find("\"(a\"") != std::string::npos);
    std::stop_source stop;
    stop.request_stop();
    CHECK(searchVocabulary(opened.index, {}, {stop.get_token(), {}}).error().kind == ErrorKind::Cancelled);
    CHECK(VocabularyIndex::make(*opened.tokenizer, {stop.get_token(), {}}).error().kind == ErrorKind::Cancelled);
}
