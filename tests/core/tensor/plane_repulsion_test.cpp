// The repulsion of points of a plane: against plain loops in double, and the same bits whatever the instruction set and range.
#include "core/tensor/kernels/plane_repulsion.h"

#include <cmath>
#include <random>

#include "tests/core/tensor/each_target.h"

using namespace lw;

namespace {

std::vector<double> scattered(int count, double width) {
    std::mt19937 random(static_cast<unsigned>(count));
    std::normal_distribution<double> normal(0, width);
    std::vector<double> xy(2 * static_cast<std::size_t>(count));
    for (double& one : xy) one = normal(random);
    return xy;
}

std::vector<kernels::PlanePush> exactly(const std::vector<double>& xy) {
    std::vector<kernels::PlanePush> result(xy.size() / 2);
    for (std::size_t i = 0; i < result.size(); ++i) {
        for (std::size_t j = 0; j < result.size(); ++j) {
            if (i == j) continue;
            const double dx = xy[2 * i] - xy[2 * j], dy = xy[2 * i + 1] - xy[2 * j + 1];
            const double w = 1 / (1 + dx * dx + dy * dy);
            result[i].weights += w;
            result[i].x += w * w * dx;
            result[i].y += w * w * dy;
        }
    }
    return result;
}

bool same(const kernels::PlanePush& a, const kernels::PlanePush& b) { return a.weights == b.weights && a.x == b.x && a.y == b.y; }

}  // namespace

TEST_CASE("points push each other apart as in double, to float precision") {
    for (const int count : {1, 2, 31, 32, 33, 500}) {
        for (const double width : {1e-4, 1.0, 60.0}) {
            const std::vector<double> xy = scattered(count, width);
            const std::vector<kernels::PlanePush> exact = exactly(xy);
            const kernels::PlanePoints points(xy.data(), count);
            std::vector<kernels::PlanePush> first;
            forEachTarget([&] {
                CAPTURE(count, width);
                std::vector<kernels::PlanePush> push(static_cast<std::size_t>(count));
                kernels::pushApart(points, 0, count, push.data());
                double weights = 0, x = 0, largest = 0;
                for (std::size_t i = 0; i < push.size(); ++i) {
                    weights = std::max(weights, std::abs(push[i].weights - exact[i].weights) / (1 + exact[i].weights));
                    x = std::max({x, std::abs(push[i].x - exact[i].x), std::abs(push[i].y - exact[i].y)});
                    largest = std::max({largest, std::abs(exact[i].x), std::abs(exact[i].y)});
                }
                CAPTURE(weights, x, largest);
                CHECK(weights < 2e-6);
                CHECK(x <= 2e-5 * largest);
                if (first.empty()) first = push;
                for (std::size_t i = 0; i < push.size(); ++i) CHECK(same(push[i], first[i]));
                if (count > 40) {  // a part alone is what it is in the whole
                    kernels::PlanePush part[7];
                    kernels::pushApart(points, 33, 40, part);
                    for (std::size_t i = 0; i < 7; ++i) CHECK(same(part[i], push[33 + i]));
                }
            });
        }
    }
}
