// Tokens of one tokenizer over the columns of another: aligned by bytes.
#include "widgets/compare/compare_columns.h"

#include "tests/catch.h"

using namespace lw;

namespace {
// BOS, "Once", " upon", " a"
const std::vector<Token> columns{{1, 0, 0}, {10, 0, 4}, {11, 4, 9}, {12, 9, 11}};
}  // namespace

TEST_CASE("The same tokens stand in the same columns") {
    const CompareColumns at(columns, 0, 4, 100, 50);
    for (int c = 0; c < 4; ++c) {
        const auto span = at.of(columns[static_cast<std::size_t>(c)].from, columns[static_cast<std::size_t>(c)].to);
        CAPTURE(c);
        CHECK(span.visible);
        CHECK(span.from == Approx(100 + 50 * c));
        CHECK(span.to == Approx(150 + 50 * c));
    }
}

TEST_CASE("Other tokens stand where their bytes are") {
    const CompareColumns at(columns, 0, 4, 100, 50);
    const auto on = at.of(2, 4);  // "ce": the second half of "Once"
    CHECK(on.from == Approx(175));
    CHECK(on.to == Approx(200));
    const auto across = at.of(3, 6);  // "e" and " u"
    CHECK(across.from == Approx(187.5));
    CHECK(across.to == Approx(220));
    CHECK_FALSE(at.of(20, 30).visible);  // past the text
    CHECK_FALSE(at.of(4, 4).visible);    // for no text, and not in front
}

TEST_CASE("What is scrolled away is cut off") {
    const CompareColumns at(columns, 2, 1, 100, 50);
    CHECK_FALSE(at.of(0, 0).visible);
    CHECK_FALSE(at.of(0, 4).visible);
    const auto part = at.of(3, 6);
    CHECK(part.visible);
    CHECK(part.from == Approx(100));
    CHECK(part.to == Approx(120));
    CHECK(at.right() == Approx(150));
}

TEST_CASE("The column that holds a token's last byte") {
    CHECK(CompareColumns::columnOf(columns, 0, 0) == 0);
    CHECK(CompareColumns::columnOf(columns, 0, 2) == 1);
    CHECK(CompareColumns::columnOf(columns, 3, 6) == 2);
    CHECK(CompareColumns::columnOf(columns, 9, 11) == 3);
    CHECK(CompareColumns::columnOf(columns, 11, 12) == -1);
    CHECK(CompareColumns::columnOf({}, 0, 1) == -1);
}
