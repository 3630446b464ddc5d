// How far back a loss reaches through the states: ‖∂loss/∂state_t‖ for every token before it.
// Source: maths sheet (gradient against distance). A real backward pass through the model that is open, in its own arithmetic.
#pragma once

#include <span>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/models/model.h"

namespace lw {

struct StateGradients {
    int position = 0;  // whose loss: −ln p(target | tokens 0 … position)
    TokenId target = -1;
    double loss = 0;                         // nats
    std::vector<Layer> layers;               // those that carry a state
    std::vector<std::vector<double>> norms;  // [i][t]: of layer i's state after token t, t = 0 … position
    std::vector<double> all;                 // [t]: over all layers together, the root of the sum of squares
};

/// Fails: a model no layer of which carries a state; a position outside the text; a target outside the vocabulary; as
/// Model::forward; Cancelled; a file that changed.
Result<StateGradients> stateGradients(const Model& model, std::span<const TokenId> ids, Position position, TokenId target,
                                      const Job& job = {});

}  // namespace lw
