// AdamW and clipping against PyTorch's (tests/data/scripts/make_adamw.py), the schedule against worked numbers.
#include <fstream>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/train/adamw.h"
#include "core/train/schedule.h"
#include "tests/catch.h"
#include "tests/worst.h"

using namespace lw::train;
using nlohmann::json;

namespace {

struct Values {
    std::vector<float> w, m, v;
    explicit Values(const std::vector<double>& start) : w(start.begin(), start.end()), m(w.size()), v(w.size()) {}
};

std::vector<double> flat(const json& array) {
    std::vector<double> values;
    for (const json& item : array) {
        if (item.is_array())
            for (const double x : flat(item)) values.push_back(x);
        else
            values.push_back(item.get<double>());
    }
    return values;
}

double worst(const std::vector<float>& got, const std::vector<double>& want) {
    REQUIRE(got.size() == want.size());
    double difference = 0;
    for (std::size_t i = 0; i < got.size(); ++i) widen(difference, std::abs(got[i] - want[i]));
    return difference;
}

}  // namespace

TEST_CASE("AdamW with clipping and a changing rate equals PyTorch's") {
    const json reference = json::parse(std::ifstream(LAYERWALK_TEST_DATA "/train/adamw.json"));
    const AdamW optimizer{reference["beta1"], reference["beta2"], reference["epsilon"]};
    Values a(flat(reference["a"])), b(flat(reference["b"]));
    std::int64_t step = 0;
    int clipped = 0;
    for (const json& expected : reference["steps"]) {
        const std::vector<double> da = flat(expected["grad_a"]), db = flat(expected["grad_b"]);
        const std::vector<float> ga(da.begin(), da.end()), gb(db.begin(), db.end());
        const double norm = std::sqrt(sumOfSquares(ga.data(), 12) + sumOfSquares(gb.data(), 5));
        CHECK(norm == Approx(expected["norm"].get<double>()).epsilon(1e-6));
        const double scale = clippingScale(norm, reference["clip"]);
        clipped += scale < 1;
        ++step;
        const double rate = expected["rate"];
        optimizer.update(a.w.data(), ga.data(), a.m.data(), a.v.data(), 12, step, rate, reference["weight_decay"], scale);
        optimizer.update(b.w.data(), gb.data(), b.m.data(), b.v.data(), 5, step, rate, 0, scale);
        INFO("step " << step);
        CHECK(worst(a.w, flat(expected["a"])) < 1e-6);
        CHECK(worst(b.w, flat(expected["b"])) < 1e-6);
    }
    CHECK(clipped == 3);  // gradients of both kinds are among them
}

TEST_CASE("the first step of AdamW by hand") {
    // m/(1−β₁) = g and v/(1−β₂) = g², so the step is the rate in the gradient's direction, after the decay.
    float w = 2, m = 0, v = 0;
    const float g = -0.5f;
    AdamW{0.9, 0.999, 0}.update(&w, &g, &m, &v, 1, 1, 0.1, 0.5, 1);
    CHECK(w == Approx(2 * (1 - 0.1 * 0.5) + 0.1));
    CHECK(m == Approx(-0.05));
    CHECK(v == Approx(0.00025));
}

TEST_CASE("clipping leaves small gradients alone") {
    CHECK(clippingScale(0.5, 1) == 1);
    CHECK(clippingScale(4, 1) == 0.25);
    CHECK(clippingScale(4, 0) == 1);
}

TEST_CASE("the rate rises straight and falls along half a cosine") {
    const Schedule schedule{.peak = 1, .floor = 0.1, .warmup = 4, .steps = 12};
    CHECK(schedule.rate(0) == Approx(0.25));
    CHECK(schedule.rate(3) == Approx(1.0));
    CHECK(schedule.rate(4) == Approx(1.0));
    CHECK(schedule.rate(6) == Approx(0.1 + 0.9 * 0.5 * (1 + std::sqrt(0.5))));
    CHECK(schedule.rate(8) == Approx(0.55));
    CHECK(schedule.rate(12) == Approx(0.1));
    CHECK(Schedule{.peak = 2, .floor = 2, .warmup = 0, .steps = 5}.rate(3) == Approx(2));
}
