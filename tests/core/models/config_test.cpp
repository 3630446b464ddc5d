// Configurations: what each family honours, in both spellings, and what it refuses with one sentence.
#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <nlohmann/json.hpp>

#include "core/bundled.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::string variantPath(const std::string& name) { return std::string(LAYERWALK_TEST_DATA) + "/variants/" + name; }

// A copy of a model folder with a changed configuration.
class ChangedFolder {
public:
    ChangedFolder(const std::string& from, const std::function<void(json&)>& change) {
        char name[] = "/tmp/layerwalk-test-XXXXXX";
        m_path = mkdtemp(name);
        fs::copy(from, m_path, fs::copy_options::recursive);
        json config = json::parse(std::ifstream(from + "/config.json"));
        change(config);
        fs::permissions(m_path / "config.json", fs::perms::owner_all);
        std::ofstream(m_path / "config.json") << config;
    }
    ~ChangedFolder() { fs::remove_all(m_path); }
    std::string path() const { return m_path.string(); }

private:
    fs::path m_path;
};

double logitsDifference(const std::string& folder, const std::string& reference) {
    const auto loaded = openModel(folder);
    const Reference expected(reference + "/expected.safetensors");
    return relativeDifference(runAll(*loaded, expected.ids("input_ids")).trace->matrix(SiteId::Logits).data(),
                              expected.floats("logits"));
}

std::string refusal(const std::string& from, const std::function<void(json&)>& change) {
    const ChangedFolder folder(from, change);
    const auto loaded = loadModel(folder.path());
    if (loaded) return "";
    CHECK(loaded.error().message.find('\n') == std::string::npos);
    return loaded.error().message;
}

bool says(const std::string& text, const std::string& word) { return text.find(word) != std::string::npos; }

}  // namespace

TEST_CASE("variants of both families equal their references") {
    for (const auto& item : fs::directory_iterator(std::string(LAYERWALK_TEST_DATA) + "/variants")) {
        const std::string path = item.path().string();
        const auto loaded = openModel(path);
        const Reference expected(path + "/expected.safetensors");
        const auto trace = runAll(*loaded, expected.ids("input_ids")).trace;
        CAPTURE(path);
        CHECK(loaded->warnings.empty());
        CHECK(relativeDifference(trace->matrix(SiteId::Logits).data(), expected.floats("logits")) < 1e-5);
        for (int l = 0; l < trace->model().layers(); ++l) {
            const std::vector<float> want = expected.floats("attention." + std::to_string(l));
            const int T = trace->length();
            for (int h = 0; h < trace->model().blocks[0].attention.heads; ++h) {
                const Matrix got = trace->pattern(Layer(l), Head(h));
                const std::vector<float> part(want.begin() + std::ptrdiff_t{h} * T * T,
                                              want.begin() + std::ptrdiff_t{h + 1} * T * T);
                CHECK(relativeDifference(got.data(), part) < 1e-5);
            }
        }
    }
}

TEST_CASE("a window and a scaling that are dropped change the answer (the references do test them)") {
    CHECK(logitsDifference(ChangedFolder(variantPath("mistral-window"), [](json& c) { c["sliding_window"] = nullptr; }).path(),
                           variantPath("mistral-window")) > 1e-2);
    CHECK(logitsDifference(ChangedFolder(variantPath("llama-llama3"),
                                         [](json& c) {
                                             c["rope_parameters"] = {{"rope_theta", 10000.0}, {"rope_type", "default"}};
                                         })
                               .path(),
                           variantPath("llama-llama3")) > 1e-3);
}

TEST_CASE("the older spelling of rotary settings gives the same model") {
    for (const std::string name : {"llama-linear", "llama-llama3"}) {
        const ChangedFolder folder(variantPath(name), [](json& c) {
            json scaling = c["rope_parameters"];
            c["rope_theta"] = scaling["rope_theta"];
            scaling.erase("rope_theta");
            c.erase("rope_parameters");
            c["rope_scaling"] = scaling;
        });
        CAPTURE(name);
        CHECK(logitsDifference(folder.path(), variantPath(name)) < 1e-5);
    }
}

TEST_CASE("a theta inside the older spelling of the scaling counts, as transformers reads it") {
    const ChangedFolder folder(variantPath("llama-linear"), [](json& c) {
        c["rope_scaling"] = c["rope_parameters"];
        c["rope_theta"] = 12345.0;
        c.erase("rope_parameters");
    });
    CHECK(logitsDifference(folder.path(), variantPath("llama-linear")) < 1e-5);
}

TEST_CASE("an unknown field loads with a warning that names it") {
    const ChangedFolder folder(zooPath("llama"), [](json& c) { c["frobnication_rate"] = 3; });
    const auto loaded = openModel(folder.path());
    REQUIRE(loaded->warnings.size() == 1);
    CHECK(says(loaded->warnings[0], "frobnication_rate"));
}

TEST_CASE("a field that asks for what is not done is refused by name") {
    CHECK(says(refusal(zooPath("gpt2"), [](json& c) { c["add_cross_attention"] = true; }), "add_cross_attention"));
    CHECK(says(refusal(zooPath("llama"),
                       [](json& c) {
                           c["rope_parameters"] = {{"rope_type", "yarn"}, {"factor", 2.0}, {"rope_theta", 10000.0}};
                       }),
               "yarn"));
    CHECK(says(refusal(zooPath("llama"), [](json& c) { c["quantization_config"] = {{"bits", 4}}; }), "quantization_config"));
    CHECK(says(refusal(zooPath("llama"), [](json& c) { c["rope_parameters"]["partial_rotary_factor"] = 0.5; }),
               "partial_rotary_factor"));
    CHECK(says(refusal(zooPath("llama"), [](json& c) { c["hidden_act"] = "wobble"; }), "wobble"));
    CHECK(says(refusal(zooPath("gpt2"), [](json& c) { c["activation_function"] = "wobble"; }), "wobble"));
    CHECK(says(refusal(variantPath("mistral-window"),
                       [](json& c) {
                           c["layer_types"] = {"chunked_attention", "full_attention"};
                       }),
               "chunked_attention"));
}

TEST_CASE("missing and contradictory fields are named with what was expected and found") {
    CHECK(says(refusal(zooPath("llama"), [](json& c) { c.erase("hidden_size"); }), "hidden_size"));
    CHECK(says(refusal(zooPath("llama"), [](json& c) { c["num_hidden_layers"] = -3; }), "num_hidden_layers is -3"));
    CHECK(says(refusal(zooPath("llama"), [](json& c) { c["num_attention_heads"] = 5; }), "head"));
    CHECK(says(refusal(zooPath("llama"), [](json& c) { c["num_hidden_layers"] = 9; }), "model.layers.3."));
    CHECK(says(refusal(zooPath("llama"), [](json& c) { c["vocab_size"] = 100; }), "[97, 32]"));
    CHECK(says(refusal(zooPath("llama"), [](json& c) { c["vocab_size"] = 1LL << 31; }), "vocab_size"));
    CHECK(says(refusal(zooPath("gpt2"), [](json& c) { c["n_head"] = 5; }), "n_head 5"));
    CHECK(says(refusal(zooPath("gpt2"), [](json& c) { c["model_type"] = "frobnicate"; }), "frobnicate"));
    CHECK(says(refusal(zooPath("gpt2"), [](json& c) { c["model_type"] = "frobnicate"; }), "llama"));
    CHECK(says(refusal(zooPath("gpt2"), [](json& c) { c["n_layer"] = "three"; }), "n_layer"));
    // One layer fewer than the file holds: opened, and said.
    const ChangedFolder fewer(zooPath("llama"), [](json& c) { c["num_hidden_layers"] = 2; });
    const auto loaded = openModel(fewer.path());
    REQUIRE(loaded->warnings.size() == 1);
    CHECK(says(loaded->warnings[0], "model.layers.2."));
}

TEST_CASE("A state of another shape than the weights have: the tensor, what was expected and what was found") {
    struct Case {
        const char *model, *field;
        int value;
        const char* tensor;
    };
    const std::vector<Case> cases{{"mamba", "state_size", 4, "mixer.x_proj.weight"},
                                  {"mamba", "time_step_rank", 3, "mixer.x_proj.weight"},
                                  {"mamba", "conv_kernel", 3, "mixer.conv1d.weight"},
                                  {"mamba2", "state_size", 4, "mixer.in_proj.weight"},
                                  {"mamba2", "n_groups", 3, "mixer.in_proj.weight"},
                                  {"jamba", "mamba_d_state", 4, "mamba.x_proj.weight"},
                                  {"qwen3_next", "linear_key_head_dim", 4, "linear_attn."},
                                  {"layerwalk-lstm", "hidden_size", 128, "embedding.weight"},
                                  {"layerwalk-gla", "head_dim", 16, "attn."},
                                  {"layerwalk-deltanet", "num_heads", 2, "attn."},
                                  {"layerwalk-deltanet", "conv_size", 3, "attn."},
                                  {"layerwalk-s4d", "state_size", 8, "mixer."},
                                  {"layerwalk-nplm", "window", 4, "up_proj.weight"},
                                  {"layerwalk-linear-attention", "head_dim", 8, "attn."},
                                  {"rwkv7-reverse", "head_size", 8, "att.r_k"}};
    for (const Case& c : cases) {
        CAPTURE(c.model, c.field);
        const BundledModel* bundled = bundledModel(c.model);
        const std::string from = bundled ? (resourcesFolder() / bundled->path).string() : zooPath(c.model);
        const std::string message = refusal(from, [&](json& config) { config[c.field] = c.value; });
        CAPTURE(message);
        CHECK(says(message, "model.safetensors"));
        CHECK(says(message, c.tensor));
        CHECK(std::ranges::count(message, '[') == 2);  // both shapes
        CHECK(message.ends_with('.'));
    }
}
