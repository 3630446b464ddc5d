// Configuration (names after flash-linear-attention's where it has them):
//   model_type      linear_attention, retnet, gla, delta_net, gated_delta_net: every block of that kind; hybrid: layer_types says
//   layer_types     hybrid only: for each block one of those names, mamba, mamba2, s4d, rnn, lstm, gru or attention
//   hidden_size, num_hidden_layers, vocab_size, tie_word_embeddings, norm_eps, intermediate_size (0: no feed-forward part)
//   num_heads, head_dim (of keys), expand_v (values: head_dim × expand_v), conv_size (0: none), use_gate
//   normalize       linear attention: φ = elu + 1 and a normaliser        allow_neg_eigval  DeltaNet: β up to 2
//   num_kv_heads, rope_theta (attention, RetNet)                          state_size, expand (Mamba, Mamba-2, S4D)
//   time_step_rank (Mamba)                                                n_groups (Mamba-2; its heads have head_dim channels)
#include "core/models/matrix_memory.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/models/parts/attention.h"
#include "core/models/parts/cell.h"
#include "core/models/parts/mamba.h"
#include "core/models/parts/matrix_memory.h"
#include "core/models/parts/s4d.h"
#include "core/models/stack_builder.h"

namespace lw {

namespace {

struct KindOfBlock {
    std::string_view name, what;
    MixerKind kind;
};
constexpr std::array<KindOfBlock, 12> kinds{{{"linear_attention", "linear attention", MixerKind::LinearAttention},
                                             {"retnet", "RetNet", MixerKind::RetNet},
                                             {"gla", "gated linear attention", MixerKind::Gla},
                                             {"delta_net", "DeltaNet", MixerKind::DeltaNet},
                                             {"gated_delta_net", "Gated DeltaNet", MixerKind::GatedDeltaNet},
                                             {"mamba", "Mamba", MixerKind::Mamba},
                                             {"mamba2", "Mamba-2", MixerKind::Mamba2},
                                             {"s4d", "S4D", MixerKind::S4d},
                                             {"rnn", "RNN", MixerKind::Rnn},
                                             {"lstm", "LSTM", MixerKind::Lstm},
                                             {"gru", "GRU", MixerKind::Gru},
                                             {"attention", "attention", MixerKind::None}}};

const KindOfBlock* kindNamed(std::string_view name) {
    const auto at = std::ranges::find(kinds, name, &KindOfBlock::name);
    return at == kinds.end() ? nullptr : &*at;
}

// The kind of each block: the model's own, or for a hybrid as layer_types lists them.
std::vector<const KindOfBlock*> readKinds(ConfigReader& config, const std::string& type, int layers) {
    std::vector<const KindOfBlock*> blocks(static_cast<std::size_t>(std::max(0, layers)), kindNamed(type));
    if (type != "hybrid") return blocks;
    const nlohmann::json* list = config.any("layer_types");
    if (!list || !list->is_array() || list->size() != blocks.size()) {
        config.refuse(ErrorKind::Mismatch,
                      fmt::format("{}: layer_types must list one kind for each of the {} layers.", config.where(), layers),
                      "layer_types");
        return blocks;
    }
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const nlohmann::json& item = (*list)[i];
        blocks[i] = item.is_string() ? kindNamed(item.get<std::string>()) : nullptr;
        if (blocks[i]) continue;
        std::vector<std::string_view> names;
        for (const KindOfBlock& kind : kinds) names.push_back(kind.name);
        config.refuse(ErrorKind::Unsupported,
                      fmt::format("{}: layer_types asks for {} in layer {}; known are {}.", config.where(), item.dump(), i,
                                  fmt::join(names, ", ")),
                      "layer_types");
    }
    return blocks;
}

std::vector<double> frequenciesOf(double theta, int headWidth) {
    std::vector<double> frequencies(static_cast<std::size_t>(headWidth / 2));
    for (std::size_t i = 0; i < frequencies.size(); ++i)
        frequencies[i] = std::pow(theta, -2.0 * static_cast<double>(i) / headWidth);
    return frequencies;
}

// The state-space systems among the blocks; those that the model does not use stay empty.
struct Scans {
    MambaShape mamba;
    Mamba2Shape mamba2;
    S4dShape s4d;
};

template <typename Uses>
Scans readScans(ConfigReader& config, const MatrixMemoryShape& memory, const Uses& uses, int taps) {
    const int D = memory.width, headWidth = std::max(1, memory.keyWidth);
    const int inner = config.integer("expand", 2) * D, stateSize = config.integer("state_size", 16);
    Scans scans;
    if (uses({"mamba"}))
        scans.mamba = {.width = D,
                       .inner = inner,
                       .stateSize = stateSize,
                       .rank = config.integer("time_step_rank", (D + 15) / 16),
                       .taps = taps};
    if (uses({"mamba2"})) {
        const int groups = std::max(1, config.integer("n_groups", 1));
        scans.mamba2 = {.width = D,
                        .heads = inner / headWidth,
                        .headWidth = headWidth,
                        .stateSize = stateSize,
                        .groups = groups,
                        .taps = taps,
                        .eps = memory.eps};
        if (!config.error() && (inner % headWidth != 0 || scans.mamba2.heads % groups != 0))
            config.refuse(
                ErrorKind::Mismatch,
                fmt::format("{}: Mamba-2's {} channels (expand × hidden_size) are not heads of {} (head_dim) in {} equal "
                            "groups (n_groups).",
                            config.where(), inner, headWidth, groups),
                "n_groups");
    }
    if (uses({"s4d"})) {
        scans.s4d = {.width = D, .inner = inner, .poles = stateSize / 2};
        if (!config.error() && stateSize % 2 != 0)
            config.refuse(ErrorKind::Mismatch,
                          fmt::format("{}: state_size is {}; S4D's complex numbers count as two, so it must be even.",
                                      config.where(), stateSize),
                          "state_size");
    }
    return scans;
}

AttentionPartShape readAttentionShape(ConfigReader& config, const MatrixMemoryShape& memory, double theta) {
    AttentionPartShape attention;
    attention.width = memory.width;
    attention.heads = memory.heads;
    attention.kvHeads = config.integer("num_kv_heads", memory.heads);
    attention.headWidth = memory.keyWidth;
    attention.frequencies = frequenciesOf(theta, memory.keyWidth);
    if (!config.error() && (attention.heads % attention.kvHeads != 0 || attention.headWidth % 2 != 0))
        config.refuse(
            ErrorKind::Mismatch,
            fmt::format("{}: {} heads (num_heads) cannot be shared among {} key/value heads (num_kv_heads), or a head of {} "
                        "(head_dim) is odd.",
                        config.where(), attention.heads, attention.kvHeads, attention.headWidth),
            "num_kv_heads");
    return attention;
}

Result<Built> build(const BuildRequest& request) {
    ConfigReader config(request.config, request.configWhere);
    const std::string type = config.text("model_type");
    auto info = std::make_shared<ModelInfo>();
    info->name = request.name;
    info->architecture = type;
    info->vocabulary = config.integer("vocab_size");
    const int D = info->width = config.integer("hidden_size");
    const int layers = config.integer("num_hidden_layers", {}, 1, 100000);
    info->canGoBeyondContext = true;
    info->norm = NormKind::RmsNorm;
    info->normEps = config.number("norm_eps", 1e-5, 0, 1);
    info->tiedHead = config.flag("tie_word_embeddings", false);
    const std::vector<const KindOfBlock*> blocks = readKinds(config, type, layers);
    const auto uses = [&](std::initializer_list<std::string_view> names) {
        return std::ranges::any_of(blocks,
                                   [&](const KindOfBlock* b) { return b && std::ranges::find(names, b->name) != names.end(); });
    };

    MatrixMemoryShape memory;
    memory.width = D;
    memory.heads = config.integer("num_heads", 4);
    memory.keyWidth = config.integer("head_dim", std::max(1, D / std::max(1, memory.heads)), 1, 1 << 20);
    memory.valueWidth =
        std::max(1, static_cast<int>(memory.keyWidth * config.number("expand_v", uses({"retnet"}) ? 2 : 1, 0.01, 100)));
    memory.eps = info->normEps;
    // Those that are made with a convolution have four taps; where there are none of them the others may have one too.
    const bool convolved = uses({"delta_net", "gated_delta_net", "mamba", "mamba2"});
    const bool mayBe = !convolved && uses({"linear_attention", "retnet", "gla"});
    const int taps = convolved || mayBe ? config.integer("conv_size", convolved ? 4 : 0, 0, 64) : 0;
    const bool gate = config.flag("use_gate", uses({"retnet", "gla", "gated_delta_net"}));
    const bool normalised = uses({"linear_attention"}) && config.flag("normalize", true);
    const bool negative = uses({"delta_net", "gated_delta_net"}) && config.flag("allow_neg_eigval", false);
    const double theta = uses({"retnet", "attention"}) ? config.number("rope_theta", 10000, 1e-6, 1e15) : 0;
    if (uses({"gla"})) memory.decayRank = config.integer("gate_low_rank_dim", 16);

    const Scans scans = uses({"mamba", "mamba2", "s4d"}) ? readScans(config, memory, uses, std::max(1, taps)) : Scans{};
    const AttentionPartShape attention = uses({"attention"}) ? readAttentionShape(config, memory, theta) : AttentionPartShape{};
    const FeedForwardShape feedForward{D, config.integer("intermediate_size", 0, 0), config.activation("hidden_act", "silu")};
    info->context = config.integer("max_position_embeddings", 0, 0);
    config.harmless(harmlessEverywhere());
    if (config.error()) return Unexpected(*config.error());

    StackBuilder stack(request, info, "model.");
    stack.embedding("embeddings.weight");
    for (int i = 0; i < layers && !stack.failed(); ++i) {
        const std::string at = fmt::format("layers.{}.", i);
        const KindOfBlock& kind = *blocks[static_cast<std::size_t>(i)];
        stack.norm(WeightId::Ln1Gain, Layer(i), at + "attn_norm.weight");
        PartReader part = stack.part(Layer(i));
        std::unique_ptr<Mixer> mixer;
        if (kind.kind == MixerKind::Mamba) {
            mixer = readMamba(part, at + "attn.", scans.mamba);
        } else if (kind.kind == MixerKind::Mamba2) {
            mixer = readMamba2(part, at + "attn.", scans.mamba2);
        } else if (kind.kind == MixerKind::S4d) {
            mixer = readS4d(part, at + "attn.", scans.s4d);
        } else if (kind.kind == MixerKind::Rnn || kind.kind == MixerKind::Lstm || kind.kind == MixerKind::Gru) {
            mixer = readCell(part, at + "attn.", kind.kind, D);
        } else if (kind.kind == MixerKind::None) {
            mixer = readAttention(part, at + "attn.", attention);
        } else {
            MatrixMemoryShape shape = memory;
            const bool delta = kind.kind == MixerKind::DeltaNet || kind.kind == MixerKind::GatedDeltaNet;
            shape.kind = kind.kind;
            shape.taps = delta || mayBe ? taps : 0;
            shape.normalised = kind.kind == MixerKind::LinearAttention && normalised;
            shape.outputGate = gate && kind.kind != MixerKind::LinearAttention && kind.kind != MixerKind::DeltaNet;
            shape.mostBeta = negative ? 2 : 1;
            if (kind.kind == MixerKind::RetNet) shape.frequencies = frequenciesOf(theta, shape.keyWidth);
            mixer = readMatrixMemory(part, at + "attn.", shape);
        }
        std::unique_ptr<FeedForward> second;
        if (feedForward.inner > 0) {
            stack.norm(WeightId::Ln2Gain, Layer(i), at + "mlp_norm.weight");
            second = readGatedFeedForward(part, at + "mlp.", feedForward);
        }
        stack.block(std::move(mixer), std::move(second));
    }
    return stack.finish(config, "norm.weight", 0, attention.frequencies);
}

}  // namespace

std::vector<Architecture> matrixMemoryArchitectures() {
    static constexpr std::array<std::array<std::string_view, 1>, 6> types{
        {{"linear_attention"}, {"retnet"}, {"gla"}, {"delta_net"}, {"gated_delta_net"}, {"hybrid"}}};
    static constexpr std::array<std::string_view, 6> what{
        "linear attention", "RetNet",         "gated linear attention",
        "DeltaNet",         "Gated DeltaNet", "hybrids of these, state-space models, cells and attention"};
    std::vector<Architecture> rows;
    for (std::size_t i = 0; i < types.size(); ++i) rows.push_back({types[i][0], types[i], {}, what[i], build, noGguf});
    return rows;
}

}  // namespace lw
