// Elementwise functions, row softmax and dot products on the machine's widest vectors.
// exp is Highway's polynomial (1 ulp). Sums keep a fixed number of partial sums, whatever the width of the vectors, so that
// machines with fused multiply-add give the same bits; others (SSE4 and older) may differ in the last one.
#include "core/tensor/elementwise.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "core/tensor/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/elementwise.cpp"
#include "hwy/foreach_target.h"
// after foreach_target
#include "core/tensor/kernels/lanes-inl.h"
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lw::kernels::HWY_NAMESPACE {
namespace {

constexpr std::int64_t kSumChunk = 16;  // partial sums of a softmax, in double

/// Calls action(vector, first index, count) → vector over n values, the last, incomplete vector padded with `filler`.
template <class Action>
HWY_INLINE void map(const float* x, float* y, std::int64_t n, float filler, const Action& action) {
    const FloatTag d;
    std::int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) hn::StoreU(action(hn::LoadU(d, x + i)), d, y + i);
    if (i == n) return;
    alignas(64) float rest[kLanes];
    std::fill(std::copy(x + i, x + n, rest), rest + kLanes, filler);
    hn::Store(action(hn::Load(d, rest)), d, rest);
    std::copy(rest, rest + (n - i), y + i);
}

HWY_INLINE FloatVec number(double value) { return hn::Set(FloatTag(), static_cast<float>(value)); }

/// x σ(v), 1 + e^−v being kept finite.
HWY_INLINE FloatVec timesSigmoid(FloatVec x, FloatVec v) {
    const FloatVec power = hn::Exp(FloatTag(), hn::Min(hn::Neg(v), number(88)));
    return hn::Div(x, hn::Add(number(1), power));
}

void mapGeluTanh(const float* x, float* y, std::int64_t n) {
    // ½ (1 + tanh u) = σ(2u)
    constexpr double twice = 2 * 0.79788456080286535588;  // 2 √(2/π)
    map(x, y, n, 0, [&](FloatVec v) HWY_ATTR {
        return timesSigmoid(v, hn::Mul(v, hn::MulAdd(hn::Mul(v, v), number(twice * 0.044715), number(twice))));
    });
}

void mapGeluErf(const float* x, float* y, std::int64_t n) {
    // 1 − Φ(a) = e^(−a²/2) g(1 / (1 + 0.35 a)) for a >= 0; g is our fit of that quotient on [0, 14.5], relative error 3e-8.
    constexpr double g[] = {-1.454573378433796e-06, 0.13965359420175127,   0.1395615356435716,  0.12138576657356115,
                            0.1005920016961917,     -0.013198109941840834, 0.14640326401489379, -0.2455396255836102,
                            0.13940841875368978,    -0.02826540467029032};
    map(x, y, n, 0, [&](FloatVec v) HWY_ATTR {
        const FloatVec a = hn::Min(hn::Abs(v), number(14.5)), t = hn::Div(number(1), hn::MulAdd(a, number(0.35), number(1)));
        FloatVec quotient = number(g[9]);
        for (int i = 8; i >= 0; --i) quotient = hn::MulAdd(quotient, t, number(g[i]));
        const FloatVec tail = hn::Mul(hn::Exp(FloatTag(), hn::Mul(hn::Mul(a, a), number(-0.5))), quotient);
        return hn::Mul(v, hn::IfThenElse(hn::Lt(v, number(0)), tail, hn::Sub(number(1), tail)));
    });
}

void mapSilu(const float* x, float* y, std::int64_t n) {
    map(x, y, n, 0, [&](FloatVec v) HWY_ATTR { return timesSigmoid(v, v); });
}

void mapQuickGelu(const float* x, float* y, std::int64_t n) {
    map(x, y, n, 0, [&](FloatVec v) HWY_ATTR { return timesSigmoid(v, hn::Mul(v, number(1.702))); });
}

void mapSigmoid(const float* x, float* y, std::int64_t n) {
    map(x, y, n, 0, [&](FloatVec v) HWY_ATTR { return timesSigmoid(number(1), v); });
}

void mapSoftplus(const float* x, float* y, std::int64_t n) {
    map(x, y, n, 0, [&](FloatVec v) HWY_ATTR {
        const FloatVec power = hn::Exp(FloatTag(), hn::Min(v, number(20)));
        return hn::IfThenElse(hn::Gt(v, number(20)), v, hn::Log1p(FloatTag(), power));
    });
}

void mapTanh(const float* x, float* y, std::int64_t n) {
    map(x, y, n, 0, [&](FloatVec v) HWY_ATTR { return hn::Tanh(FloatTag(), v); });
}

void mapExp(const float* x, float* y, std::int64_t n) {
    map(x, y, n, 0, [&](FloatVec v) HWY_ATTR { return hn::Exp(FloatTag(), v); });
}

void mapRelu(const float* x, float* y, std::int64_t n) {
    map(x, y, n, 0, [&](FloatVec v) HWY_ATTR { return hn::IfThenZeroElse(hn::Le(v, number(0)), v); });  // keeps NaN
}

float highest(const float* x, std::int64_t n) {
    const FloatTag d;
    constexpr float least = -std::numeric_limits<float>::infinity();
    FloatVec most[4] = {hn::Set(d, least), hn::Set(d, least), hn::Set(d, least), hn::Set(d, least)};
    std::int64_t i = 0;
    for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
        for (int k = 0; k < 4; ++k) most[k] = hn::Max(most[k], hn::LoadU(d, x + i + k * kLanes));
    }
    alignas(64) float lanes[kLanes];
    hn::Store(hn::Max(hn::Max(most[0], most[1]), hn::Max(most[2], most[3])), d, lanes);
    float result = *std::max_element(lanes, lanes + kLanes);
    for (; i < n; ++i) result = std::max(result, x[i]);
    return result;
}

/// x = e^(x − shift) for 16 values, added to the 16 partial sums.
#if HWY_TARGET == HWY_SCALAR
using SumArray = double[kSumChunk];
void expChunk(float* x, float shift, SumArray& sums) {
    for (int i = 0; i < kSumChunk; ++i) {
        x[i] = hn::GetLane(hn::Exp(FloatTag(), hn::Set(FloatTag(), x[i] - shift)));
        sums[i] += x[i];
    }
}
double foldSums(SumArray& sums) { return foldArray(sums, kSumChunk); }
#else
using DoubleTag = hn::Repartition<double, FloatTag>;
using SumArray = hn::Vec<DoubleTag>[kSumChunk / (kLanes / 2)];
HWY_INLINE void expChunk(float* x, float shift, SumArray& sums) {
    const FloatTag d;
    const hn::Half<FloatTag> half;
    HWY_UNROLL(4)
    for (int i = 0; i < kSumChunk / kLanes; ++i) {
        const FloatVec e = hn::Exp(d, hn::Sub(hn::LoadU(d, x + i * kLanes), hn::Set(d, shift)));
        hn::StoreU(e, d, x + i * kLanes);
        sums[2 * i] = hn::Add(sums[2 * i], hn::PromoteTo(DoubleTag(), hn::LowerHalf(half, e)));
        sums[2 * i + 1] = hn::Add(sums[2 * i + 1], hn::PromoteTo(DoubleTag(), hn::UpperHalf(half, e)));
    }
}
HWY_INLINE double foldSums(SumArray& sums) { return fold(DoubleTag(), sums); }
#endif

double softmax(float* x, std::int64_t n) {
    const float shift = highest(x, n);
    assert(std::isfinite(shift));
    SumArray sums = {};
    std::int64_t i = 0;
    for (; i + kSumChunk <= n; i += kSumChunk) expChunk(x + i, shift, sums);
    if (i < n) {
        float rest[kSumChunk];
        std::fill(std::copy(x + i, x + n, rest), rest + kSumChunk, -std::numeric_limits<float>::infinity());
        expChunk(rest, shift, sums);
        std::copy(rest, rest + (n - i), x + i);
    }
    const double sum = foldSums(sums);
    const FloatVec scale = hn::Set(FloatTag(), static_cast<float>(1 / sum));
    map(x, x, n, 0, [&](FloatVec v) HWY_ATTR { return hn::Mul(v, scale); });
    return shift + std::log(sum);
}

#if HWY_TARGET == HWY_SCALAR
float sumOfProducts(const float* a, const float* b, std::int64_t n) {
    float sums[kChunk] = {};
    for (std::int64_t i = 0; i < n; ++i) sums[i % kChunk] += a[i] * b[i];
    return foldArray(sums, kChunk);
}
#else
HWY_INLINE void addChunk(const float* a, const float* b, FloatVec (&sums)[kParts]) {
    const FloatTag d;
    HWY_UNROLL(8)
    for (int k = 0; k < kParts; ++k) sums[k] = hn::MulAdd(hn::LoadU(d, a + k * kLanes), hn::LoadU(d, b + k * kLanes), sums[k]);
}

float sumOfProducts(const float* a, const float* b, std::int64_t n) {
    FloatVec sums[kParts];
    for (FloatVec& sum : sums) sum = hn::Zero(FloatTag());
    std::int64_t i = 0;
    for (; i + kChunk <= n; i += kChunk) addChunk(a + i, b + i, sums);
    if (i < n) {
        float restA[kChunk] = {}, restB[kChunk] = {};
        std::copy(a + i, a + n, restA);
        std::copy(b + i, b + n, restB);
        addChunk(restA, restB, sums);
    }
    return fold(FloatTag(), sums);
}
#endif

#if HWY_TARGET == HWY_SCALAR
void sumsOfProducts(const float* a, const float* rows, std::int64_t stride, std::int64_t count, std::int64_t n, float* out) {
    for (std::int64_t j = 0; j < count; ++j) out[j] = sumOfProducts(a, rows + j * stride, n);
}
#else
void sumsOfProducts(const float* a, const float* rows, std::int64_t stride, std::int64_t count, std::int64_t n, float* out) {
    if (n >= kChunk || n % kLanes != 0) {
        for (std::int64_t j = 0; j < count; ++j) out[j] = sumOfProducts(a, rows + j * stride, n);
        return;
    }
    // Short rows of whole vectors, such as narrow heads: a stays in registers, the vectors that are not there count as zero.
    const FloatTag d;
    const int there = static_cast<int>(n) / kLanes;
    FloatVec left[kParts];
    for (int k = 0; k < kParts; ++k) left[k] = k < there ? hn::LoadU(d, a + k * kLanes) : hn::Zero(d);
    for (std::int64_t j = 0; j < count; ++j) {
        FloatVec sums[kParts];
        for (int k = 0; k < kParts; ++k) {
            sums[k] = k < there ? hn::MulAdd(left[k], hn::LoadU(d, rows + j * stride + k * kLanes), hn::Zero(d)) : hn::Zero(d);
        }
        out[j] = fold(d, sums);
    }
}
#endif

void addProduct(float scale, const float* x, float* y, std::int64_t n) {
    const FloatTag d;
    const FloatVec by = hn::Set(d, scale);
    std::int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) hn::StoreU(hn::MulAdd(by, hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, y + i);
    const hn::CappedTag<float, 1> one;
    for (; i < n; ++i) y[i] = hn::GetLane(hn::MulAdd(hn::Set(one, scale), hn::Set(one, x[i]), hn::Set(one, y[i])));
}

}  // namespace
}  // namespace lw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lw {
namespace kernels {
namespace {
HWY_EXPORT(mapGeluTanh);
HWY_EXPORT(mapGeluErf);
HWY_EXPORT(mapSilu);
HWY_EXPORT(mapQuickGelu);
HWY_EXPORT(mapRelu);
HWY_EXPORT(mapSigmoid);
HWY_EXPORT(mapSoftplus);
HWY_EXPORT(mapTanh);
HWY_EXPORT(mapExp);
HWY_EXPORT(softmax);
HWY_EXPORT(sumOfProducts);
HWY_EXPORT(sumsOfProducts);
HWY_EXPORT(addProduct);
}  // namespace
}  // namespace kernels
using namespace kernels;

void geluTanh(const float* x, float* y, std::int64_t n) { HWY_DYNAMIC_DISPATCH(mapGeluTanh)(x, y, n); }
void geluErf(const float* x, float* y, std::int64_t n) { HWY_DYNAMIC_DISPATCH(mapGeluErf)(x, y, n); }
void silu(const float* x, float* y, std::int64_t n) { HWY_DYNAMIC_DISPATCH(mapSilu)(x, y, n); }
void quickGelu(const float* x, float* y, std::int64_t n) { HWY_DYNAMIC_DISPATCH(mapQuickGelu)(x, y, n); }
void relu(const float* x, float* y, std::int64_t n) { HWY_DYNAMIC_DISPATCH(mapRelu)(x, y, n); }
void sigmoid(const float* x, float* y, std::int64_t n) { HWY_DYNAMIC_DISPATCH(mapSigmoid)(x, y, n); }
void softplus(const float* x, float* y, std::int64_t n) { HWY_DYNAMIC_DISPATCH(mapSoftplus)(x, y, n); }
void tanh(const float* x, float* y, std::int64_t n) { HWY_DYNAMIC_DISPATCH(mapTanh)(x, y, n); }
void exp(const float* x, float* y, std::int64_t n) { HWY_DYNAMIC_DISPATCH(mapExp)(x, y, n); }

float geluTanh(float x) {
    geluTanh(&x, &x, 1);
    return x;
}
float geluErf(float x) {
    geluErf(&x, &x, 1);
    return x;
}
float silu(float x) {
    silu(&x, &x, 1);
    return x;
}
float quickGelu(float x) {
    quickGelu(&x, &x, 1);
    return x;
}
float relu(float x) {
    relu(&x, &x, 1);
    return x;
}

double softmaxRow(float* scores, std::int64_t n) { return HWY_DYNAMIC_DISPATCH(softmax)(scores, n); }
float dot(const float* a, const float* b, std::int64_t n) { return HWY_DYNAMIC_DISPATCH(sumOfProducts)(a, b, n); }
void dots(const float* a, const float* rows, std::int64_t stride, std::int64_t count, std::int64_t n, float* out) {
    HWY_DYNAMIC_DISPATCH(sumsOfProducts)(a, rows, stride, count, n, out);
}
void addScaled(float scale, const float* x, float* y, std::int64_t n) { HWY_DYNAMIC_DISPATCH(addProduct)(scale, x, y, n); }

}  // namespace lw
#endif
