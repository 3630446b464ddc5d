#include "core/models/mamba2.h"

#include "core/models/parts/mamba.h"
#include "core/models/stack_builder.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace lw {

namespace {

// A bound of time_step_limit: a number, or infinity as configurations write it.
std::optional<double> bound(const nlohmann::json& value) {
    if (value.is_number()) return value.get<double>();
    const auto word = value.is_string()   ? value
                      : value.is_object() ? value.value("__float__", nlohmann::json())
                                          : nlohmann::json();
    if (word == "Infinity" || word == "inf") return std::numeric_limits<double>::infinity();
    return std::nullopt;
}

void readStepLimit(ConfigReader& config, Mamba2Shape& shape) {
    const nlohmann::json* limit = config.any("time_step_limit");
    if (!limit) return;
    const auto least = limit->is_array() && limit->size() == 2 ? bound((*limit)[0]) : std::nullopt;
    const auto most = least ? bound((*limit)[1]) : std::nullopt;
    if (!most || *least > *most) {
        return config.refuse(
            ErrorKind::BadFormat,
            fmt::format("{}: time_step_limit must be two numbers, the smaller first; found {}.", config.where(), limit->dump()),
            "time_step_limit");
    }
    shape.leastStep = *least;
    shape.mostStep = *most;
}

Result<Built> build(const BuildRequest& request) {
    ConfigReader config(request.config, request.configWhere);
    config.text("model_type", "mamba2");
    auto info = std::make_shared<ModelInfo>();
    info->name = request.name;
    info->architecture = "mamba2";
    info->vocabulary = config.integer("vocab_size");
    const int D = info->width = config.integer("hidden_size");
    const int layers = config.integer("num_hidden_layers", {}, 1, 100000);
    info->canGoBeyondContext = true;  // there is no context to go beyond
    info->norm = NormKind::RmsNorm;
    info->normEps = config.number("layer_norm_epsilon", 1e-5, 0, 1);
    info->tiedHead = config.flag("tie_word_embeddings", false);

    Mamba2Shape shape;
    shape.width = D;
    shape.heads = config.integer("num_heads", 128);
    shape.headWidth = config.integer("head_dim", 64);
    shape.stateSize = config.integer("state_size", 128);
    shape.groups = config.integer("n_groups", 8);
    shape.taps = config.integer("conv_kernel", 4);
    shape.bias = config.flag("use_bias", false);
    shape.convBias = config.flag("use_conv_bias", true);
    shape.activation = config.activation("hidden_act", "silu");
    shape.eps = info->normEps;
    readStepLimit(config, shape);
    const int inner = config.integer("expand", 2) * D;
    config.onlyIf("norm_before_gate", false, "the norm before the gate");
    config.onlyIf("rms_norm", true, "a mixer without a norm");
    static constexpr std::array<std::string_view, 9> trainingOnly{
        "rescale_prenorm_residual", "residual_in_fp32", "time_step_floor", "time_step_max",       "time_step_min",
        "time_step_rank",           "chunk_size",       "A_init_range",    "use_associative_scan"};
    config.harmless(trainingOnly);
    config.harmless(harmlessEverywhere());
    if (!config.error() && inner != shape.heads * shape.headWidth) {
        config.refuse(
            ErrorKind::Mismatch,
            fmt::format("{}: {} heads (num_heads) of {} (head_dim) are not the {} channels that expand × hidden_size gives.",
                        config.where(), shape.heads, shape.headWidth, inner),
            "num_heads");
    }
    if (!config.error() && shape.heads % shape.groups != 0) {
        config.refuse(ErrorKind::Mismatch,
                      fmt::format("{}: {} heads (num_heads) cannot be shared among {} groups (n_groups).", config.where(),
                                  shape.heads, shape.groups),
                      "n_groups");
    }
    if (config.error()) return Unexpected(*config.error());

    StackBuilder stack(request, info, "backbone.");
    stack.embedding("embeddings.weight");
    for (int i = 0; i < layers && !stack.failed(); ++i) {
        const std::string at = fmt::format("layers.{}.", i);
        stack.norm(WeightId::Ln1Gain, Layer(i), at + "norm.weight");
        PartReader part = stack.part(Layer(i));
        stack.block(readMamba2(part, at + "mixer.", shape));
    }
    return stack.finish(config, "norm_f.weight");
}

}  // namespace

Architecture mamba2Architecture() {
    static constexpr std::array<std::string_view, 1> types{"mamba2"};
    return {"mamba2", types, {}, "Mamba-2", build, noGguf};
}

}  // namespace lw
