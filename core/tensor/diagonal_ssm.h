// A linear time-invariant system whose state matrix is diagonal (S4D): every channel e keeps N numbers x[e], real or complex,
//
//     x[e] ← Ā[e] ⊙ x[e] + B̄[e] u_t[e]              kept + written
//     y_t[e] = factor · Re(C[e] · x[e])              factor 2 for complex numbers, whose conjugates are left out
//
// from the continuous ẋ = A x + u by zero-order hold or the bilinear rule. The same numbers as a convolution: y = K ∗ u with
// K_l = factor · Re Σ_n C_n B̄_n Ā_n^l. On plain arrays: used by nn's operation and by what is derived from a run.
// Source: Gu et al. 2022, "On the Parameterization and Initialization of Diagonal State Space Models", section 3.
#pragma once

#include <complex>
#include <cstdint>
#include <vector>

namespace lw {

enum class Discretisation { ZeroOrderHold, Bilinear };

struct DiscretePole {
    std::complex<double> keep, write;  // Ā, B̄ for B = 1
};
/// Of ẋ = a x + u with steps of this length.
///   zero-order hold: Ā = e^{Δa}, B̄ = (Ā − 1) / a        bilinear: Ā = (1 + Δa/2) / (1 − Δa/2), B̄ = Δ / (1 − Δa/2)
DiscretePole discretise(double step, std::complex<double> a, Discretisation rule);

// All channels, [E, N] row-major; the imaginary parts are null for real systems.
struct DiagonalSsm {
    int E = 0, N = 0;
    const float *keep = nullptr, *keepImag = nullptr, *write = nullptr, *writeImag = nullptr, *read = nullptr,
                *readImag = nullptr;

    bool complex() const { return keepImag != nullptr; }
    float factor() const { return complex() ? 2.0f : 1.0f; }
    /// Floats of one channel's state: N, or N real parts and then N imaginary ones.
    int stateSize() const { return complex() ? 2 * N : N; }
};

/// u [T, E]; x [E, stateSize]: in, the state before the first token; out, after the last. y [T, E] or null.
/// history: null, or room for the states after each token, channel by channel: [E, T, stateSize].
void runDiagonalSsm(const DiagonalSsm& ssm, int T, const float* u, float* x, float* y, float* history);

// Gradients of keep, write and read [E, N] (imaginary parts null for real systems), added to; of u [T, E], written.
struct DiagonalSsmGradients {
    double *keep = nullptr, *keepImag = nullptr, *write = nullptr, *writeImag = nullptr, *read = nullptr, *readImag = nullptr;
    float* u = nullptr;
};
/// before [E, stateSize], history as runDiagonalSsm gave it, dy [T, E]. squares: null, or T numbers to which the squared norm of
/// d loss / d x after each token is added (then the channels are not divided among threads).
void diagonalSsmBackward(const DiagonalSsm& ssm, int T, const float* u, const float* before, const float* history,
                         const float* dy, const DiagonalSsmGradients& gradients, double* squares = nullptr);

/// K_0 … K_{length−1} of one channel, in double.
std::vector<double> diagonalSsmKernel(const DiagonalSsm& ssm, int channel, int length);
/// y_t = Σ_{l ≤ t} K_l u_{t−l}: the convolution form, from a zero state. K at least as long as u.
std::vector<double> convolve(const std::vector<double>& kernel, const std::vector<double>& u);

}  // namespace lw
