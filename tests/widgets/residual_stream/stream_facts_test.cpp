// The stream's norms and cosines against values recorded by TransformerLens.
#include "widgets/residual_stream/stream_facts.h"

#include <cmath>

#include "tests/core/models/zoo.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;

namespace {

// A row of the reference, in double.
std::vector<double> rowOf(const Reference& cache, const std::string& name, int position, int width) {
    const std::vector<float> all = cache.floats(name);
    return {all.begin() + position * width, all.begin() + (position + 1) * width};
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}
double norm(const std::vector<double>& a) { return std::sqrt(dot(a, a)); }

}  // namespace

TEST_CASE("Norms and cosines of every addition are those of the reference") {
    const std::string name = GENERATE(as<std::string>{}, "gpt2", "llama");
    CAPTURE(name);
    const auto loaded = openModel(zooPath(name));
    const Reference cache(zooPath(name) + "/cache.safetensors");
    const auto ids = Reference(zooPath(name) + "/expected.safetensors").ids("0.input_ids");
    const RunResult ran = runAll(*loaded, ids);
    const int width = loaded->model->info().width, layers = loaded->model->info().layers();
    const int position = GENERATE(0, 8, 16);
    const auto facts = streamFacts(*ran.trace, Position(position));
    REQUIRE(facts);
    REQUIRE(static_cast<int>(facts->rows.size()) == 2 * layers + (name == "gpt2" ? 2 : 1));
    const auto last = rowOf(cache, siteName(SiteId::ResidPost, Layer(layers - 1)), position, width);
    double worst = 0;
    std::vector<double> before;
    for (const StreamRow& row : facts->rows) {
        const auto added = rowOf(cache, siteName(row.addition, row.layer), position, width);
        const auto after = rowOf(cache, siteName(row.after, row.afterLayer), position, width);
        widen(worst, std::abs(row.additionNorm - norm(added)) / norm(added));
        widen(worst, std::abs(row.streamNorm - norm(after)) / norm(after));
        REQUIRE(row.cosFinal);
        widen(worst, std::abs(*row.cosFinal - dot(added, last) / (norm(added) * norm(last))));
        CHECK(row.cosStream.has_value() == !before.empty());
        if (!before.empty()) widen(worst, std::abs(*row.cosStream - dot(added, before) / (norm(added) * norm(before))));
        before = after;
    }
    INFO("largest difference " << worst);
    CHECK(worst < 1e-5);
    CHECK(*facts->rows.back().streamCosFinal == Approx(1));
}

TEST_CASE("Additions of a run point where the same run's point, and a missing site is named") {
    const auto loaded = openModel(zooPath("llama"));
    const auto ids = Reference(zooPath("llama") + "/expected.safetensors").ids("0.input_ids");
    const RunResult ran = runAll(*loaded, ids);
    const auto cosines = additionCosines(*ran.trace, Position(5), *ran.trace, Position(5));
    REQUIRE(cosines);
    for (const auto& cos : *cosines) CHECK(*cos == Approx(1));
    CHECK_FALSE(streamFacts(*ran.trace, Position(static_cast<int>(ids.size()))));

    const auto bare = run(*loaded->model, ids, CaptureSpec::none());
    REQUIRE(bare);
    const auto nothing = streamFacts(*bare->trace, Position(0));
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().message.find("hook_") != std::string::npos);
}
