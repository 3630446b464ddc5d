// The tree's layout as numbers: no overlap, children right of their parents, one lane until it branches, quick.
#include "widgets/generation/tree_layout.h"

#include <random>

#include "tests/catch.h"
#include "tests/cpu_seconds.h"
#include "tests/widgets/generation/hand_tree.h"

using namespace lw;
using namespace lw::test;

namespace {

TreeMetrics metrics() {
    TreeMetrics m;
    m.nodeWidth = [](const RunNode& node) { return 40.0 + (node.choice().id * 7) % 60; };
    return m;
}

std::vector<RunNodePtr> randomTree(int count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<RunNodePtr> nodes{hang(nullptr, -1)};
    while (static_cast<int>(nodes.size()) < count) {
        // mostly going on where it stopped, sometimes anywhere
        const std::size_t at = random() % 5 ? nodes.size() - 1 : random() % nodes.size();
        nodes.push_back(hang(nodes[at], static_cast<TokenId>(random() % 500)));
    }
    return nodes;
}

}  // namespace

TEST_CASE("A path is one lane; the second child opens another") {
    const RunNodePtr root = hang(nullptr, -1), a = hang(root, 1), b = hang(a, 2), c = hang(a, 3), d = hang(root, 4);
    const TreeLayout one = layoutTree(root, {b}, b, metrics());
    CHECK(one.lanes == 1);
    CHECK(one.nodes.size() == 3);
    for (const TreeNode& node : one.nodes) CHECK(node.onPath);

    const TreeLayout tree = layoutTree(root, {b, c, d}, c, metrics());
    CHECK(tree.lanes == 3);
    CHECK(tree.nodes[static_cast<std::size_t>(tree.indexOf(b.get()))].lane == 0);
    CHECK(tree.nodes[static_cast<std::size_t>(tree.indexOf(c.get()))].lane == 1);
    CHECK(tree.nodes[static_cast<std::size_t>(tree.indexOf(d.get()))].lane == 2);
    CHECK(tree.nodes[static_cast<std::size_t>(tree.indexOf(c.get()))].isShown);
    CHECK(tree.nodes[static_cast<std::size_t>(tree.indexOf(a.get()))].onPath);
    CHECK_FALSE(tree.nodes[static_cast<std::size_t>(tree.indexOf(b.get()))].onPath);
    CHECK(tree.indexOf(hang(nullptr, -1).get()) == -1);
}

TEST_CASE("In a tree of 500 nodes nothing overlaps and children stand right of their parents") {
    const unsigned seed = GENERATE(1u, 2u, 3u);
    const auto nodes = randomTree(500, seed);
    const auto tips = tipsOf(nodes);
    const TreeLayout tree = layoutTree(nodes[0], tips, tips.back(), metrics());
    REQUIRE(tree.nodes.size() == nodes.size());
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
        const TreeNode& node = tree.nodes[i];
        CHECK(node.rect.right() <= tree.width);
        CHECK(node.rect.bottom() <= tree.height);
        if (node.parent >= 0) {
            const TreeNode& parent = tree.nodes[static_cast<std::size_t>(node.parent)];
            REQUIRE(node.parent < static_cast<int>(i));
            CHECK(parent.node == node.node->parent());
            CHECK(node.rect.x >= parent.rect.right() + 20);
            CHECK(node.depth == parent.depth + 1);
        }
        for (std::size_t j = 0; j < i; ++j) {
            const Rect &a = node.rect, &b = tree.nodes[j].rect;
            const bool apart = a.right() <= b.x || b.right() <= a.x || a.bottom() + 12 <= b.y || b.bottom() + 12 <= a.y;
            if (!apart) FAIL("nodes " << i << " and " << j << " overlap");
        }
    }
}

TEST_CASE("A tree of 500 nodes is laid out in a part of a frame") {
    const auto nodes = randomTree(500, 9);
    const auto tips = tipsOf(nodes);
    const double begin = cpuSeconds();
    const TreeLayout tree = layoutTree(nodes[0], tips, tips.front(), metrics());
    const double ms = 1000 * (cpuSeconds() - begin);
    WARN("500 nodes laid out in " << ms << " ms of CPU time");
    CHECK(tree.nodes.size() == 500);
    CHECK(ms < 2000);  // many times what it takes; a layout that walks all pairs of a large tree takes longer
}

TEST_CASE("A leaf of another tree, a missing root and a shown node that is no leaf") {
    const RunNodePtr root = hang(nullptr, -1), a = hang(root, 1), b = hang(a, 2), stranger = hang(hang(nullptr, -1), 5);
    const TreeLayout tree = layoutTree(root, {b, stranger}, a, metrics());
    CHECK(tree.nodes.size() == 3);
    CHECK(tree.nodes[1].isShown);
    CHECK(layoutTree(nullptr, {b}, b, metrics()).nodes.empty());
    CHECK(layoutTree(root, {}, root, metrics()).nodes.size() == 1);
}
