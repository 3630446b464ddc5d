// The sinusoidal table by its formula, and rotary turning against complex numbers and against a trace.
#include "core/analysis/positions.h"

#include <complex>

#include "core/run.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("the sinusoidal table of four columns, by hand") {
    const Matrix table = sinusoidalTable(4, 4);
    for (int p = 0; p < 4; ++p) {
        CHECK(table(p, 0) == Approx(std::sin(p)));
        CHECK(table(p, 1) == Approx(std::cos(p)));
        CHECK(table(p, 2) == Approx(std::sin(p / 100.0)));
        CHECK(table(p, 3) == Approx(std::cos(p / 100.0)));
    }
    // Rows that are so far apart are so alike: the product of two depends on the distance alone.
    const Matrix wide = sinusoidalTable(40, 32);
    const Matrix alike = cosines(wide);
    for (int d = 0; d < 20; ++d) {
        double expected = 0;
        for (int i = 0; i < 16; ++i) expected += std::cos(d / std::pow(10000.0, i / 16.0)) / 16;
        for (const int p : {0, 7, 19}) CHECK(alike(p, p + d) == Approx(expected).epsilon(0).margin(1e-5));
    }
    CHECK(cosines(Matrix::Zero(2, 3))(0, 1) == 0);
}

TEST_CASE("turning is multiplication by a complex number") {
    const std::vector<double> frequencies{1.0, 0.1};
    RowVectorD x(6);
    x << 1, 2, 3, -4, 5, 6;
    const RowVectorD y = turned(x, frequencies, 7);
    for (int i = 0; i < 2; ++i) {
        const std::complex<double> z =
            std::complex(x(i), x(i + 2)) * std::polar(1.0, 7 * frequencies[static_cast<std::size_t>(i)]);
        CHECK(y(i) == Approx(z.real()));
        CHECK(y(i + 2) == Approx(z.imag()));
    }
    CHECK(y(4) == 5);  // not turned
    CHECK(turned(x, frequencies, 0) == x);
}

TEST_CASE("a pair's score at its own distance is the trace's, for every query and key") {
    for (const char* name : {"llama", "../variants/llama-llama3", "../variants/mistral-window"}) {
        const auto loaded = openModel(zooPath(name));
        const Model& model = *loaded->model;
        const Reference reference(zooPath(name) + "/expected.safetensors");
        const auto result =
            run(model, reference.ids(reference.has("input_ids") ? "input_ids" : "0.input_ids"), CaptureSpec::all(model.info()));
        REQUIRE(result);
        const Trace& trace = *result->trace;
        const std::vector<double> frequencies = model.rotaryFrequencies();
        REQUIRE_FALSE(frequencies.empty());
        double largest = 0, size = 0;
        for (int l = 0; l < model.info().layers(); ++l) {
            const AttentionInfo& a = model.info().block(Layer(l)).attention;
            for (int h = 0; h < a.heads; ++h) {
                for (int q = 0; q < trace.length(); ++q) {
                    const RowVector scores = trace.scoresRow(Layer(l), Head(h), Position(q));
                    const RowVectorD query =
                        trace.row(SiteId::Q, Layer(l), Position(q)).segment(h * a.headWidth, a.headWidth).cast<double>();
                    for (int k = 0; k <= q; ++k) {
                        if (!std::isfinite(scores(k))) continue;
                        const RowVectorD key = trace.row(SiteId::K, Layer(l), Position(k))
                                                   .segment(a.kvHead(h) * a.headWidth, a.headWidth)
                                                   .cast<double>();
                        const double score = scoreAtDistance(query, key, frequencies, q - k, static_cast<double>(a.scale));
                        largest = std::max(largest, std::abs(score - static_cast<double>(scores(k))));
                        size = std::max(size, std::abs(static_cast<double>(scores(k))));
                    }
                }
            }
        }
        CAPTURE(name, largest, size);
        CHECK(size > 0.1);
        CHECK(largest < 2e-5 * std::max(1.0, size));
    }
}
