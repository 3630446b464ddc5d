// Source: Lieber et al. 2024 and the layout of its release: attention in every attn_layer_period-th block, Mamba in the others,
// experts in every expert_layer_period-th. No positions are encoded: Mamba's scan knows the order.
#include "core/models/jamba.h"

#include "core/models/parts/attention.h"
#include "core/models/parts/mamba.h"
#include "core/models/stack_builder.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace lw {

namespace {

Result<Built> build(const BuildRequest& request) {
    ConfigReader config(request.config, request.configWhere);
    config.text("model_type", "jamba");
    auto info = std::make_shared<ModelInfo>();
    info->name = request.name;
    info->architecture = "jamba";
    info->vocabulary = config.integer("vocab_size");
    const int D = info->width = config.integer("hidden_size");
    const int layers = config.integer("num_hidden_layers", {}, 1, 100000);
    info->context = config.integer("max_position_embeddings", 262144);
    info->canGoBeyondContext = true;
    info->norm = NormKind::RmsNorm;
    info->normEps = config.number("rms_norm_eps", 1e-6, 0, 1);
    info->tiedHead = config.flag("tie_word_embeddings", false);

    AttentionPartShape attention;
    attention.width = D;
    attention.heads = config.integer("num_attention_heads", 32);
    attention.kvHeads = config.integer("num_key_value_heads", attention.heads);
    attention.headWidth = std::max(1, D / std::max(1, attention.heads));
    const int attentionPeriod = config.integer("attn_layer_period", 8),
              attentionOffset = config.integer("attn_layer_offset", 4, 0);

    MambaShape mamba;
    mamba.width = D;
    mamba.inner = config.integer("mamba_expand", 2) * D;
    mamba.stateSize = config.integer("mamba_d_state", 16);
    mamba.taps = config.integer("mamba_d_conv", 4);
    const nlohmann::json* rank = config.any("mamba_dt_rank");
    mamba.rank = rank && rank->is_number() ? config.integer("mamba_dt_rank") : (D + 15) / 16;  // "auto"
    mamba.bias = config.flag("mamba_proj_bias", false);
    mamba.convBias = config.flag("mamba_conv_bias", true);
    mamba.innerNormEps = info->normEps;
    mamba.activation = config.activation("hidden_act", "silu");

    const FeedForwardShape dense{D, config.integer("intermediate_size"), mamba.activation};
    ExpertsShape experts;
    experts.expert = dense;
    experts.experts = config.integer("num_experts", 16);
    experts.chosen = config.integer("num_experts_per_tok", 2);
    const int expertPeriod = config.integer("expert_layer_period", 2), expertOffset = config.integer("expert_layer_offset", 1, 0);
    config.onlyIf("sliding_window", nullptr, "a sliding window");
    static constexpr std::array<std::string_view, 8> trainingOnly{
        "attention_dropout",  "output_router_logits", "router_aux_loss_coef", "use_mamba_kernels",
        "num_logits_to_keep", "use_associative_scan", "use_mambapy",          "layers_block_type"};
    config.harmless(trainingOnly);
    config.harmless(harmlessEverywhere());
    if (!config.error() && (D % attention.heads != 0 || attention.heads % attention.kvHeads != 0)) {
        config.refuse(ErrorKind::Mismatch,
                      fmt::format("{}: hidden_size {} cannot be divided among {} heads (num_attention_heads), or they cannot be "
                                  "shared among {} key/value heads (num_key_value_heads).",
                                  config.where(), D, attention.heads, attention.kvHeads),
                      "num_attention_heads");
    }
    if (!config.error() && experts.chosen > experts.experts) {
        config.refuse(ErrorKind::Mismatch,
                      fmt::format("{}: num_experts_per_tok {} is more than the {} experts (num_experts).", config.where(),
                                  experts.chosen, experts.experts),
                      "num_experts_per_tok");
    }
    if (config.error()) return Unexpected(*config.error());

    StackBuilder stack(request, info, "model.");
    stack.embedding("embed_tokens.weight");
    for (int i = 0; i < layers && !stack.failed(); ++i) {
        const std::string at = fmt::format("layers.{}.", i);
        const bool attends = i % attentionPeriod == attentionOffset;
        const bool routed = experts.experts > 1 && i % expertPeriod == expertOffset;
        stack.norm(WeightId::Ln1Gain, Layer(i), at + "input_layernorm.weight");
        PartReader part = stack.part(Layer(i));
        auto mixer = attends ? readAttention(part, at + "self_attn.", attention) : readMamba(part, at + "mamba.", mamba);
        stack.norm(WeightId::Ln2Gain, Layer(i), at + "pre_ff_layernorm.weight");
        auto feedForward =
            routed ? readExperts(part, at + "feed_forward.", experts) : readGatedFeedForward(part, at + "feed_forward.", dense);
        stack.block(std::move(mixer), std::move(feedForward));
    }
    return stack.finish(config, "final_layernorm.weight");
}

}  // namespace

Architecture jambaArchitecture() {
    static constexpr std::array<std::string_view, 1> types{"jamba"};
    return {"jamba", types, {}, "Jamba: attention and Mamba blocks, experts", build, noGguf};
}

}  // namespace lw
