#include "core/tensor/slopes.h"

#include <algorithm>
#include <cmath>

#include "core/tensor/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/slopes.cpp"
#include "hwy/foreach_target.h"
// after foreach_target
#include "core/tensor/kernels/lanes-inl.h"
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lw::kernels::HWY_NAMESPACE {
namespace {

HWY_INLINE FloatVec number(double value) { return hn::Set(FloatTag(), static_cast<float>(value)); }

/// Calls action(x, dy) → vector over n values; what is beyond the end is padded with zeros.
template <class Action>
HWY_INLINE void map(const float* x, const float* dy, float* dx, std::int64_t n, const Action& action) {
    const FloatTag d;
    std::int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) hn::StoreU(action(hn::LoadU(d, x + i), hn::LoadU(d, dy + i)), d, dx + i);
    if (i == n) return;
    alignas(64) float restX[kLanes] = {}, restY[kLanes] = {};
    std::copy(x + i, x + n, restX);
    std::copy(dy + i, dy + n, restY);
    hn::Store(action(hn::Load(d, restX), hn::Load(d, restY)), d, restX);
    std::copy(restX, restX + (n - i), dx + i);
}

/// (x σ(u))' = σ (1 + x (1 − σ) u')
HWY_INLINE FloatVec slopeOfSigmoid(FloatVec x, FloatVec u, FloatVec uSlope) {
    const FloatVec one = number(1);
    const FloatVec power = hn::Exp(FloatTag(), hn::Min(hn::Neg(u), number(88)));  // kept finite
    const FloatVec sigmoid = hn::Div(one, hn::Add(one, power));
    const FloatVec rest = hn::Mul(power, sigmoid);  // 1 − σ without cancellation
    return hn::Mul(sigmoid, hn::MulAdd(hn::Mul(x, rest), uSlope, one));
}

void slopeSilu(const float* x, const float* dy, float* dx, std::int64_t n) {
    map(x, dy, dx, n, [](FloatVec v, FloatVec g) HWY_ATTR { return hn::Mul(g, slopeOfSigmoid(v, v, number(1))); });
}

void slopeQuickGelu(const float* x, const float* dy, float* dx, std::int64_t n) {
    map(x, dy, dx, n,
        [](FloatVec v, FloatVec g) HWY_ATTR { return hn::Mul(g, slopeOfSigmoid(v, hn::Mul(v, number(1.702)), number(1.702))); });
}

void slopeGeluTanh(const float* x, const float* dy, float* dx, std::int64_t n) {
    constexpr double twice = 2 * 0.79788456080286535588, cubic = 0.044715;  // 2 √(2/π)
    map(x, dy, dx, n, [&](FloatVec value, FloatVec g) HWY_ATTR {
        // beyond ±14 the slope is 0 or 1 in float32, and the cube stays finite
        const FloatVec v = hn::Max(hn::Min(value, number(14)), number(-14)), square = hn::Mul(v, v);
        const FloatVec u = hn::Mul(v, hn::MulAdd(square, number(twice * cubic), number(twice)));
        return hn::Mul(g, slopeOfSigmoid(v, u, hn::MulAdd(square, number(3 * twice * cubic), number(twice))));
    });
}

void slopeRelu(const float* x, const float* dy, float* dx, std::int64_t n) {
    map(x, dy, dx, n, [](FloatVec v, FloatVec g) HWY_ATTR { return hn::IfThenElseZero(hn::Gt(v, number(0)), g); });
}

void expOfShifted(const float* x, float shift, float* y, std::int64_t n) {
    const FloatVec by = number(shift);
    map(x, x, y, n, [&](FloatVec v, FloatVec) HWY_ATTR { return hn::Exp(FloatTag(), hn::Sub(v, by)); });
}

}  // namespace
}  // namespace lw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lw {
namespace kernels {
namespace {
HWY_EXPORT(slopeSilu);
HWY_EXPORT(slopeQuickGelu);
HWY_EXPORT(slopeGeluTanh);
HWY_EXPORT(slopeRelu);
HWY_EXPORT(expOfShifted);
}  // namespace
}  // namespace kernels
using namespace kernels;

void multiplySlope(Activation activation, const float* x, const float* dy, float* dx, std::int64_t n) {
    switch (activation) {
        case Activation::GeluTanh:
            return HWY_DYNAMIC_DISPATCH(slopeGeluTanh)(x, dy, dx, n);
        case Activation::Silu:
            return HWY_DYNAMIC_DISPATCH(slopeSilu)(x, dy, dx, n);
        case Activation::QuickGelu:
            return HWY_DYNAMIC_DISPATCH(slopeQuickGelu)(x, dy, dx, n);
        case Activation::Relu:
            return HWY_DYNAMIC_DISPATCH(slopeRelu)(x, dy, dx, n);
        case Activation::GeluErf:
        case Activation::Tanh:
        case Activation::ReluSquared:
            for (std::int64_t i = 0; i < n; ++i) dx[i] = static_cast<float>(dy[i] * activationSlope(activation, x[i]));
            return;
    }
}

void shiftedExp(const float* x, float shift, float* y, std::int64_t n) { HWY_DYNAMIC_DISPATCH(expOfShifted)(x, shift, y, n); }

}  // namespace lw
#endif
