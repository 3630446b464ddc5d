// Finds where a training first went beyond numbers.
#pragma once

#include <span>
#include <string>

#include "core/train/learner.h"

namespace lw::train {

/// Of the weights, else of the values of a forward pass over the sequences (by its capture site), else of the gradients: the name
/// of the first tensor with an infinity or a NaN. "the loss" if none has.
std::string firstNotFinite(const Learner& learner, std::span<const Sequence> batch);

}  // namespace lw::train
