#include "widgets/shared/picture.h"

#include "tests/catch.h"
#include "widgets/shared/say.h"
#include "widgets/shared/text_width.h"

using namespace lw;

TEST_CASE("The uppermost spot is found") {
    Picture picture;
    picture.spot({.rect = {0, 0, 100, 100}, .place = {}, .says = "below"});
    picture.spot({.rect = {10, 10, 10, 10}, .place = {}, .says = "above"});
    REQUIRE(picture.at(15, 15));
    CHECK(picture.at(15, 15)->says == "above");
    CHECK(picture.at(50, 50)->says == "below");
    CHECK(picture.at(20, 20)->says == "below");  // right and bottom edges are outside
    CHECK(picture.at(100, 50) == nullptr);
}

TEST_CASE("Texts are in the order of painting") {
    Picture picture;
    picture.label({.rect = {}, .text = "a"});
    picture.box({});
    picture.label({.rect = {}, .text = "b"});
    CHECK(picture.texts() == std::vector<std::string>{"a", "b"});
}

TEST_CASE("A sentence is filled once") {
    CHECK(fill("layer %1 of %2", {"%2", "5"}) == "layer %2 of 5");
    CHECK(fill("100 %, %3", {"a"}) == "100 %, %3");
}
