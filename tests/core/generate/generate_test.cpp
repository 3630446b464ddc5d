// Generation of the reference models against ids that another program chose greedily, ends, context and cancelling.
#include <fstream>

#include <nlohmann/json.hpp>

#include "core/generate/generate.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

namespace {

nlohmann::json readJson(const std::string& path) {
    std::ifstream file(path);
    REQUIRE(file);
    return nlohmann::json::parse(file);
}

std::vector<TokenId> idsOf(const Generated& generated) {
    std::vector<TokenId> ids;
    for (const Choice& step : generated.steps) ids.push_back(step.id);
    return ids;
}

}  // namespace

TEST_CASE("Greedy continuations are those of the reference") {
    for (const char* name : {"gpt2", "llama"}) {
        const auto loaded = openModel(zooPath(name));
        const Reference expected(zooPath(name) + "/expected.safetensors");
        const auto greedy = readJson(zooPath(name) + "/greedy.json")["greedy"];
        for (int prompt = 0; prompt < 3; ++prompt) {
            CAPTURE(name, prompt);
            const auto ids = expected.ids(std::to_string(prompt) + ".input_ids");
            const auto got = generate(*loaded->model, ids, {.count = 16, .settings = {.greedy = true}, .ignoreEnd = true});
            REQUIRE(got);
            CHECK(idsOf(*got) == greedy[static_cast<std::size_t>(prompt)].get<std::vector<TokenId>>());
            CHECK(got->reason == StopReason::Count);
            CHECK(got->ran == 15);
        }
    }
}

TEST_CASE("Every step is the choice from the logits of the whole text") {
    const auto loaded = openModel(zooPath("llama"));
    const std::vector<TokenId> prompt{3, 17, 5};
    const SamplingSettings settings{.temperature = 0.9, .topK = 30, .topP = 0.95, .seed = 12};
    std::vector<TokenId> told;
    const auto got = generate(*loaded->model, prompt,
                              {.count = 20, .settings = settings, .each = [&](const Choice& c) { told.push_back(c.id); }});
    REQUIRE(got);
    CHECK(told == idsOf(*got));
    Pcg32 random(12);
    std::vector<TokenId> text = prompt;
    for (const Choice& step : got->steps) {
        const auto whole = runAll(*loaded, text);
        const ConstRow logits = whole.trace->logits(Position(static_cast<int>(text.size()) - 1));
        const Choice again = choose({logits.data(), static_cast<std::size_t>(logits.size())}, settings, random);
        CHECK(again.draw == step.draw);
        if (!again.nearEdge) REQUIRE(again.id == step.id);
        CHECK(again.probability == Approx(step.probability).epsilon(0).margin(1e-5));
        text.push_back(step.id);
    }
    const auto same = generate(*loaded->model, prompt, {.count = 20, .settings = settings});
    REQUIRE(same);
    CHECK(idsOf(*same) == idsOf(*got));
}

TEST_CASE("An end token ends the text and is its last token") {
    const auto loaded = openModel(zooPath("gpt2"));
    const Reference expected(zooPath("gpt2") + "/expected.safetensors");
    const auto ids = expected.ids("0.input_ids");  // continues 84, 80, 15, …
    GenerateRequest request{.count = 16, .settings = {.greedy = true}, .ends = {15, 96}};
    const auto got = generate(*loaded->model, ids, request);
    REQUIRE(got);
    CHECK(idsOf(*got) == std::vector<TokenId>{84, 80, 15});
    CHECK(got->reason == StopReason::End);
    request.ignoreEnd = true;
    CHECK(generate(*loaded->model, ids, request)->steps.size() == 16);
}

TEST_CASE("Generation stops where the context is full") {
    for (const char* name : {"gpt2", "llama"}) {
        CAPTURE(name);
        const auto loaded = openModel(zooPath(name));
        const int context = loaded->model->info().context;
        const std::vector<TokenId> prompt(static_cast<std::size_t>(context - 3), 7);
        GenerateRequest request{.count = 10, .settings = {.greedy = true}, .ignoreEnd = true};
        const auto got = generate(*loaded->model, prompt, request);
        REQUIRE(got);
        CHECK(got->steps.size() == 3);
        CHECK(got->reason == StopReason::Context);
        request.beyondContext = true;
        const auto beyond = generate(*loaded->model, prompt, request);
        REQUIRE(beyond);
        CHECK(beyond->steps.size() == (loaded->model->info().canGoBeyondContext ? 10u : 3u));
        const auto tooLong =
            generate(*loaded->model, std::vector<TokenId>(static_cast<std::size_t>(context + 1), 7), {.count = 1});
        REQUIRE(!tooLong);
        CHECK(tooLong.error().kind == ErrorKind::OverContext);
        CHECK(tooLong.error().message.find(std::to_string(context + 1)) != std::string::npos);
    }
}

TEST_CASE("Bad requests are answered with a sentence") {
    const auto loaded = openModel(zooPath("llama"));
    CHECK(generate(*loaded->model, {97}, {.count = 1}).error().message.find("97") != std::string::npos);
    CHECK(generate(*loaded->model, {}, {.count = 1}).error().kind == ErrorKind::BadInput);
    CHECK(generate(*loaded->model, {3}, {.count = 1, .settings = {.topP = 0}}).error().where == "--top-p");
    std::stop_source stop;
    stop.request_stop();
    CHECK(generate(*loaded->model, {3}, {.count = 1}, {.stop = stop.get_token()}).error().kind == ErrorKind::Cancelled);
}
