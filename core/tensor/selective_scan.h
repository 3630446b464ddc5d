// Mamba's scan: every channel e keeps N numbers h[e], which token t updates and reads:
//
//     h[e] ← exp(Δ_t[e] A[e]) ⊙ h[e] + Δ_t[e] x_t[e] B_t        kept + written
//     y_t[e] = C_t · h[e]
//
// On plain arrays: used by nn's operation and by what a Trace derives. Source: Gu and Dao 2023, algorithm 2 (B̄ = Δ B).
#pragma once

#include <cstdint>

namespace lw {

// T tokens, row-major: x, delta [T, E]; B, C [T, N]; A [E, N] (negative).
struct SelectiveScanRun {
    int T = 0, E = 0, N = 0;
    const float *x = nullptr, *delta = nullptr, *A = nullptr, *B = nullptr, *C = nullptr;
};

/// h [E, N]: in, the state before the first token; out, after the last. y [T, E] or null. history: null, or room for the
/// states after each token, channel by channel: [E, T, N].
/// Channels are divided among the threads; each channel's numbers do not depend on how.
void runSelectiveScan(const SelectiveScanRun& run, float* h, float* y, float* history);

// Gradients with the shapes of the inputs; x, delta are written, A, B, C are added to. None may be null.
struct SelectiveScanGradients {
    float *x = nullptr, *delta = nullptr, *A = nullptr, *B = nullptr, *C = nullptr;
};

/// before [E, N]; history [E, T, N] as runSelectiveScan gave it; dy [T, E]. dh [E, N]: in, the gradient that reaches the last
/// state; out, that of the state before the first token. squares: null, or T numbers to which the squared norm of d loss / d h
/// after each token is added.
void selectiveScanBackward(const SelectiveScanRun& run, const float* before, const float* history, const float* dy, float* dh,
                           const SelectiveScanGradients& gradients, double* squares = nullptr);

}  // namespace lw
