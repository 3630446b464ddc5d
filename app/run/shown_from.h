// Makes the facts that views get from a place in a run tree, and the place that is selected first.
#pragma once

#include "app/run/branches.h"
#include "widgets/view.h"

namespace lw {

ShownPtr shownFrom(const Branches& branches, const RunNodePtr& node, const std::string& fingerprint,
                   const SamplingSettings& sampling, InformationUnit unit);

/// Where a first look is worth while: the middle layer, the last position, and the key that head 0 reads most.
Locus firstPlace(const Shown& shown);

/// `place` moved inside what `shown` has: layers, heads, positions beyond the end go to the last one, sites the model lacks
/// are dropped.
Locus placeWithin(const Locus& place, const Shown& shown);

/// Fails: a part of the place that is outside this run (named, with the range).
Result<void> checkPlace(const Locus& place, const Shown& shown);

}  // namespace lw
