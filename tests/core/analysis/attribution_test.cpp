// Direct logit attribution: its terms add up to the logit, and each is the final norm's linear part of what it names.
#include <algorithm>

#include "core/analysis/attribution.h"
#include "tests/core/models/zoo.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;

namespace {

std::string variantPath(const std::string& name) { return std::string(LAYERWALK_TEST_DATA) + "/variants/" + name; }

const AttributionTerm& termOf(const Attribution& a, const std::string& name) {
    const auto found = std::find_if(a.terms.begin(), a.terms.end(), [&](const AttributionTerm& t) { return t.name == name; });
    if (found == a.terms.end()) FAIL("no term " << name);
    return *found;
}

}  // namespace

TEST_CASE("The terms add up to the logit") {
    for (const std::string& path :
         {zooPath("gpt2"), zooPath("llama"), variantPath("llama-biases-head-dim"), variantPath("gpt2-own-head-inner-f16"),
          variantPath("gpt2-unscaled-gelu"), variantPath("mistral-window"), zooPath("mamba"), zooPath("mamba2"), zooPath("jamba"),
          zooPath("qwen3_next"), std::string(LAYERWALK_TEST_DATA) + "/stories260K/stories260K-Q4_0.gguf"}) {
        const auto loaded = openModel(path);
        const auto trace = runAll(*loaded, {3, 17, 5, 22, 9, 40, 3, 17}).trace;
        double worst = 0;
        for (const int position : {0, 4, 7}) {
            const ConstRow logits = trace->logits(Position(position));
            for (const TokenId token : {0, 13, 60}) {
                const auto a = attribute(*trace, *loaded->model, Position(position), token);
                REQUIRE(a);
                CHECK(a->logit == logits(token));
                double sum = 0;
                for (const AttributionTerm& term : a->terms) sum += term.value;
                CHECK(sum == Approx(a->sum).epsilon(1e-12));
                widen(worst, std::abs(a->sum - a->logit) / logits.cwiseAbs().maxCoeff());
            }
        }
        CAPTURE(path, worst);
        CHECK(worst < 1e-5);
    }
}

TEST_CASE("Terms are named as in the command line and stand in the order of the model") {
    const auto names = [](const std::string& path) {
        const auto loaded = openModel(path);
        const auto a = attribute(*runAll(*loaded, {3, 17}).trace, *loaded->model, Position(1), 5);
        REQUIRE(a);
        std::vector<std::string> list;
        for (const AttributionTerm& term : a->terms) list.push_back(term.name);
        return list;
    };
    CHECK(names(zooPath("gpt2")) == std::vector<std::string>{"embed",        "pos_embed", "L0H0",         "L0H1", "L0H2", "L0H3",
                                                             "L0.attn_bias", "L0.mlp",    "L1H0",         "L1H1", "L1H2", "L1H3",
                                                             "L1.attn_bias", "L1.mlp",    "L2H0",         "L2H1", "L2H2", "L2H3",
                                                             "L2.attn_bias", "L2.mlp",    "ln_final.bias"});
    CHECK(names(zooPath("llama")) == std::vector<std::string>{"embed", "L0H0", "L0H1", "L0H2", "L0H3", "L0.mlp", "L1H0", "L1H1",
                                                              "L1H2", "L1H3", "L1.mlp", "L2H0", "L2H1", "L2H2", "L2H3",
                                                              "L2.mlp"});
}

TEST_CASE("A head's term is its addition through the frozen final norm") {
    for (const char* name : {"gpt2", "llama"}) {
        const auto loaded = openModel(zooPath(name));
        const Model& model = *loaded->model;
        const auto trace = runAll(*loaded, {3, 17, 5, 22}).trace;
        const Position position(3);
        const TokenId token = 31;
        const auto a = attribute(*trace, model, position, token);
        REQUIRE(a);
        RowVectorD heads = RowVectorD::Zero(32);
        for (int h = 0; h < 4; ++h) {
            // z_h W_O[h], then the formula of the maths sheet (3.2), written out.
            const RowVectorD z = trace->row(SiteId::Z, Layer(1), position).cast<double>();
            const MatrixD out = model.weight(WeightId::O, Layer(1)).toMatrix().cast<double>();
            RowVectorD x = z.segment(h * 8, 8) * out.middleCols(h * 8, 8).transpose();
            CHECK((x - headResult(*trace, model, Layer(1), Head(h), position)).cwiseAbs().maxCoeff() < 1e-12);
            heads += x;
            if (model.info().norm == NormKind::LayerNorm) x.array() -= x.mean();
            x /= trace->row(SiteId::FinalScale, Layer(0), position)(0);
            x = x.cwiseProduct(model.weight(WeightId::FinalGain).row(0).cast<double>());
            const double want = x.dot(model.weight(WeightId::Unembed).row(token).cast<double>());
            const AttributionTerm& term = termOf(*a, "L1H" + std::to_string(h));
            CHECK(term.value == Approx(want).epsilon(1e-9).margin(1e-12));
            CHECK(term.layer == Layer(1));
            CHECK(term.head == Head(h));
            CHECK(term.site == SiteId::Result);
        }
        if (const Weight& bias = model.weight(WeightId::BiasO, Layer(1)); bias.defined()) heads += bias.row(0).cast<double>();
        CHECK((heads - trace->row(SiteId::AttnOut, Layer(1), position).cast<double>()).cwiseAbs().maxCoeff() < 1e-5);
    }
}

TEST_CASE("What attribution cannot do it says") {
    const auto loaded = openModel(zooPath("gpt2"));
    const auto trace = runAll(*loaded, {3, 4}).trace;
    CHECK(!attribute(*trace, *loaded->model, Position(2), 5));
    CHECK(attribute(*trace, *loaded->model, Position(1), 97).error().message.find("97") != std::string::npos);
    const auto bare = run(*loaded->model, {3, 4}, CaptureSpec::none());
    REQUIRE(bare);
    CHECK(attribute(*bare->trace, *loaded->model, Position(1), 5).error().message.find("ln_final.hook_scale") !=
          std::string::npos);
}
