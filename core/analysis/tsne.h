// t-SNE: points of many dimensions laid out in two so that near ones stay near. A layout is a value that is carried on by
// steps, so that it can be looked at while it settles.
// Source: van der Maaten & Hinton 2008; the nearest 3·perplexity neighbours as in van der Maaten 2014. The repulsion is that of
// all pairs; the steps take it in float sums (tensor/kernels/plane_repulsion.h), on which nothing visible depends.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/tensor/matrix.h"

namespace lw {

// How near the points are to one another: p_ij = (p_j|i + p_i|j) / 2n, symmetric, summing to 1, kept by rows.
struct Nearnesses {
    int points = 0;
    std::vector<std::int64_t> begin;  // [n + 1]: where a point's neighbours begin
    std::vector<int> other;           // the neighbour
    std::vector<double> p;
    std::vector<double> perplexities;  // [n]: 2^H(p_·|i) that was reached
};

/// p_j|i ∝ exp(−β_i ‖x_i − x_j‖²) over the 3·perplexity nearest j, β_i by bisection so that 2^H is the perplexity (within 1e-4 of
/// it; less where there are fewer points, or points that coincide). rows [n, D], n >= 2; perplexity >= 1 (asserted; a perplexity
/// of more than (n − 1)/3 is lowered to it, but not below 1).
/// Fails: Cancelled.
Result<Nearnesses> nearnesses(const MatrixD& rows, double perplexity, const Job& job = {});

/// Σ p ln(p / q) in nats, q_ij ∝ 1 / (1 + ‖y_i − y_j‖²) over all pairs. layout [n, 2].
double divergence(const Nearnesses& near, const MatrixD& layout);
/// Its gradient [n, 2]: 4 Σ_j (e·p_ij − q_ij)(y_i − y_j) / (1 + ‖y_i − y_j‖²); e = exaggeration, 1 for the divergence itself.
MatrixD divergenceGradient(const Nearnesses& near, const MatrixD& layout, double exaggeration = 1);

/// Both with float sums over the pairs, many times as fast: the divergence within 1e-5 nats, the gradient within 1e-5 of the
/// strongest pull that is in it (it may itself be nearly 0, where pull and push are in balance).
double fastDivergence(const Nearnesses& near, const MatrixD& layout);
MatrixD fastGradient(const Nearnesses& near, const MatrixD& layout, double exaggeration = 1);

struct TsneLayout {
    MatrixD points;  // [n, 2], centred
    int steps = 0;   // taken so far
    MatrixD velocity, gains;
};

/// Small random points (Gaussian, σ = 1e-4) by Pcg32: the same seed gives the same layout on every machine.
TsneLayout tsneStart(int points, std::uint64_t seed);

/// One step of gradient descent with momentum and gains: the first 250 with nearnesses exaggerated 12-fold, rate
/// max(n / 12, 50). Deterministic, whatever the number of threads.
void tsneStep(const Nearnesses& near, TsneLayout& layout);

}  // namespace lw
