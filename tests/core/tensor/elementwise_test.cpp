// Elementwise functions, softmax and dot products against double precision, for every instruction set.
#include "core/tensor/elementwise.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/core/tensor/each_target.h"

using namespace lw;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

struct Function {
    std::string name;
    float (*one)(float);
    void (*many)(const float*, float*, std::int64_t);
    double (*reference)(double);
};

const Function functions[] = {
    {"geluTanh", geluTanh, geluTanh,
     [](double x) { return 0.5 * x * (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x))); }},
    {"geluErf", geluErf, geluErf, [](double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }},
    {"silu", silu, silu, [](double x) { return x / (1 + std::exp(-x)); }},
    {"quickGelu", quickGelu, quickGelu, [](double x) { return x / (1 + std::exp(-1.702 * x)); }},
    {"relu", relu, relu, [](double x) { return std::max(x, 0.0); }},
};

std::vector<float> randomValues(std::size_t n, std::mt19937& random) {
    std::normal_distribution<float> normal;
    std::vector<float> values(n);
    for (float& value : values) value = normal(random);
    return values;
}

}  // namespace

TEST_CASE("Activations agree with double precision") {
    std::vector<float> x;
    for (int i = -200000; i <= 200000; ++i) x.push_back(static_cast<float>(i) * 1e-4f);
    for (const float far : {-1e30f, -1000.0f, -100.0f, -30.0f, 30.0f, 100.0f, 1000.0f, 1e30f, 0.0f, 1e-40f, -1e-40f})
        x.push_back(far);
    for (const Function& function : functions) {
        CAPTURE(function.name);
        forEachTarget([&] {
            std::vector<float> y(x.size());
            function.many(x.data(), y.data(), static_cast<std::int64_t>(x.size()));
            double largest = 0, at = 0;
            for (std::size_t i = 0; i < x.size(); ++i) {
                const double expected = function.reference(x[i]);
                const double error = std::fabs(y[i] - expected) / std::max(1.0, std::fabs(expected));
                if (!(error <= largest)) {
                    largest = error;
                    at = x[i];
                }
            }
            CAPTURE(largest, at);
            CHECK(largest < 3e-7);
        });
    }
}

TEST_CASE("An activation of one value and of an array have the same bits") {
    std::mt19937 random(1);
    for (const Function& function : functions) {
        for (const std::size_t n : {1, 3, 16, 37, 64}) {
            const std::vector<float> x = randomValues(n, random);
            CAPTURE(function.name, n);
            forEachTarget([&] {
                std::vector<float> y = x;
                function.many(y.data(), y.data(), static_cast<std::int64_t>(n));  // in place
                for (std::size_t i = 0; i < n; ++i) REQUIRE(y[i] == function.one(x[i]));
            });
        }
        CHECK(std::isnan(function.one(std::nanf(""))));
        CHECK(function.one(infinity) == infinity);
    }
}

TEST_CASE("Softmax rows are those of double precision and sum to one") {
    std::mt19937 random(2);
    for (const std::size_t n : {1, 2, 5, 15, 16, 17, 64, 577, 1000, 50257, 131072}) {
        std::vector<float> scores = randomValues(n, random);
        for (float& score : scores) score *= 8;
        if (n > 4) scores[0] = scores[n / 2] = scores[n - 1] = -infinity;
        const double highest = *std::max_element(scores.begin(), scores.end());
        double sum = 0;
        for (const float score : scores) sum += std::exp(score - highest);
        CAPTURE(n);
        forEachTarget([&] {
            std::vector<float> weights = scores;
            softmaxRow(weights.data(), static_cast<std::int64_t>(n));
            double total = 0, largest = 0;
            bool maskedAreZero = true;
            for (std::size_t i = 0; i < n; ++i) {
                total += weights[i];
                if (std::isinf(scores[i])) {
                    maskedAreZero = maskedAreZero && weights[i] == 0;
                } else {
                    // One rounding of (score − highest) is up to |score − highest| · 6e-8 of the exponential.
                    const double expected = std::exp(scores[i] - highest) / sum;
                    largest =
                        std::max(largest, std::fabs(weights[i] - expected) / (expected * (4 + highest - scores[i]) + 1e-38));
                }
            }
            CAPTURE(total - 1, largest);
            CHECK(maskedAreZero);
            CHECK(std::fabs(total - 1) < 1e-6);
            CHECK(largest < 1.2e-7);
        });
    }
}

TEST_CASE("Dot products and scaled sums agree with double precision") {
    std::mt19937 random(3);
    for (const std::size_t n : {0, 1, 7, 31, 32, 33, 64, 80, 1000}) {
        const std::vector<float> a = randomValues(n, random), b = randomValues(n, random);
        double expected = 0, size = 1e-30;
        for (std::size_t i = 0; i < n; ++i) {
            expected += static_cast<double>(a[i]) * b[i];
            size += std::fabs(static_cast<double>(a[i]) * b[i]);
        }
        CAPTURE(n);
        forEachTarget([&] {
            const auto count = static_cast<std::int64_t>(n);
            CHECK(std::fabs(dot(a.data(), b.data(), count) - expected) / size < 5e-7);
            std::vector<float> y = b;
            addScaled(0.3f, a.data(), y.data(), count);
            for (std::size_t i = 0; i < n; ++i) {
                REQUIRE(y[i] == Approx(static_cast<double>(b[i]) + static_cast<double>(0.3f) * a[i]).epsilon(0).margin(3e-7));
            }
        });
    }
}

TEST_CASE("Dot products with many rows are those with each row, to the last bit") {
    std::mt19937 random(6);
    for (const std::size_t n : {1, 4, 7, 8, 16, 20, 24, 31, 32, 40, 64, 80}) {
        const std::size_t count = 5, stride = n + 3;
        std::vector<float> a = randomValues(n, random);
        const std::vector<float> rows = randomValues(count * stride, random);
        a[0] = -0.0f;
        CAPTURE(n);
        forEachTarget([&] {
            std::vector<float> out(count);
            dots(a.data(), rows.data(), static_cast<std::int64_t>(stride), static_cast<std::int64_t>(count),
                 static_cast<std::int64_t>(n), out.data());
            for (std::size_t j = 0; j < count; ++j)
                CHECK(out[j] == dot(a.data(), rows.data() + j * stride, static_cast<std::int64_t>(n)));
        });
    }
}

TEST_CASE("Instruction sets with fused multiply-add agree to the last bit on rows") {
    std::mt19937 random(4);
    for (const std::size_t n : {5, 64, 1000, 5003}) {
        const std::vector<float> a = randomValues(n, random), b = randomValues(n, random);
        const auto count = static_cast<std::int64_t>(n);
        std::vector<std::vector<float>> results;
        for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
            if (target > HWY_AVX2) continue;
            hwy::SetSupportedTargetsForTest(target);
            std::vector<float> result = a;
            softmaxRow(result.data(), count);
            for (const Function& function : functions) {
                result.resize(result.size() + n);
                function.many(a.data(), result.data() + (result.size() - n), count);
            }
            addScaled(0.7f, b.data(), result.data(), count);
            result.push_back(dot(a.data(), b.data(), count));
            results.push_back(result);
        }
        hwy::SetSupportedTargetsForTest(0);
        CAPTURE(n);
        for (const auto& result : results) CHECK((result == results.front()));
    }
}
