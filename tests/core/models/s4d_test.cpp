// S4D models: recurrent form against convolution form, gradients, chunks, the step as an equation.
#include "core/analysis/check.h"
#include "core/analysis/explain.h"
#include "core/analysis/state_terms.h"
#include "tests/core/models/model_gradients.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;
using nlohmann::json;

namespace {

json configOf(bool complex, const char* rule = "zoh") {
    return {{"model_type", "s4d"},      {"vocab_size", 11},           {"hidden_size", 6}, {"num_hidden_layers", 2},
            {"state_size", 8},          {"complex", complex},         {"expand", 2},      {"discretization", rule},
            {"initializer_range", 0.4}, {"tie_word_embeddings", true}};
}
const std::vector<TokenId> ids{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};

}  // namespace

TEST_CASE("S4D: what the recurrence reads is the convolution with its kernel") {
    for (const auto& config : {configOf(true), configOf(false), configOf(true, "bilinear"), configOf(false, "bilinear")}) {
        CAPTURE(config.dump());
        const auto model = makeModel(config);
        const auto result = run(*model, ids, CaptureSpec::all(model->info()));
        REQUIRE(result);
        const Trace& trace = *result->trace;
        double worst = 0, largest = 0;
        for (const int layer : {0, 1}) {
            const Matrix u = trace.matrix(SiteId::SsmInput, Layer(layer)), y = trace.matrix(SiteId::SsmY, Layer(layer));
            for (const int e : {0, 5, 11}) {
                for (int t = 0; t < trace.length(); ++t) {
                    const auto kernel = effectiveRow(trace, *model, Layer(layer), Head(e), Position(t));
                    REQUIRE(kernel);
                    const double convolved = kernel->cast<double>().dot(u.col(e).transpose().cast<double>());
                    widen(worst, std::abs(convolved - static_cast<double>(y(t, e))));
                    largest = std::max(largest, std::abs(static_cast<double>(y(t, e))));
                }
            }
        }
        INFO("largest difference of the two forms " << worst << ", largest value " << largest);
        CHECK(worst < 2e-6 * largest);
        checkChunks(*model, ids);
        const int floats = 12 * 8;
        CHECK(result->state->bytes() == 2 * floats * 4);
        CHECK(model->info().block(Layer(0)).mixer.stateFloats() == floats);
    }
}

TEST_CASE("S4D: gradients of every parameter by finite differences") {
    for (const auto& config : {configOf(true), configOf(false), configOf(true, "bilinear")}) checkModelGradients(config, ids);
}

TEST_CASE("S4D: kept + written is the state after, and every number has a derivation") {
    for (const auto& config : {configOf(true), configOf(false)}) {
        const auto model = makeModel(config);
        const auto result = run(*model, ids, CaptureSpec::all(model->info()));
        REQUIRE(result);
        const Trace& trace = *result->trace;
        for (const int t : {0, 1, 9}) {
            const auto terms = stateTerms(trace, *model, Layer(1), Head(0), Position(t));
            REQUIRE(terms);
            CHECK((terms->kept + terms->written - terms->after).cwiseAbs().maxCoeff() < 1e-6f);
            CHECK((terms->read - trace.row(SiteId::SsmY, Layer(1), Position(t))).cwiseAbs().maxCoeff() < 1e-6f);
            for (const SiteId site : {SiteId::SsmH, SiteId::MixerKept, SiteId::MixerWritten, SiteId::MixerRead}) {
                for (const int column : {0, 3, 7}) {
                    Locus place{.layer = Layer(1), .head = Head(0), .position = Position(t), .unit = Unit(2), .site = site};
                    if (site != SiteId::MixerRead) place.unit2 = Unit(column);
                    CAPTURE(print(place));
                    const auto check = checkValue(trace, *model, place, CheckPath::FromOperands);
                    if (!check) FAIL(check.error().message);
                    CHECK(check->relative < 1e-5);
                }
            }
        }
        const auto left = survival(trace, *model, Layer(1), Head(0), Position(2));
        REQUIRE(left);
        CHECK(left->size() == ids.size() - 2);
        CHECK(left->front() == 1);
        for (const double share : *left) CHECK(std::abs(share) <= 1);
    }
}

TEST_CASE("S4D: configurations that cannot be") {
    const InitSource source(1, json::object(), "new");
    const auto refused = [&](json config, const std::string& field) {
        const auto built = findByModelType("s4d")->build({config, source, "new", "config.json"});
        REQUIRE_FALSE(built);
        CHECK(built.error().message.find(field) != std::string::npos);
    };
    json odd = configOf(true), rule = configOf(true);
    odd["state_size"] = 7;
    refused(odd, "state_size");
    rule["discretization"] = "euler";
    refused(rule, "discretization");
}
