// The table of a path's steps: running log-probability, how each token was chosen, two paths side by side.
#include "widgets/generation/path_picture.h"

#include <algorithm>
#include <cmath>

#include "tests/catch.h"
#include "tests/widgets/generation/hand_tree.h"
#include "tests/widgets/whole_numbers.h"
#include "widgets/shared/format.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("Steps carry the running log-probability and their positions") {
    const RunNodePtr root = hang(nullptr, -1), a = hang(root, 1), b = hang(a, 2), c = hang(b, 3);
    const auto steps = pathSteps(c, 7);
    REQUIRE(steps.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(steps[i].position == Position(7 + static_cast<int>(i)));
        CHECK(steps[i].logProbability == Approx(static_cast<double>(i + 1) * std::log(0.125)));
    }
    CHECK(pathSteps(root, 7).empty());
    const PathInput in{.steps = steps, .piece = [](TokenId id) { return "t" + std::to_string(id); }};
    const Picture picture = pathPicture(in, 700, sayEnglish);
    REQUIRE(picture.spots.size() == 3);
    CHECK(picture.spots[2].place.step == Step(3));
    CHECK(picture.spots[2].place.position == Position(9));
    const auto texts = picture.texts();
    CHECK(std::find(texts.begin(), texts.end(), printNumber(3 * std::log(0.125), 4)) != texts.end());
}

TEST_CASE("Two paths stand side by side, the shorter one ending earlier") {
    const RunNodePtr root = hang(nullptr, -1), a = hang(root, 1), b = hang(a, 2), c = hang(root, 3);
    const auto piece = [](TokenId id) { return "t" + std::to_string(id); };
    const PathInput in{
        .steps = pathSteps(b, 4), .stepsA = pathSteps(c, 4), .difference = true, .nameA = "A", .piece = piece, .pieceA = piece};
    const Picture picture = pathPicture(in, 700, sayEnglish);
    CHECK(picture.spots.size() == 1);  // only the first step has both
    CHECK(*picture.spots[0].value == 0);
    const auto texts = picture.texts();
    for (const char* word : {"t1", "t2", "t3"}) CHECK(std::find(texts.begin(), texts.end(), word) != texts.end());
}

TEST_CASE("Before the first step there are sentences") {
    const Picture picture = pathPicture({.piece = [](TokenId) { return "t"; }}, 700, sayEnglish);
    CHECK(picture.texts().size() == 3);
    CHECK(picture.spots.empty());
}

TEST_CASE("Numbers stand clear of a selected step's frame and are whole") {
    const RunNodePtr root = hang(nullptr, -1), a = hang(root, 1), b = hang(a, 2);
    PathInput in{.steps = pathSteps(b, 7), .piece = [](TokenId) { return "t"; }};
    in.place.position = Position(8);
    const Picture picture = pathPicture(in, 640, sayEnglish);
    CHECK(cutNumbers(picture) == std::vector<std::string>{});
    double frame = 0;
    for (const PictureItem& item : picture.items)
        if (const auto* box = std::get_if<Box>(&item); box && box->frame.ink == Ink::SelectedFrame) frame = box->rect.right();
    REQUIRE(frame > 0);
    for (const PictureItem& item : picture.items)
        if (const auto* label = std::get_if<Label>(&item); label && label->mono) CHECK(label->rect.right() <= frame - 4);
}
