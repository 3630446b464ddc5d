// What a mixer adds to the stream, taken apart: mixer_out = o · W_out, o one number a channel of the mixer.
#pragma once

#include "core/base/result.h"
#include "core/models/model.h"
#include "core/trace/trace.h"

namespace lw {

/// o, what the mixer's last projection reads: what was read out of the memory, normed and gated as the kind does it; of a cell
/// its hidden state, which is added as it is. In double, from captured values. [n] Fails: the layer has no mixer; a value was not
/// captured (named); outside.
Result<RowVectorD> mixerChannels(const Trace& trace, const Model& model, Layer layer, Position position);

}  // namespace lw
