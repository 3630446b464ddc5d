// How much each part of a model adds to the residual stream at one position: lengths of vectors.
#pragma once

#include <optional>
#include <vector>

#include "core/trace/trace.h"

namespace lw {

// Euclidean norms; none where the site is not in the trace.
struct LayerSize {
    std::optional<double> attention, feedForward, layer;  // attention: or the mixer in its place; layer: of both additions together
};

/// By layer.
std::vector<LayerSize> layerSizes(const Trace& trace, Position position);

}  // namespace lw
