// Training configurations: what is read, and that a slip of the pen is not trained.
#include "core/train/train_config.h"

#include <functional>

#include "tests/core/train/training.h"

using namespace lw;
using namespace lw::train;
using nlohmann::json;

namespace {

std::string refusal(const std::function<void(json&)>& change) {
    json config = lw::test::copyTraining();
    change(config);
    const auto read = readTrainConfig(config, "here.json", ".");
    if (read) return "";
    CHECK(read.error().message.find('\n') == std::string::npos);
    return read.error().message;
}

bool says(const std::string& text, const std::string& word) {
    INFO(text);
    return text.find(word) != std::string::npos;
}

}  // namespace

TEST_CASE("a configuration is read with its defaults") {
    const auto config = readTrainConfig(lw::test::copyTraining(), "folder/here.json", "texts");
    REQUIRE(config);
    CHECK(config->name == "here");
    CHECK(config->steps == 40);
    CHECK(config->optimizer.warmup == 5);
    CHECK(config->optimizer.weightDecay == 0.1);
    CHECK(config->data.task->name == "copy");
    CHECK(config->data.task->minLength == 2);
    json texts = lw::test::copyTraining();
    texts["tokenizer"] = "t.json";
    texts["data"] = json::parse(R"({"texts": ["a.txt", {"path": "/b.txt", "separator": "--"}], "validation": ["c.txt"]})");
    const auto second = readTrainConfig(texts, "folder/here.json", "texts");
    REQUIRE(second);
    CHECK(second->tokenizer == "folder/t.json");
    CHECK(second->data.texts[0].path == "texts/a.txt");
    CHECK(second->data.texts[1].path == "/b.txt");
    CHECK(second->data.texts[1].separator == "--");
    CHECK(second->data.validation[0].path == "texts/c.txt");
    CHECK(second->data.validationFraction == 0);
}

TEST_CASE("every fault of a configuration is named") {
    CHECK(says(refusal([](json& c) { c["stepps"] = 3; }), "stepps"));
    CHECK(says(refusal([](json& c) { c["optimizer"]["learning_rat"] = 3; }), "learning_rat "));
    CHECK(says(refusal([](json& c) { c["data"]["lenght"] = 3; }), "lenght"));
    CHECK(says(refusal([](json& c) { c.erase("steps"); }), "steps"));
    CHECK(says(refusal([](json& c) { c["steps"] = 0; }), "steps"));
    CHECK(says(refusal([](json& c) { c["batch"] = "many"; }), "batch"));
    CHECK(says(refusal([](json& c) { c["dropout"] = 1; }), "dropout"));
    CHECK(says(refusal([](json& c) { c["save"] = "int8"; }), "int8"));
    CHECK(says(refusal([](json& c) { c["snapshots"] = {-1}; }), "snapshots"));
    CHECK(says(refusal([](json& c) { c["snapshots"] = {1, 99999}; }), "99999"));
    CHECK(says(refusal([](json& c) { c.erase("model"); }), "model"));
    CHECK(says(refusal([](json& c) { c["data"]["task"] = "dance"; }), "dance"));
    CHECK(says(refusal([](json& c) { c["data"] = {{"task", "associative_recall"}, {"length", 9}, {"symbols", 8}}; }), "keys"));
    CHECK(says(refusal([](json& c) { c["data"] = {{"texts", {"a.txt"}}}; }), "tokenizer"));
    CHECK(says(refusal([](json& c) { c["data"] = json::object(); }), "neither texts nor a task"));
    CHECK(says(refusal([](json& c) {
                   c["data"] = {{"texts", {"a", {{"path", "b"}, {"weight", 2}}}}};
                   c["tokenizer"] = "t";
               }),
               "weight"));
    CHECK(says(refusal([](json& c) {
                   c["data"] = {{"texts", {"a"}}, {"validation", {"b"}}, {"validation_fraction", 0.1}};
                   c["tokenizer"] = "t";
               }),
               "validation_fraction"));
    CHECK(says(refusal([](json& c) {
                   c["data"] = {{"texts", {"a"}}, {"validation_fraction", 0}};
                   c["tokenizer"] = "t";
               }),
               "validation_fraction is 0"));
    CHECK(refusal([](json&) {}).empty());
}

TEST_CASE("only what decides the numbers keeps a training from going on") {
    const json then = lw::test::copyTraining();
    json now = then;
    now["checkpoint_every"] = 1;
    now["report_every"] = 1;
    now["name"] = "other";
    CHECK(differingField(then, now).empty());
    now["seed"] = 4;
    CHECK(differingField(then, now) == "seed");
    now = then;
    now.erase("batch");
    CHECK(differingField(then, now) == "batch");
    now = then;
    now["optimizer"]["learning_rate"] = 1;
    CHECK(differingField(then, now) == "optimizer");
}
