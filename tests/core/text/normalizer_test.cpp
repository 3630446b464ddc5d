#include "core/text/normalizer.h"

#include "core/text/utf8.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;

namespace {

AlignedText run(const Normalizer& normalizer, const std::string& text) {
    auto made = normalizer(AlignedText::plain(text, 0));
    REQUIRE(made);
    return *made;
}

std::string fromHex(const std::string& points) {
    std::string text, word;
    std::istringstream words(points);
    while (words >> word) utf8::append(text, static_cast<char32_t>(std::stoul(word, nullptr, 16)));
    return text;
}

Range covered(const AlignedText& text, const std::string& part) {
    const auto at = static_cast<std::uint32_t>(text.text.find(part));
    return text.covered({at, at + static_cast<std::uint32_t>(part.size())});
}

}  // namespace

TEST_CASE("the four normal forms agree with Unicode 15's test and keep the alignment in order") {
    int cases = 0, wrong = 0;
    for (const std::string& line : test::splitAt(test::reference("unicode-15/NormalizationTest-part.txt"), "\n")) {
        if (line.empty() || line[0] == '#') continue;
        const auto columns = test::splitAt(line, ";");
        const std::string source = fromHex(columns[0]);
        const NormalForm forms[] = {NormalForm::NFC, NormalForm::NFD, NormalForm::NFKC, NormalForm::NFKD};
        for (std::size_t form = 0; form < 4; ++form) {
            // Twice, with a letter between: what comes before must not disturb what comes behind, marks in front join the letter.
            const std::string expected = fromHex(columns[form + 1]);
            const AlignedText got = inNormalForm(AlignedText::plain(source + "中" + source, 0), forms[form]);
            ++cases;
            bool good = got.text == expected + "中" + expected && got.origin.size() == got.text.size();
            for (std::size_t i = 0; good && i < got.origin.size(); ++i) {
                const Range here = got.origin[i];
                const bool first = i < expected.size(), last = i >= expected.size() + 3;
                good = here.from < here.to && (!first || here.to <= source.size()) && (!last || here.from >= source.size());
                good = good && (i == 0 || (got.origin[i - 1].from <= here.from && got.origin[i - 1].to <= here.to));
            }
            if (!good) {
                ++wrong;
                UNSCOPED_INFO(line << " form " << form);
            }
        }
    }
    CHECK(wrong == 0);
    CHECK(cases > 2000);
}

TEST_CASE("normalized text covers the original that it came from") {
    const AlignedText nfc = run(normalizers::normalForm(NormalForm::NFC), "ab e\u0301x 한글");
    CHECK(nfc.text == "ab éx 한글");
    CHECK(covered(nfc, "é") == Range{3, 6});
    CHECK(covered(nfc, "x") == Range{6, 7});
    CHECK(covered(nfc, "글") == Range{11, 14});
    const AlignedText nfkc = run(normalizers::normalForm(NormalForm::NFKC), "ﬁne①");
    CHECK(nfkc.text == "fine1");
    CHECK(covered(nfkc, "f") == Range{0, 3});
    CHECK(covered(nfkc, "n") == Range{3, 4});
    CHECK(covered(nfkc, "1") == Range{5, 8});
    const AlignedText spaced = run(normalizers::sequence({normalizers::prepend("▁"), normalizers::replace(" ", "▁")}), "a b");
    CHECK(spaced.text == "▁a▁b");
    CHECK(spaced.covered({0, 3}) == Range{0, 0});
    CHECK(spaced.covered({0, 4}) == Range{0, 1});
    CHECK(spaced.covered({4, 7}) == Range{1, 2});
    const AlignedText stripped = run(normalizers::strip(true, true), "  a b \n");
    CHECK(stripped.text == "a b");
    CHECK(stripped.covered({0, 3}) == Range{2, 5});
}

TEST_CASE("the small normalizers do what their names say") {
    using namespace normalizers;
    CHECK(run(lowercase(), "ÀΣİK Ⅳ").text == "àσi̇k ⅳ");
    CHECK(run(sequence({normalForm(NormalForm::NFD), stripAccents()}), "café नि").text == "cafe न");
    CHECK(run(strip(true, false), " \u3000a ").text == "a ");
    CHECK(run(strip(false, true), " a \u3000").text == " a");
    CHECK(run(strip(true, true), "  ").text.empty());
    CHECK(run(prepend("x"), "").text.empty());
    CHECK(run(replace("aa", "b"), "aaaaa").text == "bba");
    CHECK(run(byteLevel(), "é ").text == "Ã©Ġ");
    const auto regex = Regex::compile(" {2,}", "a test");
    REQUIRE(regex);
    CHECK(run(replace(*regex, "$1"), "a   b c").text == "a$1b c");
}
