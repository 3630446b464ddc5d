// The numbers behind the attention pictures against formulas written out, and against the reference models' captured patterns.
#include "widgets/attention/attention_facts.h"

#include "tests/core/models/zoo.h"
#include "tests/widgets/attention/hand_trace.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("A tile of weights is the pattern, masked cells are no numbers") {
    const auto trace = handTrace({6});
    for (int head = 0; head < 2; ++head) {
        const auto tile =
            headTile(*trace, {.place = {Layer(0), Head(head)}, .firstQuery = 1, .queries = 4, .firstKey = 0, .keys = 6});
        REQUIRE(tile);
        REQUIRE(tile->cells.rows() == 4);
        REQUIRE(tile->cells.cols() == 6);
        for (int q = 1; q < 5; ++q) {
            const RowVector row = trace->patternRow(Layer(0), Head(head), Position(q));
            const std::vector<double> expected = handRow(head, q);
            for (int k = 0; k < 6; ++k) {
                CAPTURE(head, q, k);
                if (k > q) {
                    CHECK(std::isnan(tile->cells(q - 1, k)));
                } else {
                    CHECK(tile->cells(q - 1, k) == row(k));
                    CHECK(tile->cells(q - 1, k) == Approx(expected[static_cast<std::size_t>(k)]).epsilon(0).margin(1e-6));
                }
            }
        }
    }
}

TEST_CASE("Scores and weighted values of a tile") {
    const auto trace = handTrace({5});
    const auto scores =
        headTile(*trace, {.place = {Layer(0), Head(1)}, .quantity = AttentionQuantity::Scores, .queries = 5, .keys = 5});
    const auto flows =
        headTile(*trace, {.place = {Layer(0), Head(1)}, .quantity = AttentionQuantity::WeightedValues, .queries = 5, .keys = 5});
    REQUIRE(scores);
    REQUIRE(flows);
    double largestScore = 0, largestFlow = 0;
    for (int q = 0; q < 5; ++q) {
        const std::vector<double> weights = handRow(1, q);
        for (int k = 0; k <= q; ++k) {
            const double score = 0.5 * (double(handQ(q, 2)) * handK(k, 0) + double(handQ(q, 3)) * handK(k, 1));
            const double flow = weights[static_cast<std::size_t>(k)] * std::hypot(handV(k, 0), handV(k, 1));
            CHECK(scores->cells(q, k) == Approx(score).epsilon(0).margin(1e-5));
            CHECK(flows->cells(q, k) == Approx(flow).epsilon(0).margin(1e-5));
            largestScore = std::max(largestScore, std::abs(score));
            largestFlow = std::max(largestFlow, flow);
        }
    }
    CHECK(scores->largest == Approx(largestScore).epsilon(1e-5));
    CHECK(scores->wholeHead);
    CHECK(flows->largest == Approx(largestFlow).epsilon(1e-5));
}

TEST_CASE("A pooled tile keeps the largest of each square") {
    const auto trace = handTrace({7});
    const auto whole = headTile(*trace, {.place = {Layer(0), Head(0)}, .queries = 7, .keys = 7});
    const auto pooled = headTile(*trace, {.place = {Layer(0), Head(0)}, .queries = 7, .keys = 7, .pool = 3});
    REQUIRE(whole);
    REQUIRE(pooled);
    REQUIRE(pooled->cells.rows() == 3);
    for (int i = 0; i < 3; ++i) {
        for (int j = 0; j < 3; ++j) {
            float expected = -1;
            for (int q = 3 * i; q < std::min(7, 3 * i + 3); ++q) {
                for (int k = 3 * j; k < std::min(7, 3 * j + 3); ++k) {
                    if (!std::isnan(whole->cells(q, k))) expected = std::max(expected, whole->cells(q, k));
                }
            }
            CAPTURE(i, j);
            if (expected < 0) {
                CHECK(std::isnan(pooled->cells(i, j)));
            } else {
                CHECK(pooled->cells(i, j) == expected);
            }
        }
    }
    const auto thumbs = headThumbs(*trace, Layer(0), 3);
    REQUIRE(thumbs);
    REQUIRE(thumbs->size() == 2);
    CHECK(thumbs->front().pool == 3);
    CHECK(thumbs->front().cells[3] == pooled->cells(1, 0));
}

TEST_CASE("A sliding window masks old keys") {
    const auto trace = handTrace({6}, 2);
    const auto tile = headTile(*trace, {.place = {Layer(0), Head(0)}, .queries = 6, .keys = 6});
    REQUIRE(tile);
    CHECK(std::isnan(tile->cells(4, 2)));
    CHECK(tile->cells(4, 3) == Approx(handRow(0, 4, 2)[3]).epsilon(0).margin(1e-6));
    const RowArithmetic row = rowArithmetic(*trace, {Layer(0), Head(0)}, 4);
    CHECK(row.terms.size() == 2);
    CHECK(row.masked == 4);
}

TEST_CASE("A row's arithmetic adds up and its weighted values make z") {
    const auto trace = handTrace({4, 1, 1});
    const RowArithmetic row = rowArithmetic(*trace, {Layer(0), Head(1)}, 5);
    REQUIRE(row.terms.size() == 6);
    double weights = 0, exponentials = 0;
    for (std::size_t i = 0; i < row.terms.size(); ++i) {
        const RowTerm& term = row.terms[i];
        CHECK(term.exponential / row.sum == Approx(term.weight).epsilon(0).margin(1e-6));
        CHECK(term.exponential == Approx(std::exp(term.score - row.maximum)));
        if (i > 0) CHECK(term.weight <= row.terms[i - 1].weight);
        weights += term.weight;
        exponentials += term.exponential;
    }
    CHECK(weights == Approx(1).epsilon(0).margin(1e-5));
    CHECK(row.sum == Approx(exponentials));
    CHECK(row.scale == 0.5);
    const ValueSum sum = valueSum(*trace, row);
    for (int c = 0; c < 2; ++c) {
        double z = 0;
        const std::vector<double> expected = handRow(1, 5);
        for (int k = 0; k < 6; ++k) z += expected[static_cast<std::size_t>(k)] * handV(k, c);
        CHECK(sum.parts.col(c).sum() == Approx(z).epsilon(0).margin(1e-5));
    }
}

TEST_CASE("A difference subtracts A's head from the front") {
    const auto b = handTrace({6}), a = handTrace({4});
    const auto tile =
        headTile(*b, {.place = {Layer(0), Head(0)}, .queries = 6, .keys = 6, .minus = Subtrahend{a, {Layer(0), Head(1)}}});
    REQUIRE(tile);
    CHECK(tile->request.queries == 4);
    for (int q = 0; q < 4; ++q) {
        for (int k = 0; k <= q; ++k) {
            const auto i = static_cast<std::size_t>(k);
            CHECK(tile->cells(q, k) == Approx(handRow(0, q)[i] - handRow(1, q)[i]).epsilon(0).margin(1e-6));
        }
    }
}

TEST_CASE("Who reads a key is the key's column") {
    const auto trace = handTrace({6});
    const auto readers = readersOf(*trace, {Layer(0), Head(0)}, 2);
    REQUIRE(readers);
    CHECK(std::isnan((*readers)[1]));
    for (int q = 2; q < 6; ++q)
        CHECK((*readers)[static_cast<std::size_t>(q)] == Approx(handRow(0, q)[2]).epsilon(0).margin(1e-6));
}

TEST_CASE("What is not there is said in a sentence") {
    const auto trace = handTrace({3});
    const auto head = headTile(*trace, {.place = {Layer(0), Head(2)}, .queries = 3, .keys = 3});
    REQUIRE_FALSE(head);
    CHECK(head.error().message.find("head 2") != std::string::npos);
    std::stop_source stop;
    stop.request_stop();
    const auto cancelled = headTile(*trace, {.place = {Layer(0), Head(0)}, .queries = 3, .keys = 3}, {stop.get_token()});
    REQUIRE_FALSE(cancelled);
    CHECK(cancelled.error().kind == ErrorKind::Cancelled);
}

TEST_CASE("Tiles and z of the reference models equal what was recorded elsewhere") {
    for (const char* name : {"gpt2", "llama"}) {
        const auto loaded = openModel(zooPath(name));
        const Reference expected(zooPath(name) + "/expected.safetensors"), cache(zooPath(name) + "/cache.safetensors");
        const auto trace = runAll(*loaded, expected.ids("0.input_ids")).trace;
        const int T = trace->length(), heads = loaded->model->info().blocks[0].attention.heads;
        for (int layer = 0; layer < loaded->model->info().layers(); ++layer) {
            const std::vector<float> pattern = cache.floats(siteName(SiteId::Pattern, Layer(layer)));
            for (int head = 0; head < heads; ++head) {
                const auto tile = headTile(*trace, {.place = {Layer(layer), Head(head)}, .queries = T, .keys = T});
                REQUIRE(tile);
                double worst = 0;
                for (int q = 0; q < T; ++q) {
                    for (int k = 0; k <= q; ++k) {
                        widen(worst,
                              std::abs(double(tile->cells(q, k)) - pattern[static_cast<std::size_t>((head * T + q) * T + k)]));
                    }
                }
                CAPTURE(name, layer, head, worst);
                CHECK(worst < 1e-4);
                const ValueSum sum = valueSum(*trace, rowArithmetic(*trace, {Layer(layer), Head(head)}, T - 1));
                CAPTURE(sum.difference, sum.largest);
                CHECK(sum.z.size() > 0);
                CHECK(sum.difference < 1e-5 * std::max(1.0, sum.largest));
            }
        }
    }
}
