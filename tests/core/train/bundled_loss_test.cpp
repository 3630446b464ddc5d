// What the table of bundled models says of those that were trained here, computed again from the files that are shipped.
#include "core/bundled.h"

#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

#include "core/formats/config_json.h"
#include "core/load.h"
#include "core/train/documents.h"
#include "core/train/evaluation.h"
#include "core/train/packed_text.h"
#include "core/train/task_data.h"
#include "core/train/train_config.h"
#include "core/train/train_data.h"
#include "tests/catch.h"

using namespace lw;
using namespace lw::train;

namespace {

struct Held {
    std::vector<Sequence> sequences;
    std::int64_t bytes = 0;
};

// A text that all are compared on, in windows of a context.
void addText(Held& held, const char* file, const Tokenizer& tokenizer, int context) {
    const auto documents = readDocuments(std::string(LAYERWALK_TEST_DATA) + "/validation/" + file, "<|endoftext|>");
    REQUIRE(documents);
    const auto text = tokenizeDocuments(*documents, tokenizer, file);
    REQUIRE(text);
    held.bytes += text->predictable;
    for (const auto& document : text->documents) {
        for (Sequence& window : evaluationWindows(document, context, context)) held.sequences.push_back(std::move(window));
    }
}

constexpr std::array<const char*, 2> texts{"validation-tales.txt", "validation-stories.txt"};

// Both texts, in windows of the training's context.
Held heldTexts(const Tokenizer& tokenizer, const nlohmann::json& record) {
    const int context = record["config"]["context"];
    Held held;
    for (const char* file : texts) addText(held, file, tokenizer, context);
    return held;
}

// The examples of a task that the training did not learn from.
Held heldTask(const nlohmann::json& record) {
    const auto config = readTrainConfig(record["config"], "training.json", ".");
    REQUIRE(config);
    auto data = readTrainData(*config);
    REQUIRE(data);
    return {std::move(data->validation.front().sequences), 0};
}

}  // namespace

TEST_CASE("every model that was trained here has the parameters, the loss and the accuracy that the table gives") {
    int trained = 0;
    for (const BundledModel& bundled : bundledModels()) {
        if (!bundled.trained) continue;
        ++trained;
        CAPTURE(bundled.name);
        const BundledTraining& said = *bundled.trained;
        const auto loaded = loadModel(std::string(bundled.name));
        if (!loaded) FAIL(loaded.error().message);
        CHECK((*loaded)->model->info().parameters == said.parameters);
        const auto record = readJsonFile(resourcesFolder() / bundled.path / "training.json");
        REQUIRE(record);
        CHECK((*record)["tokens"] == said.tokens);
        CHECK((*record)["command"] == said.command);
        const bool task = said.bitsPerByte == 0;
        const Held held = task ? heldTask(*record) : heldTexts(*(*loaded)->tokenizer, *record);
        const auto result = evaluate(*(*loaded)->model, held.sequences);
        REQUIRE(result);
        CHECK(std::abs(result->loss() - said.validationLoss) < 0.01);
        CHECK(std::abs(task ? result->accuracy() - said.accuracy : result->bitsPerByte(held.bytes) - said.bitsPerByte) < 0.005);
    }
    CHECK(trained >= 3);
}

TEST_CASE("the model of the first start has fewer bits a byte than stories260K, on the tales and on the stories") {
    REQUIRE(bundledModels().front().name != "stories260K");
    const auto bitsOf = [](std::string_view name, const char* file) {
        const auto loaded = loadModel(std::string(name));
        if (!loaded) FAIL(loaded.error().message);
        Held held;
        addText(held, file, *(*loaded)->tokenizer, (*loaded)->model->info().context);
        const auto result = evaluate(*(*loaded)->model, held.sequences);
        REQUIRE(result);
        return result->bitsPerByte(held.bytes);
    };
    for (const char* file : texts) {
        CAPTURE(file);
        CHECK(bitsOf(bundledModels().front().name, file) < bitsOf("stories260K", file));
    }
}

TEST_CASE("selection matters: what was learned with 16 places holds for 32 only where the step depends on the token") {
    const auto right = [](const char* name, int length) {
        const BundledModel* bundled = bundledModel(name);
        REQUIRE(bundled);
        const auto loaded = loadModel(name);
        REQUIRE(loaded);
        const auto record = readJsonFile(resourcesFolder() / bundled->path / "training.json");
        REQUIRE(record);
        const auto config = readTrainConfig((*record)["config"], "training.json", ".");
        REQUIRE(config);
        REQUIRE(config->data.task);
        TaskSettings task = *config->data.task;
        CHECK(task.length == 16);
        task.length = task.minLength = length;
        TaskSequences made(task, 5, 1);
        std::vector<Sequence> sequences;
        for (int i = 0; i < 100; ++i) sequences.push_back(made.sequence(i));
        const auto result = evaluate(*(*loaded)->model, sequences);
        REQUIRE(result);
        return static_cast<double>(result->allCorrect) / static_cast<double>(result->sequences);
    };
    CHECK(right("layerwalk-selective-copy-mamba", 16) > 0.98);
    CHECK(right("layerwalk-selective-copy-mamba", 32) > 0.98);
    CHECK(right("layerwalk-selective-copy-s4d", 16) > 0.95);
    CHECK(right("layerwalk-selective-copy-s4d", 32) < 0.3);
}
