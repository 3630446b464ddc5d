// A text's way to tokens as moments: against the encoding itself, for merging, searching and matching tokenizers.
#include "widgets/tokenizer/token_steps.h"

#include "core/load.h"
#include "tests/catch.h"

using namespace lw;

namespace {

TokenSteps stepsOf(const std::string& tokenizer, const std::string& text) {
    const auto loaded = loadTokenizer(tokenizer);
    if (!loaded) FAIL(loaded.error().message);
    auto steps = tokenSteps(text, *loaded);
    if (!steps) FAIL(steps.error().message);
    return std::move(*steps);
}

std::vector<std::string> atTheEnd(const TokenSteps& steps) {
    std::vector<std::string> all;
    for (int word = 0; word < static_cast<int>(steps.encoding.steps.words.size()); ++word) {
        for (std::string& piece : steps.piecesAfter(word, steps.count())) all.push_back(std::move(piece));
    }
    return all;
}

}  // namespace

TEST_CASE("After the last moment the pieces are the tokens") {
    for (const char* tokenizer : {"gpt2", "layerwalk-4k", "stories260K", "rwkv-world", "botchan-1k"}) {
        for (const char* text : {"The unhappiest child in 1980", "床前明月光", "naïve café"}) {
            CAPTURE(tokenizer, text);
            const TokenSteps steps = stepsOf(tokenizer, text);
            const std::vector<std::string> pieces = atTheEnd(steps);
            bool unknown = false;
            std::vector<std::string> entries;
            for (const Token& token : steps.encoding.tokens) {
                entries.emplace_back(steps.tokenizer->entry(token.id));
                unknown = unknown || entries.back().starts_with("<");  // byte fallback or unknown: spelled otherwise
            }
            if (!unknown) CHECK(pieces == entries);
        }
    }
}

TEST_CASE("At the beginning a byte-level word is its bytes, and every merge joins two pieces of one word") {
    const TokenSteps steps = stepsOf("gpt2", "床前 child");
    REQUIRE(steps.bytes);
    CHECK(steps.piecesAfter(0, 0).size() == 6);
    CHECK(steps.wordAt(0) == -1);
    int before = 0;
    for (int word = 0; word < static_cast<int>(steps.encoding.steps.words.size()); ++word)
        before += static_cast<int>(steps.piecesAfter(word, 0).size());
    CHECK(before == 12);
    for (int step = 1; step <= steps.count(); ++step) {
        int pieces = 0;
        for (int word = 0; word < static_cast<int>(steps.encoding.steps.words.size()); ++word) {
            const auto now = steps.piecesAfter(word, step), then = steps.piecesAfter(word, step - 1);
            if (word != steps.wordAt(step)) CHECK(now == then);
            pieces += static_cast<int>(now.size());
        }
        CHECK(pieces == before - step);
    }
}

TEST_CASE("Pieces of a byte-level vocabulary are shown as the bytes they are") {
    const TokenSteps steps = stepsOf("gpt2", "床 a");
    const auto first = steps.piecesAfter(0, 0);
    CHECK(visiblePieces(steps, 0, first) == std::vector<std::string>{"\\xE5", "\\xBA", "\\x8A"});
    const auto ranges = pieceBytes(steps, 0, first);
    REQUIRE(ranges.size() == 3);
    CHECK(ranges[2] == ByteRange{2, 3});
    const auto last = static_cast<int>(steps.encoding.steps.words.size()) - 1;
    CHECK(visiblePieces(steps, last, steps.piecesAfter(last, steps.count())) == std::vector<std::string>{"·a"});
    // A SentencePiece word is not made of bytes: it is shown as it is spelled.
    const TokenSteps other = stepsOf("stories260K", "Once");
    CHECK(pieceBytes(other, 0, other.piecesAfter(0, 0)).empty());
}

TEST_CASE("Longest matches come one after the other") {
    const TokenSteps steps = stepsOf("rwkv-world", "hello world");
    REQUIRE(steps.count() > 0);
    CHECK(steps.piecesAfter(0, 0).size() == 1);  // nothing is matched yet
    CHECK(steps.wordAt(1) == 0);
}
