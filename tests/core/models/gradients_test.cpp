// The gradient of every parameter of the reference models, against those computed in double precision elsewhere.
#include "core/nn/cross_entropy.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("zoo: gradients of every parameter") {
    for (const std::string name : {"gpt2", "llama"}) {
        const auto loaded = openModel(zooPath(name), true);
        const Reference expected(zooPath(name) + "/expected.safetensors");
        const std::vector<TokenId> ids = expected.ids("0.input_ids");
        const auto state = loaded->model->start();
        const auto logits = loaded->model->forward(ids, *state, Tap(), {});
        REQUIRE(logits);
        std::vector<TokenId> targets(ids.begin() + 1, ids.end());
        targets.push_back(-1);
        const Tensor loss = nn::crossEntropy(*logits, targets);
        CHECK(loss.value()(0, 0) == Approx(expected.floats("0.loss").front()).epsilon(1e-5));
        loss.backward(Matrix::Ones(1, 1));

        int compared = 0;
        for (const Parameter& parameter : loaded->model->parameters()) {
            const std::string prefix = name == "gpt2" ? "transformer." : parameter.name == "lm_head.weight" ? "" : "model.";
            const std::string gradName = "grad." + prefix + parameter.name;
            CAPTURE(gradName);
            REQUIRE(expected.has(gradName));
            // Parts split by rows are joined again (biases by columns), then turned as they are stored.
            const bool bias = parameter.weights.front().rows() == 1;
            Eigen::Index rows = 0, cols = 0;
            for (const Weight& w : parameter.weights) {
                rows = bias ? 1 : rows + w.rows();
                cols = bias ? cols + w.cols() : w.cols();
            }
            Matrix grad(rows, cols);
            Eigen::Index at = 0;
            for (const Weight& w : parameter.weights) {
                REQUIRE(w.leaf().grad().size() == w.rows() * w.cols());
                if (bias) {
                    grad.middleCols(at, w.cols()) = w.leaf().grad();
                    at += w.cols();
                } else {
                    grad.middleRows(at, w.rows()) = w.leaf().grad();
                    at += w.rows();
                }
            }
            if (parameter.transposed) grad = Matrix(grad.transpose());
            const std::vector<float> want = expected.floats(gradName);
            REQUIRE(static_cast<std::size_t>(grad.size()) == want.size());
            const double difference = relativeDifference(grad.data(), want);
            INFO("difference " << difference << " of the largest value");
            CHECK(difference < 1e-4);
            ++compared;
        }
        CHECK(compared == (name == "gpt2" ? 40 : 30));
    }
}
