#include "widgets/generation/tree_layout.h"

#include <algorithm>
#include <unordered_map>

namespace lw {

int TreeLayout::indexOf(const RunNode* node) const {
    for (std::size_t i = 0; i < nodes.size(); ++i)
        if (nodes[i].node.get() == node) return static_cast<int>(i);
    return -1;
}

TreeLayout layoutTree(const RunNodePtr& root, const std::vector<RunNodePtr>& leaves, const RunNodePtr& shown,
                      const TreeMetrics& metrics) {
    TreeLayout layout;
    if (!root) return layout;
    std::unordered_map<const RunNode*, int> index{{root.get(), 0}};
    layout.nodes.push_back({.node = root});
    std::vector<RunNodePtr> tips = leaves;
    if (shown) tips.push_back(shown);
    std::vector<RunNodePtr> fresh;  // of one path, from its tip up to the first node that is there already
    std::vector<bool> continued{false};
    int lanes = 1;
    for (const RunNodePtr& tip : tips) {
        fresh.clear();
        RunNodePtr at = tip;
        while (at && !index.count(at.get())) {
            fresh.push_back(at);
            at = at->parent();
        }
        if (!at) continue;  // another tree's leaf
        for (auto node = fresh.rbegin(); node != fresh.rend(); ++node) {
            const int parent = index.at((*node)->parent().get());
            const auto p = static_cast<std::size_t>(parent);
            const int lane = continued[p] ? lanes++ : layout.nodes[p].lane;
            continued[p] = true;
            index[node->get()] = static_cast<int>(layout.nodes.size());
            layout.nodes.push_back({.node = *node, .parent = parent, .depth = layout.nodes[p].depth + 1, .lane = lane});
            continued.push_back(false);
        }
    }
    for (RunNodePtr at = shown; at; at = at->parent()) {
        const auto found = index.find(at.get());
        if (found == index.end()) continue;
        layout.nodes[static_cast<std::size_t>(found->second)].onPath = true;
        layout.nodes[static_cast<std::size_t>(found->second)].isShown = at == shown;
    }
    // columns as wide as their widest node
    std::vector<double> width;
    for (TreeNode& node : layout.nodes) {
        const auto d = static_cast<std::size_t>(node.depth);
        if (width.size() <= d) width.resize(d + 1, 0);
        node.rect.w = metrics.nodeWidth ? metrics.nodeWidth(*node.node) : 60;
        width[d] = std::max(width[d], node.rect.w);
    }
    std::vector<double> left(width.size(), 0);
    for (std::size_t d = 1; d < width.size(); ++d) left[d] = left[d - 1] + width[d - 1] + metrics.edge;
    for (TreeNode& node : layout.nodes) {
        const auto d = static_cast<std::size_t>(node.depth);
        node.rect.x = left[d];
        node.rect.y = metrics.top + metrics.laneHeight * node.lane;
        node.rect.h = metrics.nodeHeight;
        layout.width = std::max(layout.width, node.rect.right());
    }
    layout.lanes = lanes;
    layout.height = metrics.top + metrics.laneHeight * (lanes - 1) + metrics.nodeHeight;
    return layout;
}

}  // namespace lw
