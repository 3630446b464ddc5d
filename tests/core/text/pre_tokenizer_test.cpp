// Cutting words. Expected pieces are those of the `tokenizers` library 0.23.
#include "core/text/pre_tokenizer.h"

#include "core/text/char_class.h"
#include "tests/catch.h"

using namespace lw;
using Texts = std::vector<std::string>;

namespace {

PreText cut(const PreTokenizer& preTokenizer, const std::string& text) {
    PreText pre{AlignedText::plain(text, 0), {{0, static_cast<std::uint32_t>(text.size())}}};
    REQUIRE(preTokenizer(pre));
    return pre;
}

Texts pieces(const PreTokenizer& preTokenizer, const std::string& text) {
    const PreText pre = cut(preTokenizer, text);
    Texts texts;
    for (const Range& piece : pre.pieces) texts.push_back(pre.body.text.substr(piece.from, piece.to - piece.from));
    return texts;
}

Regex regex(std::string_view pattern) {
    auto made = Regex::compile(pattern, "a test");
    REQUIRE(made);
    return *made;
}

}  // namespace

TEST_CASE("a delimiter goes, stays alone, or joins a neighbour") {
    const std::string text = "the-final--countdown";
    const auto by = [&](SplitBehavior behavior, bool invert = false) {
        return pieces(pre_tokenizers::split(std::string("-"), behavior, invert), text);
    };
    CHECK(by(SplitBehavior::Removed) == Texts{"the", "final", "countdown"});
    CHECK(by(SplitBehavior::Isolated) == Texts{"the", "-", "final", "-", "-", "countdown"});
    CHECK(by(SplitBehavior::MergedWithPrevious) == Texts{"the-", "final-", "-", "countdown"});
    CHECK(by(SplitBehavior::MergedWithNext) == Texts{"the", "-final", "-", "-countdown"});
    CHECK(by(SplitBehavior::Contiguous) == Texts{"the", "-", "final", "--", "countdown"});
    CHECK(by(SplitBehavior::Removed, true) == Texts{"-", "-", "-"});
    CHECK(by(SplitBehavior::MergedWithNext, true) == Texts{"the-", "final-", "-", "countdown"});
    CHECK(pieces(pre_tokenizers::split(std::string("-"), SplitBehavior::Removed, false), "--").empty());
}

TEST_CASE("classes of characters cut words") {
    using namespace pre_tokenizers;
    CHECK(pieces(split(&isNumeric, SplitBehavior::Isolated), "a12½b") == Texts{"a", "1", "2", "½", "b"});
    CHECK(pieces(split(&isNumeric, SplitBehavior::Contiguous), "a12½b") == Texts{"a", "12½", "b"});
    CHECK(pieces(split(&isPunctuation, SplitBehavior::Isolated), "a?!b$。") == Texts{"a", "?", "!", "b", "$", "。"});
    CHECK(pieces(split(&isWhiteSpace, SplitBehavior::Removed), " a\u3000b\n") == Texts{"a", "b"});
    CHECK(pieces(fixedLength(2), "aébcd") == Texts{"aé", "bc", "d"});
}

TEST_CASE("GPT-2's words") {
    const Regex word = regex(Gpt2Word);
    CHECK(pieces(pre_tokenizers::split(word, SplitBehavior::Isolated, false), "Hello, y'all!  How's 12ab\n\n x") ==
          Texts{"Hello", ",", " y", "'", "all", "!", " ", " How", "'s", " 12", "ab", "\n\n", " x"});
    CHECK(pieces(pre_tokenizers::byteLevel(false, &word), "Hello é") == Texts{"Hello", "ĠÃ©"});
    CHECK(pieces(pre_tokenizers::byteLevel(true, &word), "Hello") == Texts{"ĠHello"});
    CHECK(pieces(pre_tokenizers::byteLevel(true, nullptr), " a b") == Texts{"ĠaĠb"});
}

TEST_CASE("byte-level pieces still know every byte of the original") {
    const PreText pre = cut(pre_tokenizers::byteLevel(false, nullptr), "é");
    CHECK(pre.body.covered({0, 2}) == Range{0, 1});
    CHECK(pre.body.covered({2, 4}) == Range{1, 2});
}

TEST_CASE("metaspace marks the words' beginnings") {
    using namespace pre_tokenizers;
    CHECK(pieces(metaspace("▁", PrependScheme::Always, true), "Hey  my") == Texts{"▁Hey", "▁", "▁my"});
    CHECK(pieces(metaspace("▁", PrependScheme::Always, true), " Hey") == Texts{"▁Hey"});
    CHECK(pieces(metaspace("▁", PrependScheme::Never, true), "Hey my") == Texts{"Hey", "▁my"});
    CHECK(pieces(metaspace("▁", PrependScheme::Always, false), "Hey my") == Texts{"▁Hey▁my"});
    CHECK(pieces(sequence({split(&isWhiteSpace, SplitBehavior::Removed), metaspace("▁", PrependScheme::First, true)}), "a b") ==
          Texts{"▁a", "b"});
    const PreText pre = cut(metaspace("▁", PrependScheme::Always, true), "a b");
    CHECK(pre.body.covered(pre.pieces[0]) == Range{0, 1});
    CHECK(pre.body.covered(pre.pieces[1]) == Range{1, 3});
}
