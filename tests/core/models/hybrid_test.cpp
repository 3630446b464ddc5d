// Hybrids: every kind of block in one model, in any order.
#include "core/analysis/state_terms.h"
#include "tests/core/models/model_gradients.h"

using namespace lw;
using namespace lw::test;
using nlohmann::json;

namespace {

const std::vector<std::string> kinds{"s4d", "linear_attention", "mamba2", "attention",       "lstm",  "retnet",
                                     "gla", "delta_net",        "rnn",    "gated_delta_net", "mamba", "gru"};
const std::vector<TokenId> ids{3, 1, 4, 1, 5, 9, 2, 6, 5, 3};

// With the fields that these layers have, so that none is left unread.
json configOf(const std::vector<std::string>& layers) {
    json config{{"model_type", "hybrid"}, {"vocab_size", 11}, {"hidden_size", 8}, {"num_hidden_layers", layers.size()},
                {"layer_types", layers},  {"num_heads", 2},   {"head_dim", 4},    {"initializer_range", 0.4},
                {"intermediate_size", 6}};
    const auto uses = [&](const char* kind) { return std::ranges::find(layers, kind) != layers.end(); };
    if (uses("mamba") || uses("mamba2") || uses("s4d")) {
        config["state_size"] = 4;
        config["expand"] = 1;
    }
    if (uses("mamba2")) config["n_groups"] = 2;
    return config;
}

std::string refusal(const json& config) {
    const InitSource source(1, config, "new model");
    const auto built = findByModelType("hybrid")->build({config, source, "new", "config.json", false, false});
    REQUIRE_FALSE(built);
    return built.error().message;
}

}  // namespace

TEST_CASE("A hybrid of all kinds: at once, in parts and token by token, with every state shown as its terms") {
    const auto model = makeModel(configOf(kinds));
    checkChunks(*model, ids);
    const auto result = run(*model, ids, CaptureSpec::all(model->info()));
    REQUIRE(result);
    for (int layer = 0; layer < model->info().layers(); ++layer) {
        CAPTURE(kinds[static_cast<std::size_t>(layer)]);
        const auto terms = stateTerms(*result->trace, *model, Layer(layer), Head(1), Position(6));
        CHECK(terms.has_value() == (kinds[static_cast<std::size_t>(layer)] != "attention"));
        if (!terms || kinds[static_cast<std::size_t>(layer)] == "rnn") continue;  // its sum goes through tanh
        Matrix sum = terms->kept + terms->written;
        if (terms->erased.size() > 0) sum -= terms->erased;
        CHECK((sum - terms->after).cwiseAbs().maxCoeff() < 1e-5f * std::max(1.0f, terms->after.cwiseAbs().maxCoeff()));
    }
}

TEST_CASE("Hybrids: gradients of every parameter by finite differences") {
    // Two at a time. A second norm of what is read (RetNet's) divides by numbers near 0, which enlarges float's rounding.
    for (std::size_t i = 0; i + 1 < kinds.size(); ++i) {
        CAPTURE(kinds[i], kinds[i + 1]);
        checkModelGradients(configOf({kinds[i], kinds[i + 1]}), ids, 1e-4);
    }
}

TEST_CASE("Hybrids that cannot be are refused with the field, what was found and what is known") {
    const auto with = [](const char* field, const json& value, const std::vector<std::string>& layers) {
        json config = configOf(layers);
        config[field] = value;
        return refusal(config);
    };
    const std::string unknown = with("layer_types", {"mamba", "perceptron"}, {"mamba", "gla"});
    CHECK(unknown.find("\"perceptron\" in layer 1") != std::string::npos);
    for (const std::string& kind : kinds) CHECK(unknown.find(kind) != std::string::npos);
    CHECK(with("layer_types", {"mamba"}, {"mamba", "gla"}).find("each of the 2 layers") != std::string::npos);
    CHECK(with("n_groups", 3, {"mamba2", "gla"}).find("3 equal groups (n_groups)") != std::string::npos);
    CHECK(with("state_size", 5, {"s4d", "gla"}).find("state_size is 5") != std::string::npos);
}
