#include "core/text/utf8.h"

#include "core/text/byte_alphabet.h"
#include "core/text/tokenizer.h"
#include "tests/catch.h"

using namespace lw;

TEST_CASE("UTF-8 is decoded and every wrong sequence is found at its first byte") {
    const std::string text = "aé床🙂";
    std::vector<char32_t> points;
    for (std::size_t at = 0; at < text.size(); at += static_cast<std::size_t>(utf8::decode(text, at).bytes)) {
        points.push_back(utf8::decode(text, at).point);
    }
    CHECK(points == std::vector<char32_t>{'a', 0xE9, 0x5E8A, 0x1F642});
    CHECK(!utf8::firstInvalid(text));
    CHECK(!utf8::firstInvalid(std::string("a\0b", 3)));
    // overlong, surrogate, past the end of Unicode, lonely continuation, cut short
    for (const char* bad :
         {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80", "\xE4\xBD", "\xFF"}) {
        CAPTURE(printableBytes(bad));
        CHECK(utf8::firstInvalid(std::string("ok ") + bad + "x") == 3u);
    }
}

TEST_CASE("every character survives encoding and decoding") {
    for (char32_t point = 0; point <= 0x10FFFF; ++point) {
        if (point >= 0xD800 && point <= 0xDFFF) continue;
        std::string text;
        utf8::append(text, point);
        const utf8::Step step = utf8::decode(text, 0);
        if (!step.ok || step.point != point || step.bytes != static_cast<int>(text.size()))
            FAIL("U+" << std::hex << static_cast<unsigned>(point));
    }
}

TEST_CASE("what is no UTF-8 becomes one U+FFFD for each maximal part") {
    // The Unicode Standard 15, table 3-8 and its neighbours.
    CHECK(utf8::repaired("a\xF1\x80\x80\xE1\x80\xC2"
                         "b\x80"
                         "c\x80\xBF"
                         "d") == "a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd");
    CHECK(utf8::repaired("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") == "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA");
    CHECK(utf8::repaired("naïve") == "naïve");
}

TEST_CASE("bytes for people are text where they can be") {
    CHECK(printableBytes(" cat") == " cat");
    CHECK(printableBytes("\xE4") == "\\xE4");
    CHECK(printableBytes("\xBD\xA0é") == "\\xBD\\xA0é");
}

TEST_CASE("GPT-2's alphabet names every byte by another letter") {
    CHECK(spellBytes(" cat\n") == "ĠcatĊ");
    CHECK(spellBytes("你") == "ä½ł");
    std::string all, back;
    for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
    CHECK(unspellBytes(spellBytes(all)) == all);
    CHECK(!unspellBytes("a b"));
    CHECK(!unspellBytes("你"));
}
