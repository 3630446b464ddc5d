#include "app/run/tree_shelf.h"

#include <algorithm>

namespace lw {

std::vector<BranchesPtr> TreeShelf::put(const BranchesPtr& newest, std::int64_t budget) {
    m_trees.erase(std::remove(m_trees.begin(), m_trees.end(), newest), m_trees.end());
    m_trees.push_back(newest);
    std::int64_t bytes = 0;
    for (const BranchesPtr& tree : m_trees) bytes += tree->bytes();
    std::vector<BranchesPtr> dropped;
    while (bytes > budget && m_trees.size() > 1) {
        bytes -= m_trees.front()->bytes();
        dropped.push_back(m_trees.front());
        m_trees.pop_front();
    }
    return dropped;
}

}  // namespace lw
