// Checks along other paths: from operands for every site, and the whole run in double precision against published outputs.
#include <chrono>

#include "core/analysis/check.h"
#include "core/analysis/double_run.h"
#include "tests/core/analysis/every_place.h"
#include "tests/core/models/zoo.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;

namespace {

std::string variantPath(const std::string& name) { return std::string(LAYERWALK_TEST_DATA) + "/variants/" + name; }

MatrixD logitsInDouble(const Model& model, const std::vector<TokenId>& ids) {
    MatrixD logits;
    auto ok = doubleRun(model, {.ids = ids, .see = [&](const DoubleSite& s) {
                                    if (s.site == SiteId::Logits) logits = s.value;
                                    return true;
                                }});
    if (!ok) FAIL(ok.error().message);
    return logits;
}

// The references were computed in double precision and stored as float32. Llama's norms and angles are float32 inside the
// program that made them, whatever the rest is: a third implementation in double precision differs from them by the same 5.0e-7.
double referenceError(const std::string& name) { return name.find("gpt2") != std::string::npos ? 2e-7 : 1e-6; }

double differenceOf(const MatrixD& got, const std::vector<float>& want) {
    REQUIRE(static_cast<std::size_t>(got.size()) == want.size());
    const Matrix floats = got.cast<float>();
    return relativeDifference(floats.data(), want);
}

}  // namespace

TEST_CASE("The run in double precision gives the reference's logits") {
    for (const char* name : {"gpt2", "llama"}) {
        const auto loaded = openModel(zooPath(name));
        const Reference expected(zooPath(name) + "/expected.safetensors");
        for (int prompt = 0; prompt < 3; ++prompt) {
            const std::string p = std::to_string(prompt) + ".";
            const double worst =
                differenceOf(logitsInDouble(*loaded->model, expected.ids(p + "input_ids")), expected.floats(p + "logits"));
            CAPTURE(name, prompt, worst);
            CHECK(worst < referenceError(name));
        }
    }
    for (const char* name : {"llama-linear", "llama-llama3", "llama-biases-head-dim", "llama-sharded-bf16", "mistral-window",
                             "gpt2-own-head-inner-f16", "gpt2-unscaled-gelu"}) {
        const auto loaded = openModel(variantPath(name));
        const Reference expected(variantPath(name) + "/expected.safetensors");
        const double worst = differenceOf(logitsInDouble(*loaded->model, expected.ids("input_ids")), expected.floats("logits"));
        CAPTURE(name, worst);
        CHECK(worst < referenceError(name));
    }
}

TEST_CASE("The run in double precision shows every site as the reference recorded it") {
    for (const char* name : {"gpt2", "llama"}) {
        const auto loaded = openModel(zooPath(name));
        const ModelInfo& info = loaded->model->info();
        const Reference expected(zooPath(name) + "/expected.safetensors"), cache(zooPath(name) + "/cache.safetensors");
        const auto ids = expected.ids("0.input_ids");
        double worst = 0;
        int compared = 0;
        std::vector<std::string> seenNames;
        REQUIRE(doubleRun(*loaded->model, {.ids = ids, .results = true, .see = [&](const DoubleSite& s) {
                                               const std::string site = siteName(s.site, s.layer);
                                               seenNames.push_back(site);
                                               if (s.head > 0 || !cache.has(site)) return true;
                                               std::vector<float> want = cache.floats(site);
                                               if (s.head == 0) want.resize(static_cast<std::size_t>(s.value.size()));
                                               widen(worst, differenceOf(s.value, want));
                                               ++compared;
                                               return true;
                                           }}));
        CAPTURE(name, worst, compared);
        CHECK(compared == static_cast<int>(cache.file->entries().size()));
        CHECK(worst < 1e-5);  // the recording ran in float32
        // Every site of the model was shown.
        for (const Site& site : allSites()) {
            if (!info.has(site.id)) continue;
            for (int l = 0; l < (site.perLayer ? info.layers() : 1); ++l) {
                CAPTURE(siteName(site.id, Layer(l)));
                CHECK(std::find(seenNames.begin(), seenNames.end(), siteName(site.id, Layer(l))) != seenNames.end());
            }
        }
    }
}

TEST_CASE("Every value can be checked along both paths") {
    for (const std::string& path :
         {zooPath("gpt2"), zooPath("llama"), variantPath("llama-biases-head-dim"), variantPath("mistral-window"),
          variantPath("gpt2-own-head-inner-f16"), variantPath("gpt2-unscaled-gelu"), variantPath("llama-llama3"),
          std::string(LAYERWALK_TEST_DATA) + "/stories260K/stories260K-Q5_1.gguf"}) {
        const auto loaded = openModel(path);
        const auto trace = runAll(*loaded, {3, 17, 5, 22, 9, 40, 3, 17}).trace;
        // A score may be tiny against the products it is the sum of, and a query's first score stands alone in its row.
        double worst[2] = {0, 0}, worstScore[2] = {0, 0};
        std::string where[2];
        int count = 0;
        for (const Locus& place : everyPlace(*trace)) {
            const bool wholeToo = ++count % 3 == 0;
            for (const CheckPath way : {CheckPath::FromOperands, CheckPath::WholeRun}) {
                if (way == CheckPath::WholeRun && !wholeToo) continue;
                const auto result = checkValue(*trace, *loaded->model, place, way);
                CAPTURE(path, print(place));
                if (!result) FAIL(result.error().message);
                REQUIRE(result->path == way);
                REQUIRE(!result->how.empty());
                REQUIRE(result->relative >= 0);
                if (!std::isinf(result->shown)) REQUIRE(result->difference == std::abs(result->shown - result->recomputed));
                const auto i = static_cast<std::size_t>(way);
                double& largest = place.site == SiteId::AttnScores ? worstScore[i] : worst[i];
                if (result->relative > largest) {
                    largest = result->relative;
                    if (place.site != SiteId::AttnScores) where[i] = print(place);
                }
            }
        }
        CAPTURE(path, worst[0], where[0], worst[1], where[1], worstScore[0], worstScore[1], count);
        CHECK(worst[0] < 2e-6);
        CHECK(worst[1] < 1e-5);
        CHECK(worstScore[0] < 1e-4);
        CHECK(worstScore[1] < 1e-4);
    }
}

TEST_CASE("A wrong number is found out") {
    // The same run with one value changed: the check of that value, and of what is computed from it, must disagree.
    const auto loaded = openModel(zooPath("llama"));
    const auto trace = runAll(*loaded, {3, 17, 5, 22}).trace;
    auto block = std::make_shared<TraceBlock>(*trace->blocks()[0]);
    Matrix q = block->values[1][static_cast<std::size_t>(SiteId::RotQ)].value();
    q(3, 2 * 8 + 1) += 0.5f;
    block->values[1][static_cast<std::size_t>(SiteId::RotQ)] = Tensor(q);
    const Trace changed(loaded->model->sharedInfo(), trace->spec(), {block});
    const auto check = [&](const char* place, CheckPath path) {
        auto result = checkValue(changed, *loaded->model, parseLocus(place).value(), path);
        REQUIRE(result);
        return result->difference;
    };
    CHECK(check("H2 q3 n1 blocks.1.attn.hook_rot_q", CheckPath::FromOperands) == Approx(0.5).epsilon(1e-4));
    CHECK(check("H2 q3 n1 blocks.1.attn.hook_rot_q", CheckPath::WholeRun) == Approx(0.5).epsilon(1e-4));
    CHECK(check("H2 q3 n1 blocks.1.attn.hook_q", CheckPath::WholeRun) < 1e-5);
    CHECK(check("H2 q3 k1 blocks.1.attn.hook_attn_scores", CheckPath::FromOperands) < 1e-5);  // from the changed q, rightly
    CHECK(check("H2 q3 k1 blocks.1.attn.hook_attn_scores", CheckPath::WholeRun) > 1e-3);
    CHECK(check("H2 q3 n1 blocks.1.attn.hook_z", CheckPath::FromOperands) > 1e-5);  // z was made of the true q
}

TEST_CASE("The whole run is quick on a small model, can be cancelled, and reports its layers") {
    const auto loaded = openModel(std::string(LAYERWALK_TEST_DATA) + "/stories260K/stories260K-F16.gguf");
    std::vector<TokenId> ids;
    for (int i = 0; i < 100; ++i) ids.push_back(1 + (i * 37) % 500);
    const auto trace = runAll(*loaded, ids).trace;
    std::vector<double> progress;
    const auto begin = std::chrono::steady_clock::now();
    const auto result = checkValue(*trace, *loaded->model, parseLocus("q99 n42 logits").value(), CheckPath::WholeRun,
                                   {.report = [&](double fraction, std::string_view) { progress.push_back(fraction); }});
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    REQUIRE(result);
    CAPTURE(seconds, result->relative);
    CHECK(result->relative < 1e-5);
    CHECK(progress.size() == 6);  // five layers and the end
    CHECK(std::is_sorted(progress.begin(), progress.end()));
    WARN("100 tokens of stories260K in double precision: " << seconds << " s");
    std::stop_source stop;
    stop.request_stop();
    const auto cancelled =
        checkValue(*trace, *loaded->model, parseLocus("q99 n42 logits").value(), CheckPath::WholeRun, {.stop = stop.get_token()});
    REQUIRE(!cancelled);
    CHECK(cancelled.error().kind == ErrorKind::Cancelled);
}
