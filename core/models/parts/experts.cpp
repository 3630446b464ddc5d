// Experts: each token is sent to a few feed-forward layers out of many.
#include <algorithm>
#include <cassert>
#include <numeric>

#include <fmt/format.h>

#include "core/models/parts/feed_forward.h"
#include "core/nn/activation.h"
#include "core/nn/add.h"
#include "core/nn/expert_routing.h"
#include "core/nn/gates.h"
#include "core/nn/linear.h"

namespace lw {

namespace {

// One expert's weights.
struct Expert {
    Weight gate, up, down;

    static Expert read(PartReader& r, const std::string& prefix, int width, int inner) {
        return {r.takeUnnamed(prefix + "gate_proj.weight", inner, width), r.takeUnnamed(prefix + "up_proj.weight", inner, width),
                r.takeUnnamed(prefix + "down_proj.weight", width, inner)};
    }
    Tensor forward(const Tensor& x, Activation activation) const {
        return nn::linear(nn::multiply(nn::activate(nn::linear(x, gate), activation), nn::linear(x, up)), down);
    }
};

class Experts : public FeedForward {
public:
    Experts(PartReader& r, const std::string& prefix, const ExpertsShape& shape) : m_shape(shape) {
        const int D = shape.expert.width;
        m_router = r.take(WeightId::Router, prefix + shape.router + "weight", shape.experts, D);
        for (int j = 0; j < shape.experts && !r.failed(); ++j)
            m_experts.push_back(Expert::read(r, fmt::format("{}experts.{}.", prefix, j), D, shape.expert.inner));
        if (shape.sharedInner == 0 || r.failed()) return;
        m_shared = Expert::read(r, prefix + "shared_expert.", D, shape.sharedInner);
        m_sharedGate = r.takeUnnamed(prefix + "shared_expert_gate.weight", 1, D);
    }

    void describe(BlockInfo& block) const override {
        block.mlp = {m_shape.expert.inner, true, m_shape.expert.activation, m_shape.experts, m_shape.chosen, m_shape.normalised};
    }

    Tensor forward(const Tensor& x, const PartPlace& at) const override {
        const Tensor weights = nn::chooseExperts(nn::linear(x, m_router), m_shape.chosen, m_shape.normalised);  // [T, experts]
        at.tap.show(SiteId::ExpertWeights, at.layer, weights);
        Tensor sum;
        for (int j = 0; j < m_shape.experts; ++j) {
            const std::vector<int> rows = nn::rowsOfExpert(weights, j);
            if (rows.empty()) continue;
            const Tensor out = m_experts[static_cast<std::size_t>(j)].forward(nn::takeRows(x, rows), m_shape.expert.activation);
            const Tensor placed =
                nn::placeRows(nn::scaleHeads(out, nn::takeRows(nn::columns(weights, j, 1), rows)), rows, x.rows());
            sum = sum.defined() ? nn::add(sum, placed) : placed;
        }
        if (!m_sharedGate.defined()) return sum;
        const Tensor shared = m_shared.forward(x, m_shape.expert.activation);
        return nn::add(sum, nn::scaleHeads(shared, nn::sigmoid(nn::linear(x, m_sharedGate))));
    }

private:
    ExpertsShape m_shape;
    Weight m_router, m_sharedGate;
    std::vector<Expert> m_experts;
    Expert m_shared;
};

}  // namespace

std::unique_ptr<FeedForward> readExperts(PartReader& reader, const std::string& prefix, const ExpertsShape& shape) {
    return std::make_unique<Experts>(reader, prefix, shape);
}

}  // namespace lw
