// The whole run in double precision of models with mixers, experts, gated attention: every site against what the model itself
// gave.
#include "core/analysis/double_run.h"

#include <set>

#include "core/analysis/check.h"
#include "core/analysis/state_terms.h"
#include "core/bundled.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

namespace {

double apart(const MatrixD& got, const Matrix& want) {
    REQUIRE((got.rows() == want.rows() && got.cols() == want.cols()));
    return (got - want.cast<double>()).cwiseAbs().maxCoeff() / std::max(1e-6, static_cast<double>(want.cwiseAbs().maxCoeff()));
}

void compareAll(const std::string& name, const LoadedModel& loaded, const std::vector<TokenId>& ids) {
    const Model& model = *loaded.model;
    const ModelInfo& info = model.info();
    const auto trace = runAll(loaded, ids, 5).trace;
    const int T = trace->length();
    std::set<std::pair<SiteId, int>> seen;
    int states = 0;
    for (const int t : {0, T / 2, T - 1}) {
        DoubleRunRequest request;
        request.ids = trace->ids();
        request.stateOf = Position(t);
        request.see = [&](const DoubleSite& site) {
            CAPTURE(name, siteName(site.site, site.layer), site.head, t);
            const Axes axes = siteOf(site.site).axes;
            if (axes == Axes::StateOfPosition || site.site == SiteId::MixerRead) {
                const auto terms = stateTerms(*trace, model, site.layer, Head(site.head), Position(t));
                REQUIRE(terms);
                const Matrix want = site.site == SiteId::MixerKept      ? terms->kept
                                    : site.site == SiteId::MixerErased  ? terms->erased
                                    : site.site == SiteId::MixerWritten ? terms->written
                                    : site.site == SiteId::MixerRead    ? Matrix(terms->read)
                                                                        : terms->after;
                CHECK(apart(site.value, want) < 1e-4);
                ++states;
                return true;
            }
            seen.insert({site.site, site.layer.value});
            if (axes == Axes::HeadQueryKey) {
                if (site.site == SiteId::Pattern) CHECK(apart(site.value, trace->pattern(site.layer, Head(site.head))) < 1e-4);
                return true;
            }
            const Matrix want =
                site.site == SiteId::Logits ? trace->matrix(SiteId::Logits, Layer(0)) : trace->matrix(site.site, site.layer);
            CHECK(apart(site.value, want) < 5e-5);
            return true;
        };
        const auto ran = doubleRun(model, request);
        if (!ran) FAIL(ran.error().message);
    }
    // Nothing that the model shows is missing from the run in double.
    for (const Site& site : allSites()) {
        if (site.kind == SiteKind::OnRequest) continue;
        for (int l = 0; l < (site.perLayer ? info.layers() : 1); ++l) {
            CAPTURE(name, siteName(site.id, Layer(l)));
            if (info.has(site.id, Layer(l))) CHECK(seen.count({site.id, l}) == 1);
        }
    }
    const bool carries =
        std::ranges::any_of(info.blocks, [](const BlockInfo& b) { return b.mixer.hasMatrixState() || b.mixer.isScan(); });
    CAPTURE(name);
    CHECK((states > 0) == carries);
}

}  // namespace

TEST_CASE("double precision: the whole run of reference models with mixers and experts") {
    for (const char* name : {"mamba", "mamba2", "jamba", "qwen3_next"}) {
        const auto loaded = openModel(zooPath(name));
        compareAll(name, *loaded, {3, 17, 5, 22, 9, 40, 3, 17});
    }
}

TEST_CASE("double precision: the whole run gives the references' logits, which other programs computed") {
    for (const char* name : {"mamba", "mamba2", "jamba", "qwen3_next"}) {
        const auto loaded = openModel(zooPath(name));
        const Reference expected(zooPath(name) + "/expected.safetensors");
        for (int prompt = 0; prompt < 3; ++prompt) {
            const std::string p = std::to_string(prompt) + ".";
            const std::vector<TokenId> ids = expected.ids(p + "input_ids");
            MatrixD logits;
            DoubleRunRequest request;
            request.ids = ids;
            request.see = [&](const DoubleSite& site) {
                if (site.site == SiteId::Logits) logits = site.value;
                return true;
            };
            REQUIRE(doubleRun(*loaded->model, request));
            const Matrix floats = logits.cast<float>();
            const double worst = relativeDifference(floats.data(), expected.floats(p + "logits"));
            CAPTURE(name, prompt, worst);
            CHECK(worst < 1e-5);  // those programs take norms, decay rates and softplus in float32, whatever the rest is
        }
    }
}

TEST_CASE("double precision: the whole run of every bundled model that has layers of attention or mixers") {
    int models = 0;
    for (const BundledModel& bundled : bundledModels()) {
        const auto loaded = openModel((resourcesFolder() / bundled.path).string());
        const ModelInfo& info = loaded->model->info();
        const bool known = info.layers() > 0 &&
                           std::ranges::all_of(info.blocks, [](const BlockInfo& b) { return b.hasAttention() || b.hasMixer(); });
        if (known) {
            std::vector<TokenId> ids{3, 7, 5, 2, 1, 4, 3, 7};
            for (TokenId& id : ids) id %= static_cast<TokenId>(info.vocabulary);
            compareAll(std::string(bundled.name), *loaded, ids);
            ++models;
        } else {
            DoubleRunRequest request;
            const std::vector<TokenId> ids{1, 2};
            request.ids = ids;
            const auto refused = doubleRun(*loaded->model, request);
            REQUIRE(!refused);
            CHECK(refused.error().message.find("attention or a mixer") != std::string::npos);
        }
    }
    CHECK(models > 18);
}

TEST_CASE("double precision: one number of a state, of a gate and of an expert is checked from the ids") {
    const auto differs = [](const std::string& path, const char* place) {
        const auto loaded = openModel(path);
        const auto trace = runAll(*loaded, {3, 17, 5, 22, 9, 40}).trace;
        const auto check = checkValue(*trace, *loaded->model, parseLocus(place).value(), CheckPath::WholeRun);
        if (!check) FAIL(check.error().message);
        CHECK(std::isfinite(check->shown));
        CHECK(check->how.find("from the token ids") != std::string::npos);
        return check->relative;
    };
    CHECK(differs(zooPath("mamba"), "L1 H0 q5 n7 m3 blocks.1.mixer.hook_h") < 1e-4);
    CHECK(differs(zooPath("mamba2"), "L1 H1 q5 n2 m3 blocks.1.mixer.hook_S") < 1e-4);
    CHECK(differs(zooPath("qwen3_next"), "L0 H1 q5 n2 m3 blocks.0.mixer.hook_erased") < 1e-4);
    CHECK(differs(zooPath("qwen3_next"), "L0 H1 q5 n0 blocks.0.mixer.hook_beta") < 1e-4);
    CHECK(differs(zooPath("jamba"), "L0 q5 n3 blocks.0.mixer.hook_delta") < 1e-4);
    CHECK(differs(zooPath("jamba"), "L1 q5 n3 blocks.1.mlp.hook_expert_weights") < 1e-4);
}
