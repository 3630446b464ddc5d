// One-hot times the table is the row; its neighbours; its numbers as places.
#include "widgets/embeddings/row_picture.h"

#include "tests/core/models/zoo.h"
#include "tests/widgets/embeddings/tables.h"
#include "tests/widgets/whole_numbers.h"
#include "widgets/embeddings/row_facts.h"
#include "widgets/shared/format.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("the facts of a row: the product of one-hot and table, neighbours by both measures") {
    const auto loaded = openModel(zooPath("llama"));
    const TokenTable table = tablesOf(loaded->model, nullptr).front();
    const TokenId id = 11;
    const auto facts = rowFacts(table, id, 5);
    REQUIRE(facts);
    // The product itself, not the look-up.
    RowVector oneHot = RowVector::Zero(table.rows.rows());
    oneHot(id) = 1;
    const RowVector product = oneHot * table.rows.toMatrix();
    CHECK(facts->row.values == product);
    CHECK(facts->norm == Approx(product.cast<double>().norm()));
    REQUIRE(facts->around.size() == 7);
    CHECK(facts->around.front().id == 8);
    REQUIRE(facts->cosine.size() == 5);
    CHECK(facts->cosine.front().near.cosine >= facts->cosine.back().near.cosine);
    CHECK(facts->dot.front().near.dot >= facts->dot.back().near.dot);
    CHECK(rowFacts(table, 0, 3)->around.size() == 4);
    CHECK_FALSE(rowFacts(table, static_cast<TokenId>(table.rows.rows()), 3));

    const Locus place{.position = Position(2), .site = SiteId::Embed};
    const Picture picture = rowPicture({.facts = &*facts, .place = place, .width = 640});
    CHECK(cutNumbers(picture).empty());
    CHECK(says(picture, "one-hot [1 × " + std::to_string(table.rows.rows()) + "]"));
    int ones = 0, zeros = 0;
    for (const std::string& text : picture.texts()) {
        ones += text == "1";
        zeros += text == "0";
    }
    CHECK(ones == 1);
    CHECK(zeros == 6);
    // Every number of the row is there, as a place that the inspector knows.
    int numbers = 0;
    for (const Spot& spot : picture.spots) {
        if (spot.place.site != SiteId::Embed) continue;
        REQUIRE(spot.place.unit);
        CHECK(spot.value == Approx(static_cast<double>(product(spot.place.unit->value))));
        CHECK(spot.place.position == Position(2));
        ++numbers;
    }
    CHECK(numbers == product.size());
    for (const NearToken& one : facts->cosine) CHECK(spotOf(picture, "token:" + std::to_string(one.near.id)));
    // Without a place in the text the numbers are still told.
    const Picture other = rowPicture({.facts = &*facts, .width = 640});
    for (const Spot& spot : other.spots) CHECK_FALSE(spot.place.site);
    REQUIRE(other.tables.size() == 2);
    CHECK(other.tables[0].rows.size() == static_cast<std::size_t>(product.size()));
}
