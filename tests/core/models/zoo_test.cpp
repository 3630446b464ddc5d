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
    const int heads = trace.model().blocks[static_cast<std::size_t>(ref.layer.value)].attention.heads, T = trace.length();
    Matrix all(heads * T, T);
    for (int h = 0; h < heads; ++h) {
        all.middleRows(h * T, T) =
            ref.id == SiteId::Pattern ? trace.pattern(ref.layer, Head(h)) : trace.scores(ref.layer, Head(h));
    }
    return all;
}

}  // namespace

TEST_CASE("zoo: logits, hidden states, attention and captures equal the references") {
    for (const std::string name : {"gpt2", "llama"}) {
        const auto loaded = openModel(zooPath(name));
        CHECK(loaded->warnings.empty());
        const Reference expected(zooPath(name) + "/expected.safetensors"), cache(zooPath(name) + "/cache.safetensors");
        for (int prompt = 0; prompt < 3; ++prompt) {
            CAPTURE(name, prompt);
            const std::string p = std::to_string(prompt) + ".";
            const RunResult result = runAll(*loaded, expected.ids(p + "input_ids"));
            const Trace& trace = *result.trace;
            CHECK(relativeDifference(trace.matrix(SiteId::Logits).data(), expected.floats(p + "logits")) < 1e-5);
            const int layers = trace.model().layers();
            CHECK(relativeDifference(trace.matrix(SiteId::ResidPre, Layer(0)).data(), expected.floats(p + "hidden.0")) < 1e-5);
            for (int l = 0; l + 1 < layers; ++l) {
                CHECK(relativeDifference(trace.matrix(SiteId::ResidPost, Layer(l)).data(),
                                         expected.floats(p + "hidden." + std::to_string(l + 1))) < 1e-5);
            }
            for (int l = 0; l < layers; ++l) {
                CHECK(relativeDifference(siteValues(trace, {SiteId::Pattern, Layer(l)}).data(),
                                         expected.floats(p + "attention." + std::to_string(l))) < 1e-5);
            }
            if (prompt != 0) continue;
            int compared = 0;
            for (const TensorEntry& entry : cache.file->entries()) {
                const auto ref = parseSiteName(entry.name);
                CAPTURE(entry.name);
                REQUIRE(ref);
                REQUIRE(trace.has(ref->id, ref->layer));
                CHECK(trace.model().shapeOf(ref->id, ref->layer, trace.length()) == entry.shape);
                CHECK(relativeDifference(siteValues(trace, *ref).data(), cache.floats(entry.name)) < 1e-5);
                ++compared;
            }
            CHECK(compared >= 53);
        }
    }
}

TEST_CASE("zoo: greedy text equals the references") {
    for (const std::string name : {"gpt2", "llama"}) {
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
