// Keeps the trees that undo may come back to, within a memory budget: the oldest is let go first.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "app/run/branches.h"

namespace lw {

class TreeShelf {
public:
    /// The trees that had to be let go (never `newest`).
    std::vector<BranchesPtr> put(const BranchesPtr& newest, std::int64_t budget);
    std::size_t size() const { return m_trees.size(); }

private:
    std::deque<BranchesPtr> m_trees;  // last used last
};

}  // namespace lw
