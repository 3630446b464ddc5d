// A text followed through the training is cut as the finished tokenizer cuts it; occurrences are those of encoding the text.
#include "core/text/followed_text.h"

#include "core/text/bpe_writer.h"
#include "core/text/tokenizer_json.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;

TEST_CASE("a followed text ends as the learned tokenizer encodes it, and so does one that is cut afterwards") {
    const std::string corpus =
        test::reference("bpe-training/corpus.en") + "床前明月光，疑是地上霜。床前明月光。\n\n  aa aaaa aaaaa";
    const std::string seen = "The lowest newest 床前明月 of them, aaaaaaa?\n\n   déjà vu 123";
    auto words = WordCounts::make({"<|endoftext|>"});
    REQUIRE(words);
    REQUIRE(words->add(corpus, 1, "the text"));
    auto trainer = BpeTrainer::begin(*words, {.vocabulary = 900, .special = {"<|endoftext|>"}});
    REQUIRE(trainer);
    auto followed = FollowedText::make(seen, trainer->learned());
    REQUIRE(followed);
    CHECK(followed->tokens().size() == seen.size());  // bytes at first
    while (const auto step = trainer->step()) followed->merge(step->pair.left, step->pair.right, step->piece);
    const auto tokenizer = tokenizerFromJson(tokenizerJsonOf(trainer->learned()), "what was learned");
    REQUIRE(tokenizer);
    const auto same = [](const std::vector<Token>& a, const std::vector<Token>& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                          [](const Token& x, const Token& y) { return x.id == y.id && x.from == y.from && x.to == y.to; });
    };
    const auto encoded = (*tokenizer)->encode(seen);
    REQUIRE(encoded);
    CHECK(encoded->tokens.size() < seen.size());
    CHECK(same(followed->tokens(), encoded->tokens));
    const auto afterwards = FollowedText::make(seen, trainer->learned());
    REQUIRE(afterwards);
    CHECK(same(afterwards->tokens(), encoded->tokens));
    CHECK(!FollowedText::make("a\xff", trainer->learned()));

    std::vector<std::int64_t> counts(trainer->learned().pieces.size(), 0);
    const auto whole = (*tokenizer)->encode(corpus);
    REQUIRE(whole);
    for (const TokenId id : whole->ids()) ++counts[static_cast<std::size_t>(id)];
    CHECK(trainer->occurrences() == counts);
}
