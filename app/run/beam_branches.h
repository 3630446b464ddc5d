// Beam search from a node, its best paths hung into the tree as branches. Pure work for a background job.
#pragma once

#include "app/run/branches.h"
#include "core/base/job.h"
#include "core/generate/beam.h"

namespace lw {

struct BeamPaths {
    BeamResult search;
    std::vector<RunNodePtr> nodes;               // new nodes, parents before children; to be added to the tree in order
    std::vector<std::vector<RunNodePtr>> paths;  // of each beam, best first: its nodes in order
};

/// Fails: as beamSearch and step.
Result<BeamPaths> beamFrom(const Branches& branches, const RunNodePtr& from, const BeamRequest& request, const Job& job = {});

/// Adds the paths to the tree; result: the tips, best beam first (children that were there already are walked, not made again).
std::vector<RunNodePtr> addPaths(Branches& branches, const BeamPaths& beams);

}  // namespace lw
