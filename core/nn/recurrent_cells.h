// RNN, LSTM and GRU over a chunk of tokens, in torch.nn's conventions (gates i, f, g, o and r, z, n; two biases).
// What comes from the input is one product for all tokens; only what comes from the hidden state goes token by token.
#pragma once

#include "core/nn/matrix_state.h"
#include "core/tensor/tensor.h"
#include "core/tensor/weight.h"

namespace lw::nn {

struct CellWeights {
    Weight input, inputBias;          // weight_ih [G·H, in], bias_ih [1, G·H] or undefined; G = 1 (RNN), 3 (GRU), 4 (LSTM)
    Weight recurrent, recurrentBias;  // weight_hh [G·H, H], bias_hh [1, G·H] or undefined
};

// Of every token [T, H]. Only h carries gradients; the others are for reading and undefined where a cell has no such gate.
struct CellValues {
    Tensor h;
    Tensor i, f, g, o, c;  // LSTM
    Tensor r, z, n;        // GRU
    Tensor kept, written;  // RNN: h U + bias and x W + bias inside the tanh; LSTM: f ⊙ c', i ⊙ g; GRU: z ⊙ h', (1 − z) ⊙ n
};

/// h_t = tanh(x W + h' U + b). h [1, H]: in, the state before the chunk; out, after it. x [T, in].
/// Source: torch.nn.RNN. Golden: tests/data/ops/recurrent_cells, gradients included.
CellValues rnn(const Tensor& x, const CellWeights& w, Matrix& h, StateGradientNorms norms = {});
/// c = f ⊙ c' + i ⊙ g, h = o ⊙ tanh c; i, f, o = σ(…), g = tanh(…). h, c [1, H]. Source: torch.nn.LSTM.
CellValues lstm(const Tensor& x, const CellWeights& w, Matrix& h, Matrix& c, StateGradientNorms norms = {});
/// n = tanh(x W_n + b + r ⊙ (h' U_n + b')), h = (1 − z) ⊙ n + z ⊙ h'. Source: torch.nn.GRU.
CellValues gru(const Tensor& x, const CellWeights& w, Matrix& h, StateGradientNorms norms = {});

}  // namespace lw::nn
