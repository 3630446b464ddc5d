// A trace written and read back: names, shapes, numbers, and what the metadata say.
#include "core/trace_file.h"

#include <cstdlib>

#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;
namespace fs = std::filesystem;

TEST_CASE("a trace file holds what was asked for, under the field's names") {
    char name[] = "/tmp/layerwalk-test-XXXXXX";
    const fs::path folder = mkdtemp(name);
    const auto loaded = openModel(zooPath("llama"));
    const std::vector<TokenId> ids{3, 4, 5, 6};
    const std::vector<std::string> patterns{"blocks.1.attn.hook_pattern,blocks.*.attn.hook_result,blocks.0.hook_resid_post"};
    const auto spec = CaptureSpec::parse(patterns, loaded->model->info());
    REQUIRE(spec);
    const auto result = run(*loaded->model, ids, *spec);
    REQUIRE(result);
    const fs::path path = folder / "trace.safetensors";
    REQUIRE(writeTrace(*result->trace, *loaded->model, path, {{"model", "llama"}}));
    const Reference file(path.string());
    CHECK(file.file->entries().size() == 7);  // ids, logits, one pattern, three layers of results, one stream
    CHECK(file.file->metadata().at("model") == "llama");
    CHECK(file.ids("input_ids") == ids);
    const Matrix pattern = result->trace->pattern(Layer(1), Head(2));
    const std::vector<float> stored = file.floats("blocks.1.attn.hook_pattern");
    CHECK(std::equal(pattern.data(), pattern.data() + pattern.size(), stored.begin() + 2 * 16));
    // The heads' results and the bias add up to what attention adds (this model has no bias).
    const auto all = runAll(*loaded, ids);
    const std::vector<float> results = file.floats("blocks.0.attn.hook_result");
    const Matrix added = all.trace->matrix(SiteId::AttnOut, Layer(0));
    double worst = 0;
    for (int t = 0; t < 4; ++t) {
        for (int d = 0; d < 32; ++d) {
            double sum = 0;
            for (int h = 0; h < 4; ++h) sum += results[static_cast<std::size_t>((t * 4 + h) * 32 + d)];
            worst = std::max(worst, std::abs(sum - added(t, d)));
        }
    }
    INFO("largest difference " << worst);
    CHECK(worst < 1e-5);
    const auto refused = writeTrace(*result->trace, *loaded->model, folder / "no" / "where.safetensors", {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::NotWritable);
    CHECK(std::distance(fs::directory_iterator(folder), {}) == 1);
    fs::remove_all(folder);
}
