// RNN, LSTM and GRU as parts of a model.
#pragma once

#include "core/models/parts/mixer.h"
#include "core/models/parts/part_reader.h"

namespace lw {

/// Tensors weight_ih_l{i}, weight_hh_l{i}, bias_ih_l{i}, bias_hh_l{i} below `prefix`, as torch.nn names them; i is the reader's
/// layer. Input and hidden state are `width` wide.
std::unique_ptr<Mixer> readCell(PartReader& reader, const std::string& prefix, MixerKind kind, int width);

}  // namespace lw
