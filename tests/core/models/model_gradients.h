// New models made from a configuration, and their gradients against finite differences of the loss.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/models/init.h"
#include "core/models/registry.h"
#include "core/nn/cross_entropy.h"
#include "core/run.h"
#include "tests/catch.h"

namespace lw::test {

inline std::shared_ptr<const Model> makeModel(const nlohmann::json& config, bool trainable = false, std::uint64_t seed = 3) {
    const InitSource source(seed, config, "new model");
    const Architecture* architecture = findByModelType(config["model_type"].get<std::string>());
    REQUIRE(architecture);
    const auto built = architecture->build({config, source, "new", "config.json", false, trainable});
    if (!built) FAIL(built.error().message);
    CHECK(built->warnings.empty());
    return built->model;
}

/// d loss / d every parameter (at most 12 entries each), within `tolerance` of the parameter's largest gradient.
inline void checkModelGradients(const nlohmann::json& config, const std::vector<TokenId>& ids, double tolerance = 5e-3) {
    const auto model = makeModel(config, true);
    std::vector<TokenId> targets(ids.begin() + 1, ids.end());
    targets.push_back(-1);
    const auto loss = [&] {
        const auto state = model->start();
        const auto logits = model->forward(ids, *state, Tap(), {}, LogitRows::All);
        REQUIRE(logits);
        return nn::crossEntropy(*logits, targets);
    };
    // In double, since float's rounding would hide small slopes.
    const auto lossValue = [&] {
        const auto state = model->start();
        const auto logits = model->forward(ids, *state, Tap(), {}, LogitRows::All);
        double sum = 0;
        for (std::size_t t = 0; t + 1 < ids.size(); ++t) {
            const RowVectorD row = logits->value().row(static_cast<Eigen::Index>(t)).cast<double>();
            const double most = row.maxCoeff();
            sum += most + std::log((row.array() - most).exp().sum()) - row(targets[t]);
        }
        return sum / static_cast<double>(ids.size() - 1);
    };
    loss().backward(Matrix::Ones(1, 1));
    int compared = 0;
    for (const Parameter& parameter : model->parameters()) {
        for (const Weight& weight : parameter.weights) {
            CAPTURE(parameter.name);
            const Matrix grad = weight.leaf().grad();
            REQUIRE(grad.size() == weight.rows() * weight.cols());
            const double largest = std::max(1e-4, static_cast<double>(grad.cwiseAbs().maxCoeff()));
            const Eigen::Index stride = std::max<Eigen::Index>(1, grad.size() / 12);
            double worst = 0;
            for (Eigen::Index i = 0; i < grad.size(); i += stride) {
                float& x = weight.leaf().leafValue().data()[i];
                const float kept = x;
                double difference = INFINITY;
                // A short step where the loss bends, a long one where float's rounding of the logits drowns a small slope.
                for (const float step : {1e-2f, 5e-2f}) {
                    const float h = step * std::max(1.0f, std::abs(kept) * 0.5f);
                    const auto at = [&](float offset) {
                        x = kept + offset;
                        return lossValue();
                    };
                    const double slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12.0 * h);
                    difference = std::min(difference, std::abs(slope - grad.data()[i]));
                }
                x = kept;
                worst = std::max(worst, difference);
            }
            INFO("largest difference " << worst << ", largest gradient " << largest);
            CHECK(worst <= tolerance * largest);
            ++compared;
        }
    }
    CHECK(compared > 0);
}

/// Any chunks, and steps from a copied state, give the logits of the whole.
inline void checkChunks(const Model& model, const std::vector<TokenId>& ids, double tolerance = 1e-5) {
    const auto all = [&](int chunk) {
        const auto result = run(model, ids, CaptureSpec::none(), {.chunk = chunk});
        if (!result) FAIL(result.error().message);
        return result->trace->matrix(SiteId::Logits);
    };
    const Matrix whole = all(0);
    const double size = whole.cwiseAbs().maxCoeff();
    for (const int chunk : {1, 3}) CHECK((all(chunk) - whole).cwiseAbs().maxCoeff() <= tolerance * size);
    const auto state = model.start();
    const std::size_t half = ids.size() / 2;
    REQUIRE(model.forward(std::span(ids).first(half), *state, Tap(), {}, LogitRows::Last));
    const auto copy = state->clone();
    const TokenId other = ids[half] == 0 ? 1 : 0;
    REQUIRE(model.forward(std::span(&other, 1), *state, Tap(), {}, LogitRows::Last));  // does not touch the copy
    const auto rest = model.forward(std::span(ids).subspan(half), *copy, Tap(), {}, LogitRows::All);
    REQUIRE(rest);
    CHECK((rest->value() - whole.bottomRows(rest->rows())).cwiseAbs().maxCoeff() <= tolerance * size);
    CHECK(copy->length() == static_cast<int>(ids.size()));
}

}  // namespace lw::test
