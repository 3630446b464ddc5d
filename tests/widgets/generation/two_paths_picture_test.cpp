// Two paths side by side, and the page of the cache, as numbers.
#include "widgets/generation/two_paths_picture.h"

#include <algorithm>
#include <cmath>

#include "tests/catch.h"
#include "tests/widgets/generation/hand_tree.h"
#include "tests/widgets/whole_numbers.h"
#include "widgets/generation/cache_picture.h"
#include "widgets/generation/tree_picture.h"
#include "widgets/shared/format.h"

using namespace lw;
using namespace lw::test;

namespace {

bool says(const Picture& picture, const std::string& text) {
    const auto texts = picture.texts();
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& t) { return t.find(text) != std::string::npos; });
}

const auto piece = [](TokenId id) { return "t" + std::to_string(id); };

}  // namespace

TEST_CASE("Two paths: tokens, probabilities and sums of both, and where they part") {
    const RunNodePtr root = hang(nullptr, -1), a = hang(root, 1), b = hang(a, 2), c = hang(a, 3), d = hang(c, 4);
    TwoPathsInput in{.a = pathSteps(b, 5), .b = pathSteps(d, 5), .nameA = "mine", .nameB = "yours", .piece = piece};
    CHECK(partedAt(in.a, in.b) == 1);
    const Picture picture = twoPathsPicture(in, 800, sayEnglish);
    CHECK(says(picture, "here they part"));
    CHECK(says(picture, "mine"));
    for (const char* token : {"t1", "t2", "t3", "t4"}) CHECK(says(picture, token));
    CHECK(says(picture, printNumber(3 * std::log(0.125), 4)));
    CHECK(says(picture, printNumber(std::log(0.125), 4)));  // the difference of the sums
    REQUIRE(picture.spots.size() == 5);
    int places = 0, goes = 0;
    for (const Spot& spot : picture.spots) {
        if (spot.place.position) {
            ++places;
            CHECK(spot.place.position->value == 4 + spot.place.step->value);
        }
        goes += spot.action.rfind("path:", 0) == 0;
    }
    CHECK(places == 3);
    CHECK(goes == 2);
    REQUIRE(picture.tables.size() == 1);
    CHECK(picture.tables[0].rows.size() == 3);
    CHECK(std::isnan(picture.tables[0].rows[2][1]));
    CHECK(cutNumbers(picture) == std::vector<std::string>{});

    in.a = in.b;
    CHECK(says(twoPathsPicture(in, 800, sayEnglish), "they are the same"));
    in.a = pathSteps(c, 5);
    CHECK(says(twoPathsPicture(in, 800, sayEnglish), "one of them ends here"));
    in.a = {};
    CHECK(says(twoPathsPicture(in, 800, sayEnglish), "no step yet"));
}

TEST_CASE("A branch's name stands over its node and is spoken") {
    const RunNodePtr root = hang(nullptr, -1), a = hang(root, 1), b = hang(a, 2);
    TreeInput in{.root = root, .shown = b, .leaves = {b}, .promptLength = 1, .prompt = "p", .piece = piece};
    const double plain = treePicture(in, sayEnglish).layout.nodes[2].rect.w;
    in.names[b.get()] = "the long way home";
    const TreePicture tree = treePicture(in, sayEnglish);
    CHECK(says(tree.picture, "the long way home"));
    CHECK(tree.picture.spots[2].says.find("the long way home") != std::string::npos);
    CHECK(tree.picture.spots[1].says.find("the long way home") == std::string::npos);
    CHECK(tree.layout.nodes[2].rect.w > plain);
    CHECK(cutNumbers(tree.picture) == std::vector<std::string>{});
}

TEST_CASE("The page of the cache: one new row, or the whole triangle; differences and times are said") {
    CacheCheck check{.length = 6,
                     .withRows = 1,
                     .withoutRows = 6,
                     .logitDifference = 1.5e-6,
                     .largestLogit = 12.25,
                     .streamDifference = {0, 2.5e-7},
                     .largestStream = {3, 4},
                     .withSeconds = 0.001,
                     .withoutSeconds = 0.004,
                     .repeats = 5,
                     .stateBytes = 12'000};
    const Picture picture = cachePicture(check, true, 830, sayEnglish);
    int fresh = 0, old = 0;
    for (const PictureItem& item : picture.items)
        if (const Box* box = std::get_if<Box>(&item); box && box->rect.w == box->rect.h) {
            fresh += box->fill.ink == Ink::New;
            old += box->fill.ink == Ink::Grid;
        }
    CHECK(fresh == 6 + 21);
    CHECK(old == 15);
    CHECK(says(picture, "6 cells new"));
    CHECK(says(picture, "21 cells, all computed"));
    CHECK(says(picture, printNumber(4.0, 3) + " times as long"));
    CHECK(says(picture, printNumber(1.5e-6, 3)));
    CHECK(says(picture, "stream after L1"));
    CHECK(picture.tables.at(0).rows.size() == 3);
    CHECK(cutNumbers(picture) == std::vector<std::string>{});
    const Picture state = cachePicture(check, false, 830, sayEnglish);
    CHECK_FALSE(says(state, "cells"));
    CHECK(says(cachePicture({.length = 400, .streamDifference = {}, .largestStream = {}}, true, 830, sayEnglish),
               "24 × 24 blocks"));
}
