// Trainings: that they learn, that they can be repeated and gone on with to the same bits, and what they do when something is
// wrong.
#include "core/train/trainer.h"

#include "core/load.h"
#include "core/nn/cross_entropy.h"
#include "core/train/checkpoint.h"
#include "core/train/learner.h"
#include "core/train/model_folder.h"
#include "core/train/task_data.h"
#include "tests/core/train/training.h"

using namespace lw;
using namespace lw::test;
using namespace lw::train;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::vector<Sequence> someSequences(int n) {
    TaskSettings task;
    task.name = "copy";
    task.length = 5;
    task.minLength = 2;
    task.symbols = 8;
    TaskSequences source(task, 1, 2);
    std::vector<Sequence> list;
    for (int i = 0; i < n; ++i) list.push_back(source.sequence(i));
    return list;
}

Learner newLearner(int lanes) {
    auto learner = Learner::create(copyTraining()["model"], "test", "test.json", 3, lanes);
    if (!learner) FAIL(learner.error().message);
    return *std::move(learner);
}

double largestDifference(const Learner& a, const Learner& b) {
    double worst = 0;
    for (std::size_t p = 0; p < a.parts().size(); ++p)
        worst = std::max(worst, static_cast<double>((a.gradient(p) - b.gradient(p)).cwiseAbs().maxCoeff()));
    return worst;
}

}  // namespace

TEST_CASE("the gradient of a batch is that of the mean over all counted targets, however many lanes") {
    const auto batch = someSequences(7);
    Learner one = newLearner(1), three = newLearner(3);
    const double loss = one.gradients(batch, 0, 1, 0).value();
    CHECK(three.gradients(batch, 0, 1, 0).value() == Approx(loss).epsilon(1e-6));
    CHECK(largestDifference(one, three) < 1e-6);

    // By hand: every sequence by itself, weighted by its targets.
    Learner byHand = newLearner(1);
    double sum = 0, counted = 0;
    for (const Sequence& sequence : batch) counted += static_cast<double>(sequence.counted());
    for (const Sequence& sequence : batch) {
        const auto state = byHand.model().start();
        const auto logits = byHand.model().forward(sequence.ids, *state, Tap(), {});
        REQUIRE(logits);
        const Tensor mean = nn::crossEntropy(*logits, sequence.targets);
        const double share = static_cast<double>(sequence.counted()) / counted;
        sum += share * mean.value()(0, 0);
        mean.backward(Matrix::Constant(1, 1, static_cast<float>(share)));
    }
    CHECK(loss == Approx(sum).epsilon(1e-6));
    CHECK(largestDifference(one, byHand) < 1e-6);
    double squares = 0;
    for (std::size_t p = 0; p < one.parts().size(); ++p) squares += one.gradient(p).cast<double>().squaredNorm();
    CHECK(one.gradientNorm() == Approx(std::sqrt(squares)));

    SECTION("dropout changes the gradient, and the same numbers drop the same values") {
        const double dropped = three.gradients(batch, 0.3, 1, 0).value();
        CHECK(dropped != loss);
        CHECK(three.gradients(batch, 0.3, 1, 0).value() == dropped);
        CHECK(three.gradients(batch, 0.3, 1, 7).value() != dropped);
        CHECK(one.gradients(batch, 0.3, 1, 0).value() == Approx(dropped).epsilon(1e-6));
    }
}

TEST_CASE("gains, biases and what is named are not decayed") {
    Learner learner = newLearner(1);
    const auto decaying = [&] {
        std::vector<std::string> names;
        for (const Learner::Part& part : learner.parts()) {
            if (part.decays) names.push_back(part.name);
        }
        return names;
    };
    learner.chooseDecay(true, {});
    CHECK(decaying().size() == 1 + 2 * 7);  // the embedding, and seven matrices a layer
    const std::vector<std::string> ending{"q_proj.weight"};
    learner.chooseDecay(false, ending);
    CHECK(decaying().size() == 2 * 6);
}

TEST_CASE("a training learns, and its folder is a model that opens") {
    const TemporaryFolder folder;
    json config = copyTraining();
    config["steps"] = 300;
    config["batch"] = 16;
    const Trained trained = runTraining(config, folder.path());
    if (!trained.summary) FAIL(trained.summary.error().message);
    CHECK(trained.summary->complete);
    CHECK(trained.reports.front().loss > 1.8);  // log 9 = 2.2
    CHECK(trained.reports.back().loss < 1.0);
    const json record = json::parse(bytesOf(folder.path() / "training.json"));
    CHECK(record["complete"] == true);
    CHECK(record["step"] == 300);
    CHECK(record["accuracy"].get<double>() > 0.7);
    CHECK(record["tokens"].get<std::int64_t>() == trained.reports.back().tokens);

    const auto loaded = loadModel(folder.path().string());
    if (!loaded) FAIL(loaded.error().message);
    CHECK((*loaded)->warnings.empty());
    CHECK((*loaded)->model->info().parameters == record["parameters"].get<std::int64_t>());
    REQUIRE((*loaded)->tokenizer);
    const std::vector<TokenId> ids = (*loaded)->tokenizer->encode("ba|").value().ids();
    const auto state = (*loaded)->model->start();
    const auto logits = (*loaded)->model->forward(ids, *state, Tap(), {});
    REQUIRE(logits);
    Eigen::Index best = 0;
    logits->value().row(2).maxCoeff(&best);
    CHECK((*loaded)->tokenizer->bytes(static_cast<TokenId>(best)) == "b");
    CHECK(checkpointsIn(folder.path()).size() == 2);

    SECTION("asked again, it says that it is complete and changes nothing") {
        const std::string before = bytesOf(folder.path() / "model.safetensors");
        const Trained again = runTraining(config, folder.path());
        REQUIRE(again.summary);
        CHECK(again.summary->complete);
        CHECK(again.reports.empty());
        CHECK(bytesOf(folder.path() / "model.safetensors") == before);
    }
}

TEST_CASE("a training is the same every time, and goes on to the same bits after a stop") {
    const TemporaryFolder whole, again, stopped;
    json config = copyTraining();
    config["dropout"] = 0.1;
    const Trained first = runTraining(config, whole.path());
    REQUIRE(first.summary);
    REQUIRE(runTraining(config, again.path()).summary);
    const std::string weights = bytesOf(whole.path() / "model.safetensors");
    CHECK(weights == bytesOf(again.path() / "model.safetensors"));

    const Trained half = runTraining(config, stopped.path(), 21);
    REQUIRE(half.summary);
    CHECK_FALSE(half.summary->complete);
    CHECK(half.summary->step == 21);
    REQUIRE(checkpointsIn(stopped.path()).front().filename() == "checkpoint-000021.safetensors");
    const Trained rest = runTraining(config, stopped.path());
    REQUIRE(rest.summary);
    CHECK(rest.summary->complete);
    CHECK(rest.reports.front().step == 28);
    CHECK(bytesOf(stopped.path() / "model.safetensors") == weights);
    CHECK(rest.summary->record["losses"] == first.summary->record["losses"]);
    CHECK(rest.summary->record["validations"] == first.summary->record["validations"]);

    SECTION("another seed gives other weights") {
        const TemporaryFolder other;
        config["seed"] = 4;
        REQUIRE(runTraining(config, other.path()).summary);
        CHECK(bytesOf(other.path() / "model.safetensors") != weights);
    }
}

TEST_CASE("a step of two batches learns what a step of one batch twice as large learns") {
    const TemporaryFolder folder;
    json config = copyTraining();
    config["batch"] = 6;
    REQUIRE(runTraining(config, folder.path() / "one").summary);
    config["batch"] = 3;
    config["accumulation"] = 2;
    REQUIRE(runTraining(config, folder.path() / "two").summary);
    CHECK(bytesOf(folder.path() / "one" / "model.safetensors") == bytesOf(folder.path() / "two" / "model.safetensors"));
    config["accumulation"] = 1;
    REQUIRE(runTraining(config, folder.path() / "less").summary);
    CHECK(bytesOf(folder.path() / "one" / "model.safetensors") != bytesOf(folder.path() / "less" / "model.safetensors"));
}

TEST_CASE("a damaged checkpoint gives way to the one before") {
    const TemporaryFolder whole, folder;
    const json config = copyTraining();
    REQUIRE(runTraining(config, whole.path()).summary);
    REQUIRE(runTraining(config, folder.path(), 14).summary);
    const auto newest = checkpointsIn(folder.path()).front();
    REQUIRE(newest.filename() == "checkpoint-000014.safetensors");
    fs::resize_file(newest, fs::file_size(newest) / 2);
    const Trained rest = runTraining(config, folder.path());
    REQUIRE(rest.summary);
    CHECK(rest.notes.front().find("Trying the one before") != std::string::npos);
    CHECK(bytesOf(folder.path() / "model.safetensors") == bytesOf(whole.path() / "model.safetensors"));
}

TEST_CASE("a checkpoint of another training is not gone on with") {
    const TemporaryFolder folder;
    json config = copyTraining();
    REQUIRE(runTraining(config, folder.path(), 7).summary);
    config["optimizer"]["learning_rate"] = 0.02;
    const Trained other = runTraining(config, folder.path());
    REQUIRE_FALSE(other.summary);
    CHECK(other.summary.error().message.find("optimizer") != std::string::npos);
    const Trained anew = runTraining(config, folder.path(), 0, true);
    REQUIRE(anew.summary);
    CHECK(anew.reports.front().step == 7);
}

TEST_CASE("a folder with somebody's model is left alone") {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "config.json") << "{}";
    const Trained refused = runTraining(copyTraining(), folder.path(), 0, true);
    REQUIRE_FALSE(refused.summary);
    CHECK(bytesOf(folder.path() / "config.json") == "{}");
}

TEST_CASE("a loss that is no number ends the training, names the tensor and keeps the checkpoint") {
    const TemporaryFolder folder;
    json config = copyTraining();
    config["optimizer"] = {{"learning_rate", 10}, {"weight_decay", 10}, {"clip", 0}, {"beta1", 0}, {"beta2", 0}};
    config["steps"] = 2000;
    config["checkpoint_every"] = 1;
    const Trained broken = runTraining(config, folder.path());
    REQUIRE_FALSE(broken.summary);
    INFO(broken.summary.error().message);
    const std::string& message = broken.summary.error().message;
    CHECK(message.find("no finite number") != std::string::npos);
    CHECK((message.find("layers.") != std::string::npos || message.find("embed") != std::string::npos ||
           message.find("blocks.") != std::string::npos || message.find("norm") != std::string::npos ||
           message.find("logits") != std::string::npos));
    CHECK(message.find("is untouched") != std::string::npos);
    CHECK_FALSE(checkpointsIn(folder.path()).empty());
}

TEST_CASE("what does not fit together is said before anything is trained") {
    const auto refusal = [](const std::function<void(json&)>& change) {
        const TemporaryFolder folder;
        json config = copyTraining();
        change(config);
        const Trained refused = runTraining(config, folder.path());
        return refused.summary ? std::string() : refused.summary.error().message;
    };
    CHECK(refusal([](json& c) { c["model"]["vocab_size"] = 5; }).find("vocab_size") != std::string::npos);
    CHECK(refusal([](json& c) { c["model"]["model_type"] = "abacus"; }).find("abacus") != std::string::npos);
    CHECK(refusal([](json& c) { c["model"]["max_position_embeddings"] = 4; }).find("context is 4") != std::string::npos);
    // Ten thousand thousand million numbers are more than any machine's memory.
    const std::string large = refusal([](json& c) {
        c["model"]["hidden_size"] = 1000000;
        c["model"]["intermediate_size"] = 10000000;
    });
    CHECK(large.find("this machine has") != std::string::npos);
    CHECK(large.find("model.layers.0") != std::string::npos);
    // A slip of the pen would train something else.
    CHECK(refusal([](json& c) { c["model"]["hiden_size"] = 64; }).find("hiden_size") != std::string::npos);
}

TEST_CASE("patience ends a training that no longer improves, with the best weights") {
    const TemporaryFolder folder;
    json config = copyTraining();
    config["steps"] = 400;
    config["patience"] = 2;
    config["validate_every"] = 5;
    config["optimizer"]["learning_rate"] = 0.3;  // too much to learn anything
    config["optimizer"]["warmup"] = 0;
    const Trained trained = runTraining(config, folder.path());
    REQUIRE(trained.summary);
    CHECK(trained.summary->complete);
    CHECK(trained.summary->stoppedEarly);
    CHECK(trained.summary->step < 400);
    double best = 1e9;
    for (const json& validation : trained.summary->record["validations"]) best = std::min(best, validation["loss"].get<double>());
    CHECK(trained.summary->record["validation_loss"].get<double>() == Approx(best).epsilon(1e-6));
}

TEST_CASE("bfloat16 weights are those that were validated") {
    CHECK(toBfloat16(1.0f) == 0x3f80);
    CHECK(toBfloat16(1.00390625f) == 0x3f80);  // 1 + 2⁻⁸ lies between two: to the even one
    CHECK(toBfloat16(1.01171875f) == 0x3f82);  // 1 + 3 · 2⁻⁸
    CHECK(toBfloat16(-1.0f / 3) == 0xbeab);
    const TemporaryFolder folder;
    json config = copyTraining();
    config["save"] = "bfloat16";
    config["snapshots"] = {10, 20};
    const Trained trained = runTraining(config, folder.path());
    REQUIRE(trained.summary);
    CHECK(fs::file_size(folder.path() / "model.safetensors") < 20000);
    for (const std::string name : {"step-000010", "step-000020", "."}) {
        CAPTURE(name);
        const auto loaded = loadModel((folder.path() / name).string());
        REQUIRE(loaded);
        CHECK((*loaded)->model->weight(WeightId::Q).type() == StorageType::BF16);
    }
}
