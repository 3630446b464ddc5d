// Configuration: model_type s4d; vocab_size, hidden_size, num_hidden_layers, expand or intermediate_size, layer_norm_epsilon,
// tie_word_embeddings as Mamba has them; state_size: numbers a channel keeps (a complex one counts as two); complex (true);
// discretization: "zoh" or "bilinear".
// Tensors: embeddings.weight, layers.{i}.norm.weight, layers.{i}.mixer.…, norm_f.weight.
#include "core/models/s4d.h"

#include <array>

#include <fmt/format.h>

#include "core/models/parts/s4d.h"
#include "core/models/stack_builder.h"

namespace lw {

namespace {

Result<Built> build(const BuildRequest& request) {
    ConfigReader config(request.config, request.configWhere);
    config.text("model_type", "s4d");
    auto info = std::make_shared<ModelInfo>();
    info->name = request.name;
    info->architecture = "s4d";
    info->vocabulary = config.integer("vocab_size");
    const int D = info->width = config.integer("hidden_size");
    const int layers = config.integer("num_hidden_layers", {}, 1, 100000);
    info->canGoBeyondContext = true;  // there is no context to go beyond
    info->norm = NormKind::RmsNorm;
    info->normEps = config.number("layer_norm_epsilon", 1e-5, 0, 1);
    info->tiedHead = config.flag("tie_word_embeddings", true);

    S4dShape shape;
    shape.width = D;
    shape.inner = config.integer("intermediate_size", config.integer("expand", 2) * D);
    shape.complex = config.flag("complex", true);
    const int stateSize = config.integer("state_size", 16);
    if (shape.complex && stateSize % 2 != 0)
        config.refuse(
            ErrorKind::Mismatch,
            fmt::format("{}: state_size is {}; complex numbers count as two, so it must be even.", config.where(), stateSize),
            "state_size");
    shape.poles = shape.complex ? stateSize / 2 : stateSize;
    const std::string rule = config.text("discretization", "zoh");
    shape.rule = rule == "bilinear" ? Discretisation::Bilinear : Discretisation::ZeroOrderHold;
    if (rule != "zoh" && rule != "bilinear")
        config.refuse(ErrorKind::Unsupported,
                      fmt::format("{}: discretization is “{}”; expected zoh or bilinear.", config.where(), rule),
                      "discretization");
    config.harmless(harmlessEverywhere());
    if (config.error()) return Unexpected(*config.error());

    StackBuilder stack(request, info, "");
    stack.embedding("embeddings.weight");
    for (int i = 0; i < layers && !stack.failed(); ++i) {
        const std::string at = fmt::format("layers.{}.", i);
        stack.norm(WeightId::Ln1Gain, Layer(i), at + "norm.weight");
        PartReader part = stack.part(Layer(i));
        stack.block(readS4d(part, at + "mixer.", shape));
    }
    return stack.finish(config, "norm_f.weight");
}

}  // namespace

Architecture s4dArchitecture() {
    static constexpr std::array<std::string_view, 1> types{"s4d"};
    return {"s4d", types, {}, "S4D", build, noGguf};
}

}  // namespace lw
