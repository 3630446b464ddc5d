// The tree's picture: each node a spot with its probability, how it was chosen, and an action that finds it again.
#include "widgets/generation/tree_picture.h"
#include "widgets/generation/path_picture.h"

#include <algorithm>

#include "tests/catch.h"
#include "tests/widgets/generation/hand_tree.h"

using namespace lw;
using namespace lw::test;

namespace {

bool says(const Picture& picture, const std::string& text) {
    const auto texts = picture.texts();
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& t) { return t.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("Nodes are spots with probabilities, actions and, on the path, places") {
    const RunNodePtr root = hang(nullptr, -1), a = hang(root, 1, 0.4143), b = hang(a, 2, {}), c = hang(a, 3, {}, true);
    TreeInput in{.root = root,
                 .shown = c,
                 .leaves = {b, c},
                 .promptLength = 5,
                 .prompt = "… up·on",
                 .piece = [](TokenId id) { return "t" + std::to_string(id); },
                 .draws = true};
    const TreePicture tree = treePicture(in, sayEnglish);
    REQUIRE(tree.picture.spots.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        const Spot& spot = tree.picture.spots[i];
        CHECK(spot.action == "node:" + std::to_string(i));
        CHECK(spot.rect.x == tree.layout.nodes[i].rect.x);
        const TreeNode& node = tree.layout.nodes[i];
        CHECK(spot.place.position.has_value() == node.onPath);
        if (node.onPath) CHECK(spot.place.position == Position(4 + node.depth));
        if (node.parent >= 0) CHECK(*spot.value == node.node->choice().probability);
    }
    CHECK(says(tree.picture, "… up·on"));
    CHECK(says(tree.picture, "⚄ 0.414"));
    CHECK(says(tree.picture, "greedy"));
    CHECK(says(tree.picture, "forced"));
    CHECK(says(tree.picture, "0.250"));
    CHECK(says(tree.picture, "0.125"));  // a forced token's own probability
    CHECK(tree.picture.tables.at(0).rows.size() == 4);
}

TEST_CASE("A token kept with its path is not said to be forced by a person") {
    const RunNodePtr root = hang(nullptr, -1);
    const Choice choice{.id = 3, .draw = {}, .forced = true, .kept = true};
    const RunNodePtr node = std::make_shared<RunNode>(root, nullptr, nullptr, choice, Pcg32(1));
    const auto piece = [](TokenId) { return "t"; };
    const TreePicture tree = treePicture(
        {.root = root, .shown = node, .leaves = {node}, .promptLength = 1, .prompt = "p", .piece = piece, .draws = true},
        sayEnglish);
    CHECK(says(tree.picture, "kept"));
    CHECK_FALSE(says(tree.picture, "forced"));
    CHECK(tree.picture.spots[1].says.find("kept with its path") != std::string::npos);
    const Picture path = pathPicture({.steps = pathSteps(node, 1), .piece = piece}, 700, sayEnglish);
    CHECK(says(path, "kept"));
    CHECK_FALSE(says(path, "forced"));
}

TEST_CASE("A draw near an edge is flagged on its node") {
    const RunNodePtr root = hang(nullptr, -1);
    Choice choice{.id = 3, .draw = 0.25, .nearEdge = true};
    const RunNodePtr node = std::make_shared<RunNode>(root, nullptr, nullptr, choice, Pcg32(1));
    TreeInput in{
        .root = root, .shown = node, .leaves = {node}, .promptLength = 1, .prompt = "p", .piece = [](TokenId) { return "t"; }};
    const TreePicture tree = treePicture(in, sayEnglish);
    CHECK(says(tree.picture, "≈!"));
    CHECK(tree.picture.spots[1].says.find("another machine") != std::string::npos);
}

TEST_CASE("Right-to-left tokens, emoji and long ones keep their text and fit their nodes") {
    const RunNodePtr root = hang(nullptr, -1), a = hang(root, 0), b = hang(a, 1), c = hang(b, 2);
    const std::vector<std::string> pieces = {"שלום", "👩‍👩‍👧", std::string(200, 'x')};
    TreeInput in{.root = root, .shown = c, .leaves = {c}, .promptLength = 2, .prompt = "مرحبا", .piece = [&](TokenId id) {
                     return pieces[static_cast<std::size_t>(id)];
                 }};
    const TreePicture tree = treePicture(in, sayEnglish);
    for (const std::string& piece : pieces) CHECK(says(tree.picture, piece));
    for (const TreeNode& node : tree.layout.nodes) CHECK(node.rect.w <= 150);
}
