#include "widgets/layer_map/layer_sizes.h"

#include <cmath>

#include "tests/core/models/zoo.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("A layer's size is the length of the difference of its streams") {
    const auto loaded = openModel("stories260K");
    const auto ids = loaded->tokenizer->encode("Once upon a time");
    REQUIRE(ids);
    const RunResult run = runAll(*loaded, ids->ids());
    const Position last(run.trace->length() - 1);
    const auto sizes = layerSizes(*run.trace, last);
    REQUIRE(sizes.size() == 5);
    double worst = 0;
    for (int i = 0; i < 5; ++i) {
        const auto& size = sizes[static_cast<std::size_t>(i)];
        REQUIRE(size.layer);
        const RowVector change =
            run.trace->row(SiteId::ResidPost, Layer(i), last) - run.trace->row(SiteId::ResidPre, Layer(i), last);
        widen(worst, std::abs(*size.layer - change.cast<double>().norm()) / *size.layer);
        const RowVector attention =
            run.trace->row(SiteId::ResidMid, Layer(i), last) - run.trace->row(SiteId::ResidPre, Layer(i), last);
        widen(worst, std::abs(*size.attention - attention.cast<double>().norm()) / *size.attention);
    }
    CAPTURE(worst);
    CHECK(worst < 1e-5);
}

TEST_CASE("What was not captured has no size") {
    const auto loaded = openModel("stories260K");
    const auto ids = loaded->tokenizer->encode("Once");
    REQUIRE(ids);
    const auto run = lw::run(*loaded->model, ids->ids(), CaptureSpec::none());
    REQUIRE(run);
    const auto sizes = layerSizes(*run->trace, Position(0));
    REQUIRE(sizes.size() == 5);
    CHECK_FALSE(sizes[0].layer);
    CHECK_FALSE(sizes[0].attention);
}
