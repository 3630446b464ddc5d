// The gradient of a loss with respect to the states before it: against products of Jacobians by hand, and against differences.
#include "core/analysis/state_gradients.h"

#include <cmath>

#include "core/analysis/softmax_stats.h"
#include "core/run.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

namespace {

const std::string characters = std::string(LAYERWALK_TEST_DATA) + "/../../resources/models/lstm-bronte";

}  // namespace

TEST_CASE("An LSTM's last state gets the gradient that its head gives back") {
    const auto loaded = openModel(characters);
    const Model& model = *loaded->model;
    const auto encoded = loaded->tokenizer->encode("It was the best");
    REQUIRE(encoded);
    const std::vector<TokenId> ids = encoded->ids();
    const int last = static_cast<int>(ids.size()) - 1;
    const auto gradients = stateGradients(model, ids, Position(last), 5);
    REQUIRE(gradients);
    REQUIRE(gradients->all.size() == ids.size());
    CHECK(gradients->layers.size() == static_cast<std::size_t>(model.info().layers()));
    for (const double norm : gradients->all) CHECK(norm > 0);

    const auto run = lw::run(model, ids, CaptureSpec::none());
    REQUIRE(run);
    const ConstRow row = run->trace->logits(Position(last));
    const std::span logits(row.data(), static_cast<std::size_t>(row.size()));
    CHECK(gradients->loss == Approx(surprisal(logits, 5)).epsilon(0).margin(1e-5));
    // The top layer's h goes straight into the unembedding: ∂loss/∂h = Uᵀ (p − one-hot).
    const Matrix unembed = model.weight(WeightId::Unembed).toMatrix();
    const std::vector<double> p = softmax(logits);
    double square = 0;
    for (Eigen::Index c = 0; c < unembed.cols(); ++c) {
        double sum = 0;
        for (Eigen::Index v = 0; v < unembed.rows(); ++v)
            sum += double(unembed(v, c)) * (p[static_cast<std::size_t>(v)] - (v == 5 ? 1 : 0));
        square += sum * sum;
    }
    CHECK(gradients->norms.back().back() == Approx(std::sqrt(square)).epsilon(1e-3));
}

TEST_CASE("Over all layers together the squares add up") {
    for (const std::string name : {"mamba", "mamba2", "qwen3_next", "jamba", "layerwalk-rnn", "layerwalk-gru", "layerwalk-lstm",
                                   "layerwalk-linear-attention", "layerwalk-retnet", "layerwalk-gla", "layerwalk-deltanet",
                                   "layerwalk-gated-deltanet", "layerwalk-rwkv7", "layerwalk-s4d", "layerwalk-hybrid"}) {
        CAPTURE(name);
        const auto loaded = openModel(name.starts_with("layerwalk") ? name : zooPath(name));
        const std::vector<TokenId> ids{5, 9, 2, 11, 7, 3};
        const auto gradients = stateGradients(*loaded->model, ids, Position(4), 8);
        REQUIRE(gradients);
        REQUIRE(gradients->all.size() == 5);
        for (std::size_t t = 0; t < 5; ++t) {
            double square = 0;
            for (const auto& layer : gradients->norms) square += layer[t] * layer[t];
            CHECK(gradients->all[t] == Approx(std::sqrt(square)));
            CHECK(gradients->all[t] > 0);
        }
        // What stands after the position has no part in it.
        const auto shorter = stateGradients(*loaded->model, std::span(ids).first(5), Position(4), 8);
        REQUIRE(shorter);
        CHECK(shorter->all == gradients->all);
    }
}

TEST_CASE("Where nothing carries a state, or the place is wrong, it says so") {
    const auto transformer = openModel(zooPath("gpt2"));
    const std::vector<TokenId> ids{5, 9, 2};
    CHECK(stateGradients(*transformer->model, ids, Position(1), 8).error().message.find("carries a state") != std::string::npos);
    const auto mamba = openModel(zooPath("mamba"));
    CHECK(stateGradients(*mamba->model, ids, Position(3), 8).error().message.find("3 tokens") != std::string::npos);
    CHECK_FALSE(stateGradients(*mamba->model, ids, Position(1), mamba->model->info().vocabulary));
    std::stop_source stop;
    stop.request_stop();
    CHECK(stateGradients(*mamba->model, ids, Position(1), 8, {.stop = stop.get_token()}).error().kind == ErrorKind::Cancelled);
}
