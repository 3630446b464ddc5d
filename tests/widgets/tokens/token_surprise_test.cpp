#include "widgets/tokens/token_surprise.h"

#include <cmath>

#include "core/generate/run_tree.h"
#include "tests/core/models/zoo.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;

namespace {

std::vector<TokenId> someIds(const LoadedModel& loaded) {
    auto encoded = loaded.tokenizer->encode("Once upon a time, there was a little girl");
    if (!encoded) FAIL(encoded.error().message);
    return encoded->ids();
}

}  // namespace

TEST_CASE("A token's probability is the softmax of the logits before it") {
    const auto loaded = openModel("stories260K");
    const RunResult run = runAll(*loaded, someIds(*loaded));
    const auto done = complete(reuse(run.trace, {}), {});
    REQUIRE(done);
    CHECK_FALSE(done->logProbability[0]);
    double worst = 0;
    for (int i = 1; i < run.trace->length(); ++i) {
        const ConstRow logits = run.trace->logits(Position(i - 1));
        double sum = 0;
        for (Eigen::Index v = 0; v < logits.size(); ++v) sum += std::exp(static_cast<double>(logits[v]));
        const double want = logits[run.trace->ids()[static_cast<std::size_t>(i)]] - std::log(sum);
        widen(worst, std::abs(*done->logProbability[static_cast<std::size_t>(i)] - want));
    }
    CAPTURE(worst);
    CHECK(worst < 1e-9);
}

TEST_CASE("A step computes only its own token") {
    const auto loaded = openModel("stories260K");
    const CaptureSpec spec = CaptureSpec::all(loaded->model->info());
    const auto start = root(*loaded->model, someIds(*loaded), spec, 0, 0, false);
    REQUIRE(start);
    const auto next = step(*loaded->model, *start, spec, {.settings = {.greedy = true}, .forced = {}});
    REQUIRE(next);
    const auto first = traceTo(*start, loaded->model->sharedInfo(), spec),
               second = traceTo(*next, loaded->model->sharedInfo(), spec);
    const auto done = complete(reuse(first, {}), {});
    REQUIRE(done);
    const TokenSurprise again = reuse(second, *done);
    CHECK(missingWork(again) == loaded->model->info().vocabulary);
    CHECK(again.logProbability[3] == done->logProbability[3]);
    const auto all = complete(again, {});
    REQUIRE(all);
    CHECK(all->logProbability.back().has_value());
    // another prompt shares nothing
    auto ids = someIds(*loaded);
    ids.pop_back();
    CHECK(missingWork(reuse(runAll(*loaded, ids).trace, *done)) ==
          static_cast<std::int64_t>(ids.size() - 1) * loaded->model->info().vocabulary);
}

TEST_CASE("A cancelled computation says so") {
    const auto loaded = openModel("stories260K");
    const RunResult run = runAll(*loaded, someIds(*loaded));
    std::stop_source stop;
    stop.request_stop();
    const auto done = complete(reuse(run.trace, {}), Job{stop.get_token(), {}});
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::Cancelled);
}
