// The repulsion of t-SNE.
#include "core/tensor/kernels/plane_repulsion.h"

#include <cassert>

#include "core/tensor/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/kernels/plane_repulsion.cpp"
#include "hwy/foreach_target.h"
// after foreach_target
#include "core/tensor/kernels/lanes-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lw::kernels::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void push(const PlanePoints& points, std::int64_t begin, std::int64_t end, PlanePush* result) {
    const auto padded = static_cast<std::int64_t>(points.x.size());
    for (std::int64_t i = begin; i < end; ++i) {
        const float x = points.x[static_cast<std::size_t>(i)], y = points.y[static_cast<std::size_t>(i)];
        float weights[kChunk] = {}, pushX[kChunk] = {}, pushY[kChunk] = {};
        for (std::int64_t first = 0; first < padded; first += kChunk) {
            for (std::int64_t lane = 0; lane < kChunk; ++lane) {
                const float dx = x - points.x[static_cast<std::size_t>(first + lane)];
                const float dy = y - points.y[static_cast<std::size_t>(first + lane)];
                const float w = 1.0f / ((dx * dx + dy * dy) + 1.0f), square = w * w;
                weights[lane] += w;
                pushX[lane] += square * dx;
                pushY[lane] += square * dy;
            }
        }
        result[i - begin] = {foldArray(weights, kChunk) - 1.0, foldArray(pushX, kChunk), foldArray(pushY, kChunk)};
    }
}

#else

void push(const PlanePoints& points, std::int64_t begin, std::int64_t end, PlanePush* result) {
    const FloatTag d;
    const auto padded = static_cast<std::int64_t>(points.x.size());
    const float* HWY_RESTRICT xs = points.x.data();
    const float* HWY_RESTRICT ys = points.y.data();
    const auto one = hn::Set(d, 1.0f);
    for (std::int64_t i = begin; i < end; ++i) {
        const auto x = hn::Set(d, xs[i]), y = hn::Set(d, ys[i]);
        FloatVec weights[kParts], pushX[kParts], pushY[kParts];
        HWY_UNROLL(8)
        for (int part = 0; part < kParts; ++part) weights[part] = pushX[part] = pushY[part] = hn::Zero(d);
        for (std::int64_t first = 0; first < padded; first += kChunk) {
            HWY_UNROLL(8)
            for (int part = 0; part < kParts; ++part) {
                const auto dx = hn::Sub(x, hn::LoadU(d, xs + first + part * kLanes));
                const auto dy = hn::Sub(y, hn::LoadU(d, ys + first + part * kLanes));
                const auto w = hn::Div(one, hn::Add(hn::Add(hn::Mul(dx, dx), hn::Mul(dy, dy)), one));
                const auto square = hn::Mul(w, w);
                weights[part] = hn::Add(weights[part], w);
                pushX[part] = hn::Add(pushX[part], hn::Mul(square, dx));
                pushY[part] = hn::Add(pushY[part], hn::Mul(square, dy));
            }
        }
        // Itself has the weight 1, exactly, and pushes nowhere.
        result[i - begin] = {fold(d, weights) - 1.0, fold(d, pushX), fold(d, pushY)};
    }
}

#endif
}  // namespace
}  // namespace lw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lw::kernels {
namespace {
HWY_EXPORT(push);

constexpr std::int64_t chunk = 32;
constexpr float farAway = 1e18f;  // 1 / distance² is 1e-36: nothing beside the 1 of the point itself
}  // namespace

PlanePoints::PlanePoints(const double* xy, std::int64_t points)
    : count(points), x(static_cast<std::size_t>((points + chunk - 1) / chunk * chunk), farAway), y(x.size(), farAway) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(points); ++i) {
        x[i] = static_cast<float>(xy[2 * i]);
        y[i] = static_cast<float>(xy[2 * i + 1]);
    }
}

void pushApart(const PlanePoints& points, std::int64_t begin, std::int64_t end, PlanePush* result) {
    assert(begin >= 0 && begin <= end && end <= points.count);
    HWY_DYNAMIC_DISPATCH(push)(points, begin, end, result);
}

}  // namespace lw::kernels
#endif
