// Language models of RNN, LSTM or GRU cells: an embedding, layers of cells, a linear read-out.
#pragma once

#include <vector>

#include "core/models/registry.h"

namespace lw {

std::vector<Architecture> recurrentArchitectures();  // rnn, lstm, gru

}  // namespace lw
