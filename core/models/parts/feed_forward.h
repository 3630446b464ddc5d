// A block's second part: what is computed for each position by itself.
#pragma once

#include "core/models/parts/mixer.h"
#include "core/models/parts/part_reader.h"

namespace lw {

class FeedForward {
public:
    virtual ~FeedForward() = default;
    virtual void describe(BlockInfo& block) const = 0;
    /// x [T, D] → what is added to the stream [T, D].
    virtual Tensor forward(const Tensor& x, const PartPlace& at) const = 0;
};

struct FeedForwardShape {
    int width = 0, inner = 0;  // D, M
    Activation activation = Activation::Silu;
};

/// Gated: down(act(gate(x)) ⊙ up(x)); the tensors gate_proj, up_proj and down_proj below `prefix`, without biases.
std::unique_ptr<FeedForward> readGatedFeedForward(PartReader& reader, const std::string& prefix, const FeedForwardShape& shape);

struct ExpertsShape {
    FeedForwardShape expert;
    int experts = 0, chosen = 0;     // of so many, so many are run for each token
    bool normalised = false;         // the chosen weights are divided by their sum
    int sharedInner = 0;             // > 0: one more expert for every token, let through by a sigmoid gate
    std::string router = "router.";  // name of the router's tensor: "router." or "gate."
};
/// A router's softmax over all experts chooses the most probable for each token and weighs what they add.
/// Tensors: {router}weight, experts.{j}.(gate|up|down)_proj.weight; shared_expert.… and shared_expert_gate.weight.
/// Source: Shazeer et al. 2017; Jamba (Lieber et al. 2024); Qwen3-Next's release.
std::unique_ptr<FeedForward> readExperts(PartReader& reader, const std::string& prefix, const ExpertsShape& shape);

}  // namespace lw
