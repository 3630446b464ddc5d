// Source: the layout of its release: layer_types says which blocks attend; norm gains are stored minus one; a quarter of each
// head is rotated; every token also goes through a shared expert.
#include "core/models/qwen3_next.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/models/parts/attention.h"
#include "core/models/parts/matrix_memory.h"
#include "core/models/rope_config.h"
#include "core/models/stack_builder.h"

namespace lw {

namespace {

// Which blocks attend: layer_types, or every full_attention_interval-th.
std::vector<bool> readLayerTypes(ConfigReader& config, int layers) {
    std::vector<bool> attends(static_cast<std::size_t>(std::max(0, layers)));
    const int interval = config.integer("full_attention_interval", 4);
    const nlohmann::json* types = config.any("layer_types");
    for (std::size_t i = 0; i < attends.size(); ++i) attends[i] = (static_cast<int>(i) + 1) % std::max(1, interval) == 0;
    if (!types) return attends;
    const bool fits = types->is_array() && types->size() == attends.size();
    for (std::size_t i = 0; i < attends.size() && fits; ++i) {
        const nlohmann::json& type = (*types)[i];
        if (type != "full_attention" && type != "linear_attention") {
            config.refuse(ErrorKind::Unsupported,
                          fmt::format("{}: layer_types asks for {} in layer {}; full_attention and linear_attention are supported.",
                                      config.where(), type.dump(), i),
                          "layer_types");
        }
        attends[i] = type == "full_attention";
    }
    if (!fits) {
        config.refuse(ErrorKind::Mismatch,
                      fmt::format("{}: layer_types must list one kind for each of the {} layers.", config.where(), layers),
                      "layer_types");
    }
    return attends;
}

// mlp_only_layers: blocks with a plain feed-forward layer.
std::vector<int> readPlainLayers(ConfigReader& config) {
    std::vector<int> plain;
    const nlohmann::json* list = config.any("mlp_only_layers");
    if (list && !list->is_array())
        config.refuse(ErrorKind::BadFormat, fmt::format("{}: mlp_only_layers must be a list.", config.where()), "mlp_only_layers");
    for (const nlohmann::json& item : list && list->is_array() ? *list : nlohmann::json::array()) {
        if (item.is_number_integer()) plain.push_back(item.get<int>());
    }
    return plain;
}

Result<Built> build(const BuildRequest& request) {
    ConfigReader config(request.config, request.configWhere);
    config.text("model_type", "qwen3_next");
    auto info = std::make_shared<ModelInfo>();
    info->name = request.name;
    info->architecture = "qwen3_next";
    info->vocabulary = config.integer("vocab_size");
    const int D = info->width = config.integer("hidden_size");
    const int layers = config.integer("num_hidden_layers", {}, 1, 100000);
    info->context = config.integer("max_position_embeddings", 32768);
    info->canGoBeyondContext = true;
    info->norm = NormKind::RmsNorm;
    info->normEps = config.number("rms_norm_eps", 1e-6, 0, 1);
    info->tiedHead = config.flag("tie_word_embeddings", false);
    const Activation activation = config.activation("hidden_act", "silu");

    AttentionPartShape attention;
    attention.width = D;
    attention.heads = config.integer("num_attention_heads", 16);
    attention.kvHeads = config.integer("num_key_value_heads", 2);
    attention.headWidth = config.integer("head_dim", 256, 2, 1 << 20);
    attention.bias = attention.outputBias = config.flag("attention_bias", false);
    attention.headNormEps = info->normEps;
    attention.outputGate = true;

    MatrixMemoryShape memory;
    memory.kind = MixerKind::GatedDeltaNet;
    memory.width = D;
    memory.heads = config.integer("linear_num_value_heads", 32);
    memory.keyWidth = config.integer("linear_key_head_dim", 128);
    memory.valueWidth = config.integer("linear_value_head_dim", 128);
    memory.taps = config.integer("linear_conv_kernel_dim", 4);
    memory.outputGate = true;
    memory.eps = info->normEps;
    const int keyHeads = config.integer("linear_num_key_heads", 16);

    const FeedForwardShape dense{D, config.integer("intermediate_size", 5120), activation};
    ExpertsShape experts;
    experts.expert = {D, config.integer("moe_intermediate_size", 512), activation};
    experts.experts = config.integer("num_experts", 512, 0);
    experts.chosen = config.integer("num_experts_per_tok", 10);
    experts.normalised = config.flag("norm_topk_prob", true);
    experts.sharedInner = config.integer("shared_expert_intermediate_size", 512);
    experts.router = "gate.";
    const int sparseStep = config.integer("decoder_sparse_step", 1);
    const std::vector<bool> attends = readLayerTypes(config, layers);
    const std::vector<int> plain = readPlainLayers(config);
    static constexpr std::array<std::string_view, 4> trainingOnly{"attention_dropout", "output_router_logits",
                                                                  "router_aux_loss_coef", "use_sliding_window"};
    config.onlyIf("use_sliding_window", false, "a sliding window");
    config.harmless(trainingOnly);
    config.harmless(harmlessEverywhere());
    if (!config.error() && attention.heads % attention.kvHeads != 0) {
        config.refuse(ErrorKind::Mismatch,
                      fmt::format("{}: {} query heads (num_attention_heads) cannot be shared among {} key/value heads "
                                  "(num_key_value_heads).",
                                  config.where(), attention.heads, attention.kvHeads),
                      "num_key_value_heads");
    }
    if (!config.error() && memory.heads % keyHeads != 0) {
        config.refuse(ErrorKind::Mismatch,
                      fmt::format("{}: {} value heads (linear_num_value_heads) cannot be shared among {} key heads "
                                  "(linear_num_key_heads).",
                                  config.where(), memory.heads, keyHeads),
                      "linear_num_key_heads");
    }
    if (!config.error() && experts.experts > 0 && experts.chosen > experts.experts) {
        config.refuse(ErrorKind::Mismatch,
                      fmt::format("{}: num_experts_per_tok {} is more than the {} experts (num_experts).", config.where(),
                                  experts.chosen, experts.experts),
                      "num_experts_per_tok");
    }
    if (config.error()) return Unexpected(*config.error());
    attention.frequencies = rotaryFrequencies(config, attention.headWidth, info->context, 0.25);
    if (config.error()) return Unexpected(*config.error());

    StackBuilder stack(request, info, "model.");
    stack.embedding("embed_tokens.weight");
    for (int i = 0; i < layers && !stack.failed(); ++i) {
        const std::string at = fmt::format("layers.{}.", i);
        const bool routed = experts.experts > 0 && (i + 1) % sparseStep == 0 && std::ranges::find(plain, i) == plain.end();
        stack.norm(WeightId::Ln1Gain, Layer(i), at + "input_layernorm.weight");
        PartReader part = stack.part(Layer(i));
        auto mixer = attends[static_cast<std::size_t>(i)] ? readAttention(part, at + "self_attn.", attention)
                                                          : readGroupedGatedDelta(part, at + "linear_attn.", memory, keyHeads);
        stack.norm(WeightId::Ln2Gain, Layer(i), at + "post_attention_layernorm.weight");
        auto feedForward = routed ? readExperts(part, at + "mlp.", experts) : readGatedFeedForward(part, at + "mlp.", dense);
        stack.block(std::move(mixer), std::move(feedForward));
    }
    return stack.finish(config, "norm.weight", 1, attention.frequencies);
}

}  // namespace

Architecture qwen3NextArchitecture() {
    static constexpr std::array<std::string_view, 1> types{"qwen3_next"};
    return {"qwen3_next", types, {}, "Qwen3-Next: Gated DeltaNet and attention blocks, experts", build, noGguf};
}

}  // namespace lw
