#include "core/tensor/matrix_state.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/tensor/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/matrix_state.cpp"
#include "hwy/foreach_target.h"
// after foreach_target
#include "core/tensor/kernels/lanes-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lw::kernels::HWY_NAMESPACE {
namespace {

// Calls wide(i) for whole vectors of [0, n) and narrow(i) for what is left.
template <class Wide, class Narrow>
HWY_INLINE void over(int n, const Wide& wide, const Narrow& narrow) {
    int i = 0;
    for (; i + kLanes <= n; i += kLanes) wide(i);
    for (; i < n; ++i) narrow(i);
}

// y = scale · x + y
HWY_INLINE void add(float scale, const float* x, float* y, int n) {
    const FloatTag d;
    const FloatVec by = hn::Set(d, scale);
    over(
        n, [&](int i) HWY_ATTR { hn::StoreU(hn::MulAdd(by, hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, y + i); },
        [&](int i) { y[i] += scale * x[i]; });
}

// A sum gathered in the lanes of a vector and, past the last whole vector, in a number.
HWY_INLINE float total(FloatVec sum, float rest) {
#if HWY_TARGET == HWY_SCALAR
    return rest + hn::GetLane(sum);
#else
    return rest + foldLanes(FloatTag(), sum);
#endif
}

// One row of S: to = keep · from − e · u + w · v, and o += q · to.
HWY_INLINE void updateRow(const float* from, float* to, float keep, float e, const float* u, float w, const float* v, float q,
                          float* o, int V) {
    const FloatTag d;
    const FloatVec keepV = hn::Set(d, keep), eV = hn::Set(d, -e), wV = hn::Set(d, w), qV = hn::Set(d, q);
    over(
        V,
        [&](int i) HWY_ATTR {
            FloatVec s = hn::Mul(keepV, hn::LoadU(d, from + i));
            if (u) s = hn::MulAdd(eV, hn::LoadU(d, u + i), s);
            s = hn::MulAdd(wV, hn::LoadU(d, v + i), s);
            hn::StoreU(s, d, to + i);
            if (o) hn::StoreU(hn::MulAdd(qV, s, hn::LoadU(d, o + i)), d, o + i);
        },
        [&](int i) {
            float s = keep * from[i];
            if (u) s -= e * u[i];
            s += w * v[i];
            to[i] = s;
            if (o) o[i] += q * s;
        });
}

void forward(const MatrixStateRun& run, float* S, float* out, std::int64_t outStride, float* history) {
    const int K = run.K, V = run.V;
    const std::int64_t size = std::int64_t{1} * K * V;
    std::vector<float> removed(run.e ? static_cast<std::size_t>(V) : 0);
    const float* from = S;
    for (int t = 0; t < run.T; ++t) {
        float* to = history ? history + t * size : S;
        const float *w = run.w.at(t), *v = run.v.at(t), *q = out ? run.q.at(t) : nullptr;
        const float* d = run.d ? run.d.at(t) : nullptr;
        const float* e = run.e ? run.e.at(t) : nullptr;
        if (e) {
            const float* r = run.r.at(t);
            std::fill(removed.begin(), removed.end(), 0.0f);
            for (int k = 0; k < K; ++k) add(r[k], from + std::int64_t{1} * k * V, removed.data(), V);
        }
        float* o = out ? out + t * outStride : nullptr;
        if (o) std::fill(o, o + V, 0.0f);
        for (int k = 0; k < K; ++k) {
            const float keep = d ? d[run.decayPerKey ? k : 0] : 1.0f;
            const std::int64_t row = std::int64_t{1} * k * V;
            updateRow(from + row, to + row, keep, e ? e[k] : 0, e ? removed.data() : nullptr, w[k], v, q ? q[k] : 0, o, V);
        }
        from = to;
    }
    if (from != S) std::copy(from, from + size, S);
}

// y = scale · x + y, and on the way ⟨x, z⟩.
HWY_INLINE float addAndProduct(float scale, const float* x, float* y, const float* z, int n) {
    const FloatTag d;
    const FloatVec by = hn::Set(d, scale);
    FloatVec sum = hn::Zero(d);
    float rest = 0;
    over(
        n,
        [&](int i) HWY_ATTR {
            const FloatVec value = hn::LoadU(d, x + i);
            sum = hn::MulAdd(value, hn::LoadU(d, z + i), sum);
            hn::StoreU(hn::MulAdd(by, value, hn::LoadU(d, y + i)), d, y + i);
        },
        [&](int i) {
            rest += x[i] * z[i];
            y[i] += scale * x[i];
        });
    return total(sum, rest);
}

// The row goes one token back: dS = keep · dS + r · dRemoved (the latter where something was erased). On the way ⟨dS, old⟩ is
// gathered, the gradient of keep.
HWY_INLINE float stepBack(float* dS, const float* old, float keep, float r, const float* dRemoved, int V) {
    const FloatTag d;
    const FloatVec keepV = hn::Set(d, keep), rV = hn::Set(d, r);
    FloatVec dKeep = hn::Zero(d);
    float rest = 0;
    over(
        V,
        [&](int i) HWY_ATTR {
            FloatVec row = hn::LoadU(d, dS + i);
            dKeep = hn::MulAdd(row, hn::LoadU(d, old + i), dKeep);
            row = hn::Mul(keepV, row);
            if (dRemoved) row = hn::MulAdd(rV, hn::LoadU(d, dRemoved + i), row);
            hn::StoreU(row, d, dS + i);
        },
        [&](int i) {
            rest += dS[i] * old[i];
            dS[i] *= keep;
            if (dRemoved) dS[i] += r * dRemoved[i];
        });
    return total(dKeep, rest);
}

HWY_INLINE float product(const float* a, const float* b, int n) {
    const FloatTag d;
    FloatVec sum = hn::Zero(d);
    float rest = 0;
    over(
        n, [&](int i) HWY_ATTR { sum = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), sum); },
        [&](int i) { rest += a[i] * b[i]; });
    return total(sum, rest);
}

void backward(const MatrixStateRun& run, const float* before, const float* history, const float* dOut, std::int64_t dOutStride,
              float* dS, const MatrixStateGradients& g, double* norms) {
    const int K = run.K, V = run.V;
    const std::int64_t size = std::int64_t{1} * K * V;
    std::vector<float> removed(static_cast<std::size_t>(V)), dRemoved(static_cast<std::size_t>(V));
    for (int t = run.T - 1; t >= 0; --t) {
        const float* after = history + t * size;
        const float* old = t > 0 ? history + (t - 1) * size : before;
        const float *q = run.q.at(t), *w = run.w.at(t), *v = run.v.at(t), *o = dOut + t * dOutStride;
        float* dv = g.v + t * run.v.stride;
        std::fill(dv, dv + V, 0.0f);
        for (int k = 0; k < K; ++k) {
            const std::int64_t row = std::int64_t{1} * k * V;
            g.q[t * run.q.stride + k] = addAndProduct(q[k], o, dS + row, after + row, V);  // what the token's output asks of S
            g.w[t * run.w.stride + k] = addAndProduct(w[k], dS + row, dv, v, V);           // what S asks of what was written
        }
        if (norms) {
            double sum = 0;
            for (std::int64_t i = 0; i < size; ++i) sum += static_cast<double>(dS[i]) * dS[i];
            norms[t] = std::sqrt(sum);
        }
        if (run.e) {
            const float *e = run.e.at(t), *r = run.r.at(t);
            std::fill(removed.begin(), removed.end(), 0.0f);
            std::fill(dRemoved.begin(), dRemoved.end(), 0.0f);
            for (int k = 0; k < K; ++k) {
                add(r[k], old + std::int64_t{1} * k * V, removed.data(), V);
                add(-e[k], dS + std::int64_t{1} * k * V, dRemoved.data(), V);
            }
            for (int k = 0; k < K; ++k) {
                g.e[t * run.e.stride + k] = -product(dS + std::int64_t{1} * k * V, removed.data(), V);
                g.r[t * run.r.stride + k] = product(old + std::int64_t{1} * k * V, dRemoved.data(), V);
            }
        }
        if (!run.d && !run.e) continue;
        const float *d = run.d ? run.d.at(t) : nullptr, *r = run.e ? run.r.at(t) : nullptr;
        float sum = 0;
        for (int k = 0; k < K; ++k) {
            const std::int64_t row = std::int64_t{1} * k * V;
            const float one = stepBack(dS + row, old + row, d ? d[run.decayPerKey ? k : 0] : 1.0f, r ? r[k] : 0,
                                       r ? dRemoved.data() : nullptr, V);
            sum += one;
            if (g.d && run.decayPerKey) g.d[t * run.d.stride + k] = one;
        }
        if (g.d && !run.decayPerKey) g.d[t * run.d.stride] = sum;
    }
}

}  // namespace
}  // namespace lw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lw {
namespace kernels {
namespace {
HWY_EXPORT(forward);
HWY_EXPORT(backward);
}  // namespace
}  // namespace kernels

void runMatrixState(const MatrixStateRun& run, float* S, float* out, std::int64_t outStride, float* history) {
    using namespace kernels;
    HWY_DYNAMIC_DISPATCH(forward)(run, S, out, outStride, history);
}

void matrixStateBackward(const MatrixStateRun& run, const float* before, const float* history, const float* dOut,
                         std::int64_t dOutStride, float* dS, const MatrixStateGradients& gradients, double* norms) {
    using namespace kernels;
    HWY_DYNAMIC_DISPATCH(backward)(run, before, history, dOut, dOutStride, dS, gradients, norms);
}

}  // namespace lw
#endif
