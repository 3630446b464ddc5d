// One reading of the logit lens: how probable a token would be if a state of the residual stream went straight to the output.
// The values as logit_lens gives them, and the same in double precision, which shares no code with core/nn.
// Source: nostalgebraist 2020; maths sheet 3.1. Internal to analysis.
#pragma once

#include "core/analysis/place.h"

namespace lw {

/// softmax(readOut(state)) of the stream state that the place names [1, V]; the last state's are the run's own logits.
RowVectorD lensProbabilities(const Trace& trace, const Model& model, const CheckedPlace& place);

/// Final norm and unembedding of a stream state [1, D] → logits [1, V], in double precision.
RowVectorD lensLogits(const Model& model, const RowVectorD& stream);
/// exp(logit − max) / Σ exp(logit − max) of one token.
double lensProbability(const RowVectorD& logits, TokenId token);

}  // namespace lw
