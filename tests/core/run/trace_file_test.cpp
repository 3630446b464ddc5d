// A trace written and read back: names, shapes, numbers, and what the metadata say.
#include "core/trace_file.h"

#include <cstdlib>

#include "tests/core/models/zoo.h"
#include "tests/worst.h"

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
            widen(worst, std::abs(sum - added(t, d)));
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

TEST_CASE("a trace file holds states by position, their terms and the effective attention, if asked for") {
    char name[] = "/tmp/layerwalk-test-XXXXXX";
    const fs::path folder = mkdtemp(name);
    const std::vector<TokenId> ids{3, 4, 5, 6, 7, 8};
    for (const std::string model : {"mamba", "mamba2", "qwen3_next"}) {
        CAPTURE(model);
        const auto loaded = openModel(zooPath(model));
        const MixerInfo& m = loaded->model->info().block(Layer(0)).mixer;
        std::string asked =
            "blocks.0.mixer.hook_kept,blocks.0.mixer.hook_written,blocks.0.mixer.hook_read,"
            "blocks.0.mixer.hook_effective_pattern,";
        asked += m.isScan() ? "blocks.0.mixer.hook_h,blocks.0.mixer.hook_A_bar,blocks.0.mixer.hook_B_bar,blocks.0.mixer.hook_y,"
                              "blocks.0.mixer.hook_ssm_input"
                            : "blocks.0.mixer.hook_S";
        if (m.erases()) asked += ",blocks.0.mixer.hook_erased";
        const std::vector<std::string> patterns{asked};
        const auto spec = CaptureSpec::parse(patterns, loaded->model->info());
        if (!spec) FAIL(spec.error().message);
        const auto result = run(*loaded->model, ids, *spec);
        REQUIRE(result);
        const fs::path path = folder / (model + ".safetensors");
        const auto written = writeTrace(*result->trace, *loaded->model, path, {});
        if (!written) FAIL(written.error().message);
        const Reference file(path.string());
        const std::string at = "blocks.0.mixer.hook_", state = at + (m.isScan() ? "h." : "S.");
        const std::vector<std::int64_t> shape = m.isScan() ? std::vector<std::int64_t>{m.inner, m.stateSize}
                                                           : std::vector<std::int64_t>{m.heads, m.keyWidth, m.valueWidth};
        CHECK(file.file->find(state + "5")->shape == shape);
        CHECK_FALSE(file.has(state + "6"));
        // The file's own numbers: kept − erased + written is the state; of the first token nothing was kept.
        for (const int t : {0, 1, 5}) {
            const auto after = file.floats(state + std::to_string(t)), kept = file.floats(at + "kept." + std::to_string(t)),
                       wrote = file.floats(at + "written." + std::to_string(t));
            const auto erased = m.erases() ? file.floats(at + "erased." + std::to_string(t)) : std::vector<float>(kept.size());
            double worst = 0, largest = 0;
            for (std::size_t i = 0; i < after.size(); ++i) {
                if (t == 0) CHECK(kept[i] == 0);
                widen(worst, std::abs(double(kept[i]) - erased[i] + wrote[i] - after[i]));
                largest = std::max(largest, std::abs(double(after[i])));
            }
            CHECK(largest > 0);
            CHECK(worst < 1e-6 * largest);
        }
        if (!m.isScan()) continue;
        // The hidden attention of a channel, times its inputs, is what C reads; Ā h′ + Δ B x is h.
        const auto pattern = file.floats(at + "effective_pattern"), input = file.floats(at + "ssm_input"),
                   y = file.floats(at + "y"), keep = file.floats(at + "A_bar"), write = file.floats(at + "B_bar"),
                   h4 = file.floats(state + "4"), h5 = file.floats(state + "5");
        const auto E = static_cast<std::size_t>(m.inner), N = static_cast<std::size_t>(m.stateSize), T = ids.size();
        REQUIRE(pattern.size() == E * T * T);
        double worst = 0, worstStep = 0, largest = 0;
        for (std::size_t e = 0; e < E; ++e) {
            for (std::size_t q = 0; q < T; ++q) {
                double sum = 0;
                for (std::size_t j = 0; j < T; ++j) sum += double(pattern[(e * T + q) * T + j]) * input[j * E + e];
                widen(worst, std::abs(sum - y[q * E + e]));
                largest = std::max(largest, std::abs(double(y[q * E + e])));
            }
            for (std::size_t n = 0; n < N; ++n) {
                const std::size_t i = (5 * E + e) * N + n;
                worstStep = std::max(
                    worstStep, std::abs(double(keep[i]) * h4[e * N + n] + double(write[i]) * input[5 * E + e] - h5[e * N + n]));
            }
        }
        CHECK(worst < 1e-5 * largest);
        CHECK(worstStep < 1e-6);
    }
    fs::remove_all(folder);
}

TEST_CASE("A site answers to the other names that the field has for it") {
    const auto only = [](const std::string& model, const std::string& pattern) {
        const auto loaded = openModel(model);
        const std::vector<std::string> patterns{pattern};
        const auto spec = CaptureSpec::parse(patterns, loaded->model->info());
        REQUIRE(spec);
        REQUIRE(spec->wanted().size() == 1);
        return spec->wanted().front();
    };
    CHECK(only(zooPath("mamba"), "blocks.1.mixer.hook_out_proj") == SiteRef{SiteId::SsmOut, Layer(1)});
    CHECK(only("layerwalk-lstm", "blocks.1.rnn.hook_read") == SiteRef{SiteId::CellH, Layer(1)});
}
