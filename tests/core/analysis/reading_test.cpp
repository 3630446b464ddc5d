// A text read token by token, against one pass over the whole of it.
#include "core/analysis/reading.h"

#include <cmath>

#include "core/run.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

namespace {

const std::string stories = std::string(LAYERWALK_TEST_DATA) + "/stories260K/stories260K-Q8_0.gguf";
constexpr const char* text = "Once upon a time, there was a little girl";

std::vector<Token> tokensOf(const LoadedModel& loaded, const std::string& of) {
    const auto encoded = loaded.tokenizer->encode(of);
    REQUIRE(encoded);
    return encoded->tokens;
}

}  // namespace

TEST_CASE("Surprise and expected tokens are those of one pass over the text") {
    const auto loaded = openModel(stories);
    const std::vector<Token> tokens = tokensOf(*loaded, text);
    const auto reading = readAlong(*loaded->model, *loaded->tokenizer, tokens, 3);
    REQUIRE(reading);
    REQUIRE(reading->tokens.size() == tokens.size());
    std::vector<TokenId> ids;
    for (const Token& token : tokens) ids.push_back(token.id);
    const auto whole = run(*loaded->model, ids, CaptureSpec::none());
    REQUIRE(whole);
    double nats = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        CAPTURE(i);
        const ReadToken& token = reading->tokens[i];
        CHECK(token.id == ids[i]);
        CHECK(token.from == tokens[i].from);
        REQUIRE(token.next.size() == 3);
        const ConstRow row = whole->trace->logits(Position(static_cast<int>(i)));
        const std::span logits(row.data(), static_cast<std::size_t>(row.size()));
        const auto top = topTokens(logits, 3);
        for (std::size_t k = 0; k < 3; ++k) {
            CHECK(token.next[k].token.probability == Approx(top[k].probability).margin(1e-4));
            CHECK(token.next[k].bytes == loaded->tokenizer->bytes(token.next[k].token.id));
        }
        CHECK(token.entropy == Approx(entropy(logits)).margin(1e-3));
        if (i + 1 < ids.size()) {
            nats += surprisal(logits, ids[i + 1]);
            REQUIRE(reading->tokens[i + 1].surprise);
            CHECK(*reading->tokens[i + 1].surprise == Approx(surprisal(logits, ids[i + 1])).margin(1e-3));
        }
    }
    CHECK_FALSE(reading->tokens[0].surprise);
    CHECK(reading->nats() == Approx(nats).margin(1e-2));
    CHECK(reading->natsPerToken() == Approx(nats / static_cast<double>(ids.size() - 1)).margin(1e-3));
    // BOS stands in front: every byte of the text was predicted.
    CHECK(reading->predictedBytes() == static_cast<std::int64_t>(std::string(text).size()));
    CHECK(reading->bitsPerByte() == Approx(nats / std::log(2.0) / 41).margin(1e-3));
}

TEST_CASE("A cache grows with the text, a state of fixed size does not") {
    const auto transformer = openModel(stories);
    const auto reading = readAlong(*transformer->model, *transformer->tokenizer, tokensOf(*transformer, text), 1);
    REQUIRE(reading);
    // float32 keys and values of every layer
    const BlockInfo& block = transformer->model->info().block(Layer(0));
    const std::int64_t each =
        std::int64_t(2) * 4 * transformer->model->info().layers() * block.attention.kvHeads * block.attention.headWidth;
    for (std::size_t i = 0; i < reading->tokens.size(); ++i)
        CHECK(reading->tokens[i].stateBytes == each * static_cast<std::int64_t>(i + 1));
    const auto recurrent = openModel(zooPath("mamba"));
    std::vector<Token> few;
    for (int i = 0; i < 9; ++i) few.push_back({static_cast<TokenId>(i + 5), i, i + 1});
    const auto read = readAlong(*recurrent->model, *transformer->tokenizer, few, 1);
    REQUIRE(read);
    for (const ReadToken& token : read->tokens) CHECK(token.stateBytes == read->tokens.front().stateBytes);
}

TEST_CASE("Reading on gives what reading it all gives, and takes what was read over") {
    const auto loaded = openModel(stories);
    const auto all = tokensOf(*loaded, text);
    const auto part = readAlong(*loaded->model, *loaded->tokenizer, {all.begin(), all.begin() + 6}, 2);
    REQUIRE(part);
    const auto on = readAlong(*loaded->model, *loaded->tokenizer, all, 2, &*part);
    const auto whole = readAlong(*loaded->model, *loaded->tokenizer, all, 2);
    REQUIRE(on);
    REQUIRE(whole);
    REQUIRE(on->tokens.size() == whole->tokens.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(on->tokens[i].surprise == whole->tokens[i].surprise);
        CHECK(on->tokens[i].next[0].token.id == whole->tokens[i].next[0].token.id);
        if (i < 6) CHECK(on->tokens[i].seconds == part->tokens[i].seconds);
    }
    CHECK(on->logits == whole->logits);
    // Of another text nothing is taken over.
    auto other = all;
    other[2].id = 7;
    const auto fresh = readAlong(*loaded->model, *loaded->tokenizer, other, 2, &*part);
    REQUIRE(fresh);
    CHECK(fresh->tokens[2].id == 7);
    CHECK(fresh->tokens[3].surprise != whole->tokens[3].surprise);
    CHECK(whole->tokenAt(0) == 0);  // BOS
    CHECK(whole->tokenAt(static_cast<std::int64_t>(std::string(text).size())) == static_cast<int>(all.size()) - 1);
}

TEST_CASE("What one model reads as a token is laid beside the pieces of another by its bytes") {
    Reading reading;
    reading.tokens = {{.id = 1, .from = 0, .to = 0},  // in front
                      {.id = 2, .from = 0, .to = 1, .surprise = 0.5},
                      {.id = 3, .from = 1, .to = 3, .surprise = 0.25},
                      {.id = 4, .from = 3, .to = 6, .surprise = 2.0}};
    CHECK(*reading.part(0, 3).nats == 0.75);
    CHECK(reading.part(0, 3).first == 1);
    CHECK(reading.part(0, 3).last == 2);
    CHECK(*reading.part(1, 3).nats == 0.25);
    CHECK(*reading.part(3, 6).nats == 2.0);
    CHECK_FALSE(reading.part(3, 5).nats);  // no token ends there
    CHECK(reading.part(3, 5).last < reading.part(3, 5).first);
    reading.tokens[1].surprise = {};
    CHECK_FALSE(reading.part(0, 3).nats);
    CHECK(reading.part(0, 3).last == 2);
}

TEST_CASE("Reading stops at the context and says what it left out; nothing, foreign ids and cancelling are errors") {
    const auto loaded = openModel(stories);
    std::vector<Token> many(520, Token{5, 0, 1});
    const auto reading = readAlong(*loaded->model, *loaded->tokenizer, many, 1);
    REQUIRE(reading);
    CHECK(reading->tokens.size() == 512);
    CHECK(reading->leftOut == 8);
    CHECK(reading->leftOutTo == 1);
    CHECK(reading->endedBefore(1));
    CHECK_FALSE(reading->endedBefore(0));
    CHECK(readAlong(*loaded->model, *loaded->tokenizer, {}, 1).error().kind == ErrorKind::BadInput);
    const auto foreign = readAlong(*loaded->model, *loaded->tokenizer, {Token{512, 0, 1}}, 1);
    REQUIRE_FALSE(foreign);
    CHECK(foreign.error().message.find("512") != std::string::npos);
    std::stop_source stop;
    stop.request_stop();
    CHECK(readAlong(*loaded->model, *loaded->tokenizer, many, 1, nullptr, {.stop = stop.get_token()}).error().kind ==
          ErrorKind::Cancelled);
}
