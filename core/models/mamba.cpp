#include "core/models/mamba.h"

#include "core/models/parts/mamba.h"
#include "core/models/stack_builder.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace lw {

namespace {

Result<Built> build(const BuildRequest& request) {
    ConfigReader config(request.config, request.configWhere);
    config.text("model_type", "mamba");
    auto info = std::make_shared<ModelInfo>();
    info->name = request.name;
    info->architecture = "mamba";
    info->vocabulary = config.integer("vocab_size");
    const int D = info->width = config.integer("hidden_size");
    const int layers = config.integer("num_hidden_layers", {}, 1, 100000);
    info->canGoBeyondContext = true;  // there is no context to go beyond
    info->norm = NormKind::RmsNorm;
    info->normEps = config.number("layer_norm_epsilon", 1e-5, 0, 1);
    info->tiedHead = config.flag("tie_word_embeddings", true);

    MambaShape shape;
    shape.width = D;
    shape.inner = config.integer("intermediate_size", config.integer("expand", 2) * D);
    shape.stateSize = config.integer("state_size", 16);
    shape.taps = config.integer("conv_kernel", 4);
    const nlohmann::json* rank = config.any("time_step_rank");
    shape.rank = rank && rank->is_number() ? config.integer("time_step_rank") : (D + 15) / 16;  // "auto"
    shape.bias = config.flag("use_bias", false);
    shape.convBias = config.flag("use_conv_bias", true);
    shape.activation = config.activation("hidden_act", "silu");
    static constexpr std::array<std::string_view, 9> trainingOnly{
        "rescale_prenorm_residual", "residual_in_fp32",     "time_step_floor",
        "time_step_init_scheme",    "time_step_max",        "time_step_min",
        "time_step_scale",          "use_associative_scan", "use_mambapy"};
    config.harmless(trainingOnly);
    config.harmless(harmlessEverywhere());
    if (config.error()) return Unexpected(*config.error());

    StackBuilder stack(request, info, "backbone.");
    stack.embedding("embeddings.weight");
    for (int i = 0; i < layers && !stack.failed(); ++i) {
        const std::string at = fmt::format("layers.{}.", i);
        stack.norm(WeightId::Ln1Gain, Layer(i), at + "norm.weight");
        PartReader part = stack.part(Layer(i));
        stack.block(readMamba(part, at + "mixer.", shape));
    }
    return stack.finish(config, "norm_f.weight");
}

}  // namespace

Architecture mambaArchitecture() {
    static constexpr std::array<std::string_view, 1> types{"mamba"};
    return {"mamba", types, {}, "Mamba", build, noGguf};
}

}  // namespace lw
