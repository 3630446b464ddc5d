// The tree of generation as places on paper: one lane a branch, one column a depth, children to the right of their parents.
// Qt-free and tested as numbers: no two nodes overlap; 500 nodes are laid out in well under a frame.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/generate/run_tree.h"
#include "widgets/shared/picture.h"

namespace lw {

struct TreeNode {
    RunNodePtr node = {};
    int parent = -1;      // index; -1 for the root
    int depth = 0;        // 0 = the prompt
    int lane = 0;         // 0 = the topmost
    bool onPath = false;  // on the path from the root to the shown node
    bool isShown = false;
    Rect rect = {};
};

struct TreeLayout {
    std::vector<TreeNode> nodes;  // parents before children, the root first
    int lanes = 0;
    double width = 0, height = 0;
    int indexOf(const RunNode* node) const;  // -1 if it is not there
};

struct TreeMetrics {
    double nodeHeight = 20;
    double laneHeight = 48;  // node, the probability over it, and a gap
    double edge = 26;        // between a column and the next
    double top = 14;         // room for the probability over the first lane
    std::function<double(const RunNode&)> nodeWidth;
};

/// The nodes on the paths from `root` to the leaves and to `shown`. A parent's first child (of the oldest leaf) goes on in its
/// lane; each later branch opens a lane below. Leaves that do not descend from the root are left out.
TreeLayout layoutTree(const RunNodePtr& root, const std::vector<RunNodePtr>& leaves, const RunNodePtr& shown,
                      const TreeMetrics& metrics);

}  // namespace lw
