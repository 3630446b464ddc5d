// New models made from a configuration, and their gradients against finite differences of the loss.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/analysis/double_run.h"
#include "core/models/init.h"
#include "core/models/registry.h"
#include "core/nn/cross_entropy.h"
#include "core/run.h"
#include "tests/catch.h"
#include "tests/worst.h"

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

/// A forward pass in double: all logits [T, V].
using DoubleForward = std::function<MatrixD(const Model& model, const std::vector<TokenId>& ids)>;

/// The second implementation of the forward pass.
inline MatrixD logitsInDouble(const Model& model, const std::vector<TokenId>& ids) {
    MatrixD logits;
    const auto see = [&](const DoubleSite& site) {
        if (site.site == SiteId::Logits) logits = site.value;
        return true;
    };
    if (const auto ran = doubleRun(model, {.ids = ids, .see = see}); !ran) FAIL(ran.error().message);
    return logits;
}

/// The mean of −ln p of every token but the first.
inline double lossOf(const MatrixD& logits, const std::vector<TokenId>& ids) {
    double sum = 0;
    for (std::size_t t = 0; t + 1 < ids.size(); ++t) {
        const RowVectorD row = logits.row(static_cast<Eigen::Index>(t));
        const double most = row.maxCoeff();
        sum += most + std::log((row.array() - most).exp().sum()) - row(ids[t + 1]);
    }
    return sum / static_cast<double>(ids.size() - 1);
}

/// d loss / d every number of every parameter, within `tolerance` of the parameter's largest gradient against central differences
/// of the loss in double.
inline void checkModelGradients(const nlohmann::json& config, const std::vector<TokenId>& ids, double tolerance = 3e-5,
                                const DoubleForward& forward = logitsInDouble) {
    const auto model = makeModel(config, true);
    std::vector<TokenId> targets(ids.begin() + 1, ids.end());
    targets.push_back(-1);
    const auto state = model->start();
    const auto logits = model->forward(ids, *state, Tap(), {}, LogitRows::All);
    REQUIRE(logits);
    const Tensor loss = nn::crossEntropy(*logits, targets);
    CHECK(static_cast<double>(loss.value()(0, 0)) == Approx(lossOf(forward(*model, ids), ids)).epsilon(1e-5));
    loss.backward(Matrix::Ones(1, 1));
    int compared = 0;
    for (const Parameter& parameter : model->parameters()) {
        for (const Weight& weight : parameter.weights) {
            CAPTURE(parameter.name);
            const Matrix grad = weight.leaf().grad();
            REQUIRE(grad.size() == weight.rows() * weight.cols());
            const double largest = static_cast<double>(grad.cwiseAbs().maxCoeff());
            double worst = 0;
            for (Eigen::Index i = 0; i < grad.size(); ++i) {
                float& x = weight.leaf().leafValue().data()[i];
                const float kept = x;
                const auto at = [&](float value) {
                    x = value;
                    return lossOf(forward(*model, ids), ids);
                };
                const float up = kept + 1e-5f, down = kept - 1e-5f;  // as they come out in float
                const double slope = (at(up) - at(down)) / (static_cast<double>(up) - static_cast<double>(down));
                x = kept;
                widen(worst, std::abs(slope - static_cast<double>(grad.data()[i])));
            }
            INFO("largest difference " << worst << ", largest gradient " << largest);
            CHECK(largest > 0);
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
