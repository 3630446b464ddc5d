// The row of a tensor that a place stands in, as text to copy.
#pragma once

#include <string>
#include <vector>

#include "core/trace/locus.h"
#include "core/trace/trace.h"

namespace lw {

/// The values along the last axis: channels, dimensions of the head (of all heads, if the place names none), keys of the query,
/// tokens. Empty if they are not here.
std::vector<float> rowOf(const Trace& trace, const Locus& place);
/// What the i-th value of rowOf is called: the place with its unit (and head) or key.
Locus placeInRow(const Trace& trace, const Locus& place, int i);
/// With all digits, separated by commas.
std::string rowText(const std::vector<float>& row);

}  // namespace lw
