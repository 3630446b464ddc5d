// The gradient of every parameter of the reference models, against those computed in double precision elsewhere.
#include "core/nn/cross_entropy.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

namespace {

// A parameter's gradient as the reference stores it. Experts are fused there: [experts, 2M, D] gate over up, [experts, D, M]
// down.
std::vector<float> expectedGradient(const Reference& expected, const std::string& name) {
    for (const std::string prefix : {"", "transformer.", "model.", "backbone."}) {
        if (expected.has("grad." + prefix + name)) return expected.floats("grad." + prefix + name);
    }
    const auto at = name.find("experts.");
    REQUIRE(at != std::string::npos);
    const std::string rest = name.substr(at + 8);
    const auto expert = static_cast<std::size_t>(std::stoi(rest));
    const bool down = rest.find("down_proj") != std::string::npos, up = rest.find("up_proj") != std::string::npos;
    const std::string fused = "grad.model." + name.substr(0, at) + "experts." + (down ? "down_proj" : "gate_up_proj");
    REQUIRE(expected.has(fused));
    const std::vector<float> all = expected.floats(fused);
    const auto experts = static_cast<std::size_t>(expected.file->find(fused)->shape.front());
    const std::size_t each = all.size() / experts, part = down ? each : each / 2;
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(expert * each + (up ? part : 0));
    return {first, first + static_cast<std::ptrdiff_t>(part)};
}

}  // namespace

TEST_CASE("zoo: gradients of every parameter") {
    // As many as the files have tensors.
    const std::vector<std::pair<std::string, int>> families{{"gpt2", 40},   {"llama", 30}, {"mamba", 32},
                                                            {"mamba2", 21}, {"jamba", 75}, {"qwen3_next", 106}};
    for (const auto& [name, parameters] : families) {
        CAPTURE(name);
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
            CAPTURE(parameter.name);
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
                const Matrix& own = w.leaf().grad();
                const bool unused = own.size() == 0 && parameter.name.find("experts.") != std::string::npos;  // never chosen
                REQUIRE((unused || own.size() == w.rows() * w.cols()));
                const Matrix part = unused ? Matrix(Matrix::Zero(w.rows(), w.cols())) : own;
                if (bias) {
                    grad.middleCols(at, w.cols()) = part;
                    at += w.cols();
                } else {
                    grad.middleRows(at, w.rows()) = part;
                    at += w.rows();
                }
            }
            if (parameter.transposed) grad = Matrix(grad.transpose());
            const std::vector<float> want = expectedGradient(expected, parameter.name);
            REQUIRE(static_cast<std::size_t>(grad.size()) == want.size());
            const double difference = relativeDifference(grad.data(), want);
            INFO("difference " << difference << " of the largest value");
            CHECK(difference < 1e-4);
            ++compared;
        }
        CHECK(compared == parameters);
    }
}
