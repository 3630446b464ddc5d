// Paths of given tokens after a node (the beams of a search, a rolled text), hung into the tree as branches. Pure work for a
// background job.
#pragma once

#include "app/run/branches.h"
#include "core/base/job.h"
#include "widgets/shared/intents.h"

namespace lw {

struct KeptPaths {
    std::vector<RunNodePtr> nodes;               // new nodes, parents before children; to be added to the tree in order
    std::vector<std::vector<RunNodePtr>> paths;  // of each wish: its nodes in order
};

/// What two paths have in common is run once. Fails: as step.
Result<KeptPaths> runPaths(const Branches& branches, const RunNodePtr& from, const std::vector<PathWish>& wishes,
                           const Job& job = {});

/// Adds the paths to the tree and names those that have no name; result: the tips, in the order of the wishes, without those of
/// no token (children that were there already are walked, not made again).
std::vector<RunNodePtr> addPaths(Branches& branches, const KeptPaths& kept, const std::vector<PathWish>& wishes);

}  // namespace lw
