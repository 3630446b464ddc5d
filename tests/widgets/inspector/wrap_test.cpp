#include "widgets/inspector/wrap.h"

#include "tests/catch.h"

using namespace lw;

namespace {

// Every code point is 10 wide.
double tens(std::string_view text, TypeSize, bool, bool) {
    double count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return 10 * count;
}

std::string joined(const FormulaLine& line) {
    std::string text;
    for (const FormulaPart& part : line) text += part.text;
    return text;
}

}  // namespace

TEST_CASE("Text breaks at spaces and keeps every word") {
    const auto lines = wrapText("how much query 13 reads key 1", 100, TypeSize::Body, true, tens);
    CHECK(lines == std::vector<std::string>{"how much", "query 13", "reads key", "1"});
    CHECK(wrapText("", 100, TypeSize::Body, true, tens) == std::vector<std::string>{""});
    CHECK(wrapText("one", 100, TypeSize::Body, true, tens) == std::vector<std::string>{"one"});
}

TEST_CASE("A word wider than the line breaks between characters, never inside one") {
    const auto lines = wrapText("blocks.24.attn.hook_pattern", 100, TypeSize::Body, true, tens);
    CHECK(lines == std::vector<std::string>{"blocks.24.", "attn.hook_", "pattern"});
    for (const std::string& line : wrapText("你好世界你好世界", 30, TypeSize::Body, true, tens)) CHECK(line.size() % 3 == 0);
    CHECK(wrapText("你好", 5, TypeSize::Body, true, tens) == std::vector<std::string>{"你", "好"});
}

TEST_CASE("A formula's links stay with their words") {
    Locus place;
    place.position = Position(1);
    const auto lines = wrapFormula(
        {{"= exp(", std::nullopt}, {"3.533014", place}, {" − ", std::nullopt}, {"3.533014", place}, {") / 1.2", std::nullopt}},
        200, TypeSize::Body, tens);
    REQUIRE(lines.size() == 2);
    CHECK(joined(lines[0]) == "= exp(3.533014 − ");
    CHECK(joined(lines[1]) == "  3.533014) / 1.2");
    CHECK(lines[0][1].link == place);
    CHECK(lines[1][1].link == place);
    CHECK_FALSE(lines[1][0].link);
}
