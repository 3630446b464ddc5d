// Tokens found in the text as they stand. Expected cuts are those of the `tokenizers` library 0.23.
#include "core/text/added_tokens.h"

#include "tests/catch.h"

using namespace lw;

namespace {

AddedToken token(TokenId id, std::string content, bool special = false) {
    AddedToken made;
    made.id = id;
    made.content = std::move(content);
    made.special = special;
    return made;
}

std::string cut(const AddedTokens& tokens, const std::string& text, bool parseSpecial = true) {
    std::string all;
    for (const auto& section : tokens.find(text, parseSpecial)) {
        if (!all.empty()) all.push_back('|');
        if (section.id >= 0) all.append(std::to_string(section.id)).push_back(':');
        all += text.substr(section.range.from, section.range.to - section.range.from);
    }
    return all;
}

}  // namespace

TEST_CASE("the longest token at the leftmost place is found") {
    const AddedTokens tokens({token(1, "<s>"), token(2, "<s><s>"), token(3, "ab"), token(4, "abc"), token(5, "bcd")});
    CHECK(cut(tokens, "x<s><s><s>y") == "x|2:<s><s>|1:<s>|y");
    CHECK(cut(tokens, "abcd abd") == "4:abc|d |3:ab|d");
    CHECK(cut(tokens, "<s") == "<s");
    CHECK(cut(tokens, "").empty());
    CHECK(cut(AddedTokens(), "abc") == "abc");
}

TEST_CASE("special tokens are ordinary text unless they are asked for") {
    const AddedTokens tokens({token(1, "<s>", true), token(2, "s>x")});
    CHECK(cut(tokens, "<s>x", true) == "1:<s>|x");
    CHECK(cut(tokens, "<s>x", false) == "<|2:s>x");
}

TEST_CASE("tokens take white space along and keep to whole words") {
    AddedToken left = token(1, "L"), right = token(2, "R"), whole = token(3, "cat");
    left.lstrip = right.rstrip = whole.singleWord = true;
    const AddedTokens tokens({left, right, whole});
    CHECK(cut(tokens, "a  L  b") == "a|1:  L|  b");
    CHECK(cut(tokens, "a R\u3000 b") == "a |2:R\u3000 |b");
    CHECK(cut(tokens, "cat concat cats cat-cat") == "3:cat| concat cats |3:cat|-|3:cat");
    CHECK(cut(tokens, "中cat cat") == "中cat |3:cat");
}
