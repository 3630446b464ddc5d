// The N numbers of a channel lie beside each other in vectors, padded with zeros to a whole number of them: a padded number
// has A = B = C = 0 and stays 0.
#include "core/tensor/selective_scan.h"

#include <algorithm>
#include <vector>

#include "core/base/parallel.h"
#include "core/tensor/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/selective_scan.cpp"
#include "hwy/foreach_target.h"
// after foreach_target
#include "core/tensor/kernels/lanes-inl.h"
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lw::kernels::HWY_NAMESPACE {
namespace {

int paddedTo(int n) { return (n + kLanes - 1) / kLanes * kLanes; }

// rows × n → rows × padded
std::vector<float> padded(const float* from, int rows, int n) {
    const int width = paddedTo(n);
    std::vector<float> to(static_cast<std::size_t>(rows) * static_cast<std::size_t>(width));
    for (int r = 0; r < rows; ++r)
        std::copy(from + std::int64_t{1} * r * n, from + std::int64_t{1} * (r + 1) * n, to.data() + std::int64_t{1} * r * width);
    return to;
}

float sumOf(FloatVec v) {
    alignas(64) float lanes[kLanes];
    hn::Store(v, FloatTag(), lanes);
    return foldArray(lanes, kLanes);
}

// Channels [first, last). B and C are padded.
void forward(const SelectiveScanRun& run, const float* B, const float* C, int first, int last, float* h, float* y,
             float* history) {
    const FloatTag d;
    const int N = run.N, E = run.E, width = paddedTo(N);
    std::vector<float> state(static_cast<std::size_t>(width)), A(static_cast<std::size_t>(width));
    for (int e = first; e < last; ++e) {
        std::copy(h + std::int64_t{1} * e * N, h + std::int64_t{1} * (e + 1) * N, state.begin());
        std::copy(run.A + std::int64_t{1} * e * N, run.A + std::int64_t{1} * (e + 1) * N, A.begin());
        for (int t = 0; t < run.T; ++t) {
            const std::int64_t at = std::int64_t{1} * t * E + e;
            const FloatVec delta = hn::Set(d, run.delta[at]), input = hn::Set(d, run.delta[at] * run.x[at]);
            FloatVec sum = hn::Zero(d);
            for (int n = 0; n < width; n += kLanes) {
                const FloatVec keep = hn::Exp(d, hn::Mul(delta, hn::LoadU(d, A.data() + n)));
                const FloatVec s = hn::MulAdd(keep, hn::LoadU(d, state.data() + n),
                                              hn::Mul(input, hn::LoadU(d, B + std::int64_t{1} * t * width + n)));
                hn::StoreU(s, d, state.data() + n);
                sum = hn::MulAdd(hn::LoadU(d, C + std::int64_t{1} * t * width + n), s, sum);
            }
            if (y) y[at] = sumOf(sum);
            if (history) std::copy(state.begin(), state.begin() + N, history + (std::int64_t{1} * e * run.T + t) * N);
        }
        std::copy(state.begin(), state.begin() + N, h + std::int64_t{1} * e * N);
    }
}

// dB and dC are padded.
void backward(const SelectiveScanRun& run, const float* B, const float* C, const float* before, const float* history,
              const float* dy, float* dh, const SelectiveScanGradients& g, float* dB, float* dC, double* squares) {
    const FloatTag d;
    const int N = run.N, E = run.E, width = paddedTo(N);
    std::vector<float> A(static_cast<std::size_t>(width)), dA(A), grad(A), after(A), old(A);
    for (int e = 0; e < E; ++e) {
        const std::int64_t channel = std::int64_t{1} * e * N;
        std::copy(run.A + channel, run.A + channel + N, A.begin());
        std::copy(dh + channel, dh + channel + N, grad.begin());
        std::fill(grad.begin() + N, grad.end(), 0.0f);
        std::fill(dA.begin(), dA.end(), 0.0f);
        for (int t = run.T - 1; t >= 0; --t) {
            const std::int64_t at = std::int64_t{1} * t * E + e;
            const float* now = history + (std::int64_t{1} * e * run.T + t) * N;
            std::copy(now, now + N, after.begin());
            const float* previous = t > 0 ? now - N : before + channel;
            std::copy(previous, previous + N, old.begin());
            const FloatVec delta = hn::Set(d, run.delta[at]), x = hn::Set(d, run.x[at]), out = hn::Set(d, dy[at]);
            const FloatVec input = hn::Mul(delta, x);
            FloatVec dInput = hn::Zero(d), dDelta = hn::Zero(d), square = hn::Zero(d);
            for (int n = 0; n < width; n += kLanes) {
                const std::int64_t p = std::int64_t{1} * t * width + n;
                const FloatVec a = hn::LoadU(d, A.data() + n), keep = hn::Exp(d, hn::Mul(delta, a));
                const FloatVec s = hn::LoadU(d, after.data() + n), o = hn::LoadU(d, old.data() + n);
                const FloatVec up = hn::MulAdd(out, hn::LoadU(d, C + p), hn::LoadU(d, grad.data() + n));
                square = hn::MulAdd(up, up, square);
                hn::StoreU(hn::MulAdd(out, s, hn::LoadU(d, dC + p)), d, dC + p);
                hn::StoreU(hn::MulAdd(up, input, hn::LoadU(d, dB + p)), d, dB + p);
                dInput = hn::MulAdd(up, hn::LoadU(d, B + p), dInput);
                const FloatVec kept = hn::Mul(up, hn::Mul(keep, o));  // d loss / d (Δ A)
                dDelta = hn::MulAdd(kept, a, dDelta);
                hn::StoreU(hn::MulAdd(kept, delta, hn::LoadU(d, dA.data() + n)), d, dA.data() + n);
                hn::StoreU(hn::Mul(up, keep), d, grad.data() + n);
            }
            const float along = sumOf(dInput);
            g.x[at] = along * run.delta[at];
            g.delta[at] = sumOf(dDelta) + along * run.x[at];
            if (squares) squares[t] += sumOf(square);
        }
        std::copy(grad.begin(), grad.begin() + N, dh + channel);
        for (int n = 0; n < N; ++n) g.A[channel + n] += dA[static_cast<std::size_t>(n)];
    }
}

}  // namespace
}  // namespace lw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lw {
namespace kernels {
namespace {
HWY_EXPORT(paddedTo);
HWY_EXPORT(padded);
HWY_EXPORT(forward);
HWY_EXPORT(backward);
}  // namespace
}  // namespace kernels

void runSelectiveScan(const SelectiveScanRun& run, float* h, float* y, float* history) {
    using namespace kernels;
    const std::vector<float> B = HWY_DYNAMIC_DISPATCH(padded)(run.B, run.T, run.N),
                             C = HWY_DYNAMIC_DISPATCH(padded)(run.C, run.T, run.N);
    const std::int64_t grain = std::max<std::int64_t>(1, 20000 / (std::int64_t{1} * run.T * std::max(1, run.N)));
    parallelFor(run.E, grain, [&](std::int64_t first, std::int64_t last) {
        HWY_DYNAMIC_DISPATCH(forward)(run, B.data(), C.data(), static_cast<int>(first), static_cast<int>(last), h, y, history);
    });
}

void selectiveScanBackward(const SelectiveScanRun& run, const float* before, const float* history, const float* dy, float* dh,
                           const SelectiveScanGradients& gradients, double* squares) {
    using namespace kernels;
    const std::vector<float> B = HWY_DYNAMIC_DISPATCH(padded)(run.B, run.T, run.N),
                             C = HWY_DYNAMIC_DISPATCH(padded)(run.C, run.T, run.N);
    std::vector<float> dB(B.size()), dC(C.size());
    HWY_DYNAMIC_DISPATCH(backward)(run, B.data(), C.data(), before, history, dy, dh, gradients, dB.data(), dC.data(), squares);
    const int width = HWY_DYNAMIC_DISPATCH(paddedTo)(run.N);
    for (int t = 0; t < run.T; ++t) {
        for (int n = 0; n < run.N; ++n) {
            gradients.B[std::int64_t{1} * t * run.N + n] +=
                dB[static_cast<std::size_t>(t) * static_cast<std::size_t>(width) + static_cast<std::size_t>(n)];
            gradients.C[std::int64_t{1} * t * run.N + n] +=
                dC[static_cast<std::size_t>(t) * static_cast<std::size_t>(width) + static_cast<std::size_t>(n)];
        }
    }
}

}  // namespace lw
#endif
