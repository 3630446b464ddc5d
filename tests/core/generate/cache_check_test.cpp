// With and without the cache the numbers are the same, on Transformers and on models with a state of fixed size.
#include "core/generate/cache_check.h"

#include "core/bundled.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("With and without the cache the numbers are the same, on every bundled model") {
    for (const BundledModel& row : bundledModels()) {
        const auto loaded = openModel(std::string(row.name));
        const auto encoded = loaded->tokenizer->encode(std::string(row.sample));
        REQUIRE(encoded);
        const std::vector<TokenId> ids = encoded->ids();
        CAPTURE(row.name, ids.size());
        const auto check = cacheCheck(*loaded->model, ids, 1);
        REQUIRE(check);
        CHECK(check->length == static_cast<int>(ids.size()));
        CHECK(check->logitDifference <= 1e-4 * std::max(1.0, check->largestLogit));
        CHECK(check->sameToken);
        for (std::size_t l = 0; l < check->streamDifference.size(); ++l)
            CHECK(check->streamDifference[l] <= 1e-4 * std::max(1.0, check->largestStream[l]));
        CHECK(check->withSeconds > 0);
        CHECK(check->withoutSeconds > 0);
        WARN(row.name << ": logits differ by " << check->logitDifference << " of " << check->largestLogit);
    }
}

TEST_CASE("The differences are those of two whole runs; cells are counted") {
    const auto loaded = openModel(zooPath("llama"));
    const std::vector<TokenId> ids{3, 17, 5, 22, 9, 40};
    const auto check = cacheCheck(*loaded->model, ids, 2);
    REQUIRE(check);
    const auto whole = runAll(*loaded, ids), steps = runAll(*loaded, ids, 1);  // one token a pass: from the cache
    const double logits = (whole.trace->logits(Position(5)) - steps.trace->logits(Position(5))).cwiseAbs().maxCoeff();
    CHECK(check->logitDifference == Approx(logits).epsilon(0).margin(2e-6));
    CHECK(check->largestLogit == Approx(whole.trace->logits(Position(5)).cwiseAbs().maxCoeff()));
    REQUIRE(static_cast<int>(check->streamDifference.size()) == loaded->model->info().layers());
    for (int l = 0; l < loaded->model->info().layers(); ++l) {
        const RowVector a = whole.trace->row(SiteId::ResidPost, Layer(l), Position(5)),
                        b = steps.trace->row(SiteId::ResidPost, Layer(l), Position(5));
        CHECK(check->streamDifference[static_cast<std::size_t>(l)] ==
              Approx((a - b).cwiseAbs().maxCoeff()).epsilon(0).margin(2e-6));
        CHECK(check->largestStream[static_cast<std::size_t>(l)] == Approx(a.cwiseAbs().maxCoeff()));
    }
    // The one pass ran the new token alone, the other the whole text.
    CHECK(check->withRows == 1);
    CHECK(check->withoutRows == 6);
    CHECK(check->newCells() == 6);
    CHECK(check->allCells() == 21);
    CHECK(check->stateBytes > 0);
    CHECK(check->repeats == 2);
    CHECK(cacheCheck(*loaded->model, {3}).error().message.find("two tokens") != std::string::npos);
    CHECK(!cacheCheck(*loaded->model, ids, 0));
    CHECK(!cacheCheck(*loaded->model, {3, 97}));
    CHECK(!cacheCheck(*loaded->model, std::vector<TokenId>(65, 3), 1));
    std::stop_source stop;
    stop.request_stop();
    CHECK(cacheCheck(*loaded->model, ids, 1, false, {.stop = stop.get_token()}).error().kind == ErrorKind::Cancelled);
}
