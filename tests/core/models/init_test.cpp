// First weights: which tensors there are, what they start as, and that the order of reading changes nothing.
#include "core/models/init.h"

#include <fstream>
#include <map>

#include <nlohmann/json.hpp>

#include "core/models/registry.h"
#include "core/models/weight_table.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;
using nlohmann::json;

namespace {

struct Moments {
    double mean = 0, deviation = 0;
};

Moments momentsOf(const Weight& weight) {
    const MatrixD values = weight.toMatrix().cast<double>();
    const double mean = values.mean();
    return {mean, std::sqrt((values.array() - mean).square().mean())};
}

json configOf(const std::string& model) { return json::parse(std::ifstream(zooPath(model) + "/config.json")); }

std::shared_ptr<const Model> build(const json& config, const InitSource& source) {
    const auto built = findByModelType(config["model_type"].get<std::string>())->build({config, source, "new", "config.json"});
    if (!built) FAIL(built.error().message);
    return built->model;
}

}  // namespace

TEST_CASE("made models have the tensors of a file, by name and shape") {
    for (const std::string name : {"gpt2", "llama"}) {
        CAPTURE(name);
        const InitSource source(1, configOf(name), "new model");
        const auto model = build(configOf(name), source);
        const auto file = SafetensorsFile::open(zooPath(name) + "/model.safetensors");
        REQUIRE(file);
        std::map<std::string, std::vector<std::int64_t>> made, stored;
        for (const TensorEntry& entry : source.entries()) made[entry.name] = entry.shape;
        for (const TensorEntry& entry : (*file)->entries()) stored[entry.name] = entry.shape;
        CHECK(made == stored);
        std::size_t named = 0;
        for (const Parameter& parameter : model->parameters()) named += made.count(parameter.stored);
        CHECK(named == made.size());
    }
}

TEST_CASE("the name decides what a tensor starts as") {
    json config{{"model_type", "gpt2"}, {"vocab_size", 300}, {"n_positions", 16}, {"n_embd", 64}, {"n_layer", 8}, {"n_head", 4}};
    const InitSource source(7, config, "new model");
    const auto model = build(config, source);
    CHECK(model->weight(WeightId::Ln1Gain, Layer(2)).toMatrix() == Matrix::Ones(1, 64));
    CHECK(model->weight(WeightId::BiasQ, Layer(2)).toMatrix() == Matrix::Zero(1, 64));
    const Moments in = momentsOf(model->weight(WeightId::In, Layer(3)));
    CHECK(std::abs(in.mean) < 4 * 0.02 / 128);  // 64 · 256 values
    CHECK(in.deviation == Approx(0.02).epsilon(0.03));
    CHECK(momentsOf(model->weight(WeightId::Out, Layer(3))).deviation == Approx(0.02 / 4).epsilon(0.03));  // √(2 · 8) = 4
    CHECK(momentsOf(model->weight(WeightId::O, Layer(3))).deviation == Approx(0.02 / 4).epsilon(0.05));
    CHECK(model->weight(WeightId::Q, Layer(0)).toMatrix() != model->weight(WeightId::K, Layer(0)).toMatrix());

    config["initializer_range"] = 0.1;
    const InitSource wide(7, config, "new model");
    CHECK(momentsOf(build(config, wide)->weight(WeightId::In, Layer(3))).deviation == Approx(0.1).epsilon(0.03));
}

TEST_CASE("seed and name decide the values, the order does not") {
    const json config = json::object();
    const InitSource one(5, config, "new"), two(5, config, "new"), other(6, config, "new");
    const Weight a = one.make("a.weight", {3, 4}, {}), b = one.make("b.weight", {3, 4}, {});
    const Weight b2 = two.make("b.weight", {3, 4}, {}), a2 = two.make("a.weight", {3, 4}, {});
    CHECK(a.toMatrix() == a2.toMatrix());
    CHECK(b.toMatrix() == b2.toMatrix());
    CHECK(a.toMatrix() != b.toMatrix());
    CHECK(a.toMatrix() != other.make("a.weight", {3, 4}, {}).toMatrix());
}

TEST_CASE("an architecture may say what a tensor starts as") {
    const InitSource source(5, json::object(), "new");
    WeightReader reader(source, true, [](const std::string& name) { return "model." + name; });
    const auto logarithm = Init::values([](std::int64_t, std::int64_t n, Pcg32&) { return std::log(static_cast<double>(n + 1)); });
    const Weight a = reader.read("A_log", 2, 3, false, logarithm);
    REQUIRE(reader.error() == nullptr);
    CHECK(a.isTrainable());
    CHECK(a.toMatrix()(1, 2) == Approx(std::log(3.0)));
    CHECK(reader.read("turned", 2, 3, true, logarithm).toMatrix()(1, 2) == Approx(std::log(2.0)));  // stored [3, 2]
    CHECK(reader.read("dt_bias", 1, 3, false, Init::constant(0.5)).toMatrix() == Matrix::Constant(1, 3, 0.5f));
    const Matrix spread = reader.read("spread", 100, 100, false, Init::uniform(-1, 3)).toMatrix();
    CHECK(spread.minCoeff() >= -1);
    CHECK(spread.maxCoeff() < 3);
    CHECK(spread.mean() == Approx(1).margin(4 * 4 / std::sqrt(12.0) / 100));
    REQUIRE(source.find("model.turned"));
    CHECK(source.find("model.turned")->shape == std::vector<std::int64_t>{3, 2});
}

TEST_CASE("normal numbers have the moments of the normal distribution") {
    Pcg32 random(3);
    constexpr int n = 200000;
    double sums[5] = {};
    for (int i = 0; i < n; ++i) {
        const double x = normalNumber(random);
        for (int k = 1; k <= 4; ++k) sums[k] += std::pow(x, k) / n;
    }
    // Four standard errors of each moment: √(E x²ᵏ − (E xᵏ)²) / √n.
    CHECK(std::abs(sums[1]) < 4 * 1 / std::sqrt(n));
    CHECK(std::abs(sums[2] - 1) < 4 * std::sqrt(2.0 / n));
    CHECK(std::abs(sums[3]) < 4 * std::sqrt(15.0 / n));
    CHECK(std::abs(sums[4] - 3) < 4 * std::sqrt(96.0 / n));
}
