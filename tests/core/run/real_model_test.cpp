// A real model, when it is at hand: SmolLM2-135M in Q4_1, against references computed elsewhere from the same file's weights.
// The model is not part of this repository: LAYERWALK_SMOLLM2 names the file, or it lies in the models folder.
#include <fstream>

#include <nlohmann/json.hpp>

#include "core/analysis/logit_lens.h"
#include "core/bundled.h"
#include "core/generate/generate.h"
#include "tests/core/models/zoo.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;
using nlohmann::json;

TEST_CASE("SmolLM2-135M: ids, probabilities, loss, lens and greedy text") {
    const char* named = std::getenv("LAYERWALK_SMOLLM2");
    const std::filesystem::path path = named ? named : modelsFolder() / "SmolLM2-135M-Instruct.Q4_1.gguf";
    const std::string reference = std::string(LAYERWALK_SHARED_DATA) + "/real/smollm2-135m-q4_1.json";
    if (!std::filesystem::exists(path) || !std::filesystem::exists(reference)) {
        WARN("skipped: no SmolLM2 at " << path << " or no reference at " << reference);
        return;
    }
    const auto loaded = openModel(path.string());
    for (const json& text : json::parse(std::ifstream(reference))) {
        const auto encoding = loaded->tokenizer->encode(text["text"].get<std::string>());
        REQUIRE(encoding);
        const std::vector<TokenId> ids = encoding->ids();
        CHECK(ids == text["ids"].get<std::vector<TokenId>>());
        const auto trace = runAll(*loaded, ids).trace;
        const ConstRow logits = trace->logits(Position(trace->length() - 1));
        const std::vector<double> p = softmax({logits.data(), static_cast<std::size_t>(logits.size())});
        double worst = 0;
        for (const json& item : text["top20"]) widen(worst, std::abs(p[item[0].get<std::size_t>()] - item[1].get<double>()));
        INFO(text["text"] << ": probabilities within " << worst);
        CHECK(worst < 1e-4);
        GenerateRequest request;
        request.count = 20;
        request.settings.greedy = true;
        request.ignoreEnd = true;
        const auto made = generate(*loaded->model, ids, request);
        REQUIRE(made);
        std::vector<TokenId> greedy;
        for (const Choice& step : made->steps) greedy.push_back(step.id);
        CHECK(greedy == text["greedy20"].get<std::vector<TokenId>>());
    }
}
