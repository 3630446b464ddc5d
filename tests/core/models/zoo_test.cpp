// Each family against a stored reference run: logits, hidden states, attention, every captured value, greedy text.
#include "tests/core/models/zoo.h"

#include <fstream>

#include <nlohmann/json.hpp>

#include "core/generate/run_tree.h"

using namespace lw;
using namespace lw::test;

namespace {

// The values of a site as trace files hold them.
Matrix siteValues(const Trace& trace, const SiteRef& ref) {
    if (siteOf(ref.id).axes != Axes::HeadQueryKey) return trace.matrix(ref.id, ref.layer);
    const int heads = trace.model().headsOf(ref.id, ref.layer), T = trace.length();
    Matrix all(heads * T, T);
    for (int h = 0; h < heads; ++h) {
        all.middleRows(h * T, T) =
            ref.id == SiteId::Pattern ? trace.pattern(ref.layer, Head(h)) : trace.scores(ref.layer, Head(h));
    }
    return all;
}

// Each family, how many captured values its reference has at least, and what float32 allows: the references of logits and
// hidden states are double, those of captures float32, and a scan adds up its rounding over the text.
struct Family {
    const char* name;
    int captures;
    double limit;
};
constexpr Family zoo[] = {{"gpt2", 53, 1e-5},   {"llama", 53, 1e-5}, {"mamba", 24, 2e-5},
                          {"mamba2", 17, 1e-5}, {"jamba", 53, 2e-5}, {"qwen3_next", 40, 2e-5}};

}  // namespace

TEST_CASE("zoo: logits, hidden states, attention and captures equal the references") {
    for (const auto& [family, captures, limit] : zoo) {
        const std::string name = family;
        const auto loaded = openModel(zooPath(name));
        CHECK(loaded->warnings.empty());
        const Reference expected(zooPath(name) + "/expected.safetensors"), cache(zooPath(name) + "/cache.safetensors");
        for (int prompt = 0; prompt < 3; ++prompt) {
            CAPTURE(name, prompt);
            const std::string p = std::to_string(prompt) + ".";
            const RunResult result = runAll(*loaded, expected.ids(p + "input_ids"));
            const Trace& trace = *result.trace;
            CHECK(relativeDifference(trace.matrix(SiteId::Logits).data(), expected.floats(p + "logits")) < limit);
            const int layers = trace.model().layers();
            CHECK(relativeDifference(trace.matrix(SiteId::ResidPre, Layer(0)).data(), expected.floats(p + "hidden.0")) < limit);
            for (int l = 0; l + 1 < layers; ++l) {
                CHECK(relativeDifference(trace.matrix(SiteId::ResidPost, Layer(l)).data(),
                                         expected.floats(p + "hidden." + std::to_string(l + 1))) < limit);
            }
            for (int l = 0; l < layers; ++l) {
                if (!trace.has(SiteId::Pattern, Layer(l))) continue;
                CHECK(relativeDifference(siteValues(trace, {SiteId::Pattern, Layer(l)}).data(),
                                         expected.floats(p + "attention." + std::to_string(l))) < limit);
            }
            if (prompt != 0) continue;
            int compared = 0;
            for (const TensorEntry& entry : cache.file->entries()) {
                const auto ref = parseSiteName(entry.name);
                CAPTURE(entry.name);
                REQUIRE(ref);
                REQUIRE(trace.has(ref->id, ref->layer));
                CHECK(trace.model().shapeOf(ref->id, ref->layer, trace.length()) == entry.shape);
                CHECK(relativeDifference(siteValues(trace, *ref).data(), cache.floats(entry.name)) < limit);
                ++compared;
            }
            CHECK(compared >= captures);
        }
    }
}

TEST_CASE("zoo: greedy text equals the references") {
    for (const auto& [family, captures, limit] : zoo) {
        const std::string name = family;
        const auto loaded = openModel(zooPath(name));
        const Reference expected(zooPath(name) + "/expected.safetensors");
        std::ifstream file(zooPath(name) + "/greedy.json");
        const nlohmann::json greedy = nlohmann::json::parse(file)["greedy"];
        for (int prompt = 0; prompt < 3; ++prompt) {
            CAPTURE(name, prompt);
            GenerateRequest request;
            request.count = 16;
            request.settings.greedy = true;
            request.ignoreEnd = true;
            const auto made = generate(*loaded->model, expected.ids(std::to_string(prompt) + ".input_ids"), request);
            REQUIRE(made);
            std::vector<int> ids;
            for (const Choice& step : made->steps) ids.push_back(step.id);
            CHECK(ids == greedy[static_cast<std::size_t>(prompt)].get<std::vector<int>>());
        }
    }
}
