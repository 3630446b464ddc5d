// Evaluation against sums by hand, and training on texts: packing, held-out parts, and what is refused.
#include "core/train/evaluation.h"

#include <cmath>

#include "core/load.h"
#include "core/train/documents.h"
#include "core/train/packed_text.h"
#include "core/train/train_data.h"
#include "tests/core/train/training.h"

using namespace lw;
using namespace lw::test;
using namespace lw::train;
using nlohmann::json;

namespace {

// A tokenizer whose tokens are the small letters, the blank, the line break and an end token.
std::string letterTokenizer() {
    json vocabulary;
    for (int i = 0; i < 26; ++i) vocabulary[std::string(1, static_cast<char>('a' + i))] = i;
    vocabulary["Ġ"] = 26;
    vocabulary["Ċ"] = 27;
    const json byteLevel{{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", false}};
    return json{{"added_tokens",
                 {{{"id", 28},
                   {"content", "<|endoftext|>"},
                   {"single_word", false},
                   {"lstrip", false},
                   {"rstrip", false},
                   {"normalized", false},
                   {"special", true}}}},
                {"pre_tokenizer", byteLevel},
                {"decoder", byteLevel},
                {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", json::array()}}}}
        .dump();
}

json textTraining() {
    json config = copyTraining();
    config["model"]["vocab_size"] = 29;
    config["tokenizer"] = "tokenizer.json";
    config["data"] = {{"texts", {{{"path", "text.txt"}, {"separator", "---"}}}}, {"validation_fraction", 0.2}};
    return config;
}

std::string someText(int documents) {
    std::string text;
    for (int i = 0; i < documents; ++i) text += "the cat sat on the mat and the dog sat on the log\n---\n";
    return text;
}

}  // namespace

TEST_CASE("evaluation is the mean of −log p, and bits per byte follow from it") {
    const auto loaded = loadModel(LAYERWALK_TEST_DATA "/zoo/llama");
    REQUIRE(loaded);
    const Model& model = *(*loaded)->model;
    const std::vector<Sequence> sequences{{{1, 5, 9, 2}, {5, -1, 2, 7}}, {{3, 3}, {-1, 4}}};
    const auto result = evaluate(model, sequences);
    REQUIRE(result);
    double nats = 0;
    for (const Sequence& sequence : sequences) {
        const auto state = model.start();
        const Matrix logits = model.forward(sequence.ids, *state, Tap(), {}).value().value();
        for (std::size_t t = 0; t < sequence.ids.size(); ++t) {
            if (sequence.targets[t] < 0) continue;
            const RowVectorD row = logits.row(static_cast<Eigen::Index>(t)).cast<double>();
            nats += std::log(row.array().exp().sum()) - row(sequence.targets[t]);
        }
    }
    CHECK(result->predicted == 4);
    CHECK(result->sequences == 2);
    CHECK(result->nats == Approx(nats).epsilon(1e-6));
    CHECK(result->bitsPerByte(10) == Approx(nats / std::log(2.0) / 10));
}

TEST_CASE("a training on texts holds a part back and learns the rest") {
    const TemporaryFolder folder, out;
    std::ofstream(folder.path() / "tokenizer.json") << letterTokenizer();
    std::ofstream(folder.path() / "text.txt") << someText(20);
    const auto config = readTrainConfig(textTraining(), (folder.path() / "t.json").string(), folder.path());
    if (!config) FAIL(config.error().message);
    auto data = readTrainData(*config);
    if (!data) FAIL(data.error().message);
    CHECK(data->about["texts"][0]["documents"] == 16);
    CHECK(data->about["validation"][0]["documents"] == 4);
    CHECK(data->end == 28);
    REQUIRE(data->validation.size() == 1);
    CHECK(data->validation[0].bytes == 4 * 49);  // the end token is read, not predicted
    const Sequence first = data->source->sequence(0);
    CHECK(first.ids.size() == 16);
    CHECK(std::vector(first.ids.begin() + 1, first.ids.end()) == std::vector(first.targets.begin(), first.targets.end() - 1));

    json training = textTraining();
    training["steps"] = 150;
    const Trained trained = runTraining(training, out.path(), 0, false, folder.path());
    if (!trained.summary) FAIL(trained.summary.error().message);
    CHECK(trained.reports.back().loss < 0.7 * trained.reports.front().loss);
    const json& record = trained.summary->record;
    const double tokens = record["validation"][0]["tokens"];
    CHECK(record["bits_per_byte"].get<double>() ==
          Approx(record["validation_loss"].get<double>() * tokens / std::log(2.0) / (4 * 49)));

    // The same from the finished folder.
    const auto loaded = loadModel(out.path().string());
    REQUIRE(loaded);
    CHECK((*loaded)->ends == std::vector<TokenId>{28});
    const auto documents = readDocuments(folder.path() / "text.txt", "---");
    const auto text = tokenizeDocuments({documents->begin() + 16, documents->end()}, *(*loaded)->tokenizer, "text");
    std::vector<Sequence> windows;
    for (const auto& document : text->documents) {
        for (Sequence& window : evaluationWindows(document, 16, 16)) windows.push_back(std::move(window));
    }
    CHECK(evaluate(*(*loaded)->model, windows)->loss() == Approx(record["validation_loss"].get<double>()).epsilon(1e-5));

    SECTION("changed texts are noticed") {
        std::ofstream(folder.path() / "text.txt") << someText(21);
        const Trained changed = runTraining(training, out.path(), 0, false, folder.path());
        REQUIRE_FALSE(changed.summary);
        CHECK(changed.summary.error().message.find("texts have changed") != std::string::npos);
    }
}

TEST_CASE("texts that cannot be learned from are refused with their numbers") {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "tokenizer.json") << letterTokenizer();
    const auto refusal = [&](
                             const std::string& text, const std::function<void(json&)>& change = [](json&) {}) {
        const TemporaryFolder out;
        std::ofstream(folder.path() / "text.txt") << text;
        json config = textTraining();
        change(config);
        const Trained refused = runTraining(config, out.path(), 0, false, folder.path());
        CHECK_FALSE(std::filesystem::exists(out.path() / "model.safetensors"));
        return refused.summary ? std::string() : refused.summary.error().message;
    };
    const std::string small = refusal("a b\n---\nc d");
    CHECK(small.find("has 5 tokens") != std::string::npos);  // end, a, blank, b, end
    CHECK(small.find("17") != std::string::npos);
    CHECK(refusal("").find("empty") != std::string::npos);
    CHECK(refusal(someText(9), [](json& c) { c["tokenizer"] = "none.json"; }).find("none.json") != std::string::npos);
    CHECK(refusal(someText(9), [](json& c) { c["data"]["texts"] = {"none.txt"}; }).find("none.txt") != std::string::npos);
    CHECK(refusal(someText(9), [](json& c) { c["model"]["vocab_size"] = 20; }).find("29 different tokens") != std::string::npos);
}
